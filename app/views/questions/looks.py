"""How the page's own parts look, in the colours of the theme."""

from __future__ import annotations

LOOKS = """<style>
.st-key-reading-list [class*="st-key-row-"] { border-left: 3px solid transparent; padding: 0.3rem 0 0.45rem 0.6rem; }
.st-key-reading-list [class*="st-key-row-chosen"] { border-left-color: var(--st-primary-color); }
.st-key-reading-list [class*="st-key-row-"] + [class*="st-key-row-"] { border-top: 1px solid var(--st-border-color); }
.st-key-reading-list button { justify-content: flex-start; text-align: left; padding: 0; min-height: 0; }
.st-key-reading-list button > div { justify-content: flex-start; }
.st-key-reading-list button p { white-space: normal; text-align: left; line-height: 1.45; display: -webkit-box;
  -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
.st-key-reading-list [data-testid="stCaptionContainer"] p { font-size: 0.8rem; margin: 0; }
.st-key-questions-detail [data-testid="stMarkdownContainer"] .katex-display { overflow-x: auto; overflow-y: hidden; }
@media (max-width: 1150px) {
  .st-key-questions-reading > [data-testid="stHorizontalBlock"],
  .st-key-questions-reading [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"] { flex-wrap: wrap; }
  .st-key-questions-reading > * > [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] { min-width: 100%; }
}
</style>"""
