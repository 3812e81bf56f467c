"""How the page's own parts look, in the colours of the theme."""

from __future__ import annotations

_TINT, _LINE = "color-mix(in srgb, currentColor 7%, transparent)", "color-mix(in srgb, currentColor 14%, transparent)"
LOOKS = f"""<style>
.st-key-reading-list [class*="st-key-row-"] {{ border-bottom: 1px solid {_LINE}; padding: 0.45rem 0.6rem; }}
.st-key-reading-list [class*="st-key-row-chosen"] {{ background: {_TINT}; box-shadow: inset 3px 0 0 currentColor; }}
.st-key-reading-list button {{ justify-content: flex-start; text-align: left; padding: 0; min-height: 0; }}
.st-key-reading-list button > div {{ justify-content: flex-start; }}
.st-key-reading-list button p {{ white-space: normal; text-align: left; line-height: 1.45; display: -webkit-box;
  -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }}
.st-key-reading-list [data-testid="stCaptionContainer"] {{ margin-bottom: 0; }}
.st-key-reading-list [data-testid="stCaptionContainer"] p {{ font-size: 0.8rem; margin: 0.1rem 0 0;
  white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }}
.st-key-questions-detail [data-testid="stMarkdownContainer"] .katex-display {{ overflow-x: auto; overflow-y: hidden; }}
@media (max-width: 1150px) {{
  .st-key-questions-reading [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"] .st-key-reading-list) {{
    flex-wrap: wrap; }}
  [data-testid="stColumn"]:has(.st-key-reading-list), [data-testid="stColumn"]:has(.st-key-questions-detail) {{
    min-width: 100%; }}
  [data-testid="stLayoutWrapper"]:has(> .st-key-reading-list), .st-key-reading-list {{ max-height: 24rem; }}
}}
</style>"""
