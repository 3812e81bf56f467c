"""The report: its numbers against plain Python, hostile names, what a browser would fetch, the same page every time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
import typer
from typer.testing import CliRunner

from engine.errors import InputError
from engine.workspace import Workspace
from graph.commands import graph_commands
from graph.report.figures import Figures, figures
from graph.report.page import render
from graph.report.pictures import spread
from graph.seed import LEVELS
from graph.snapshot import SCHEMAS, Snapshot
from graph.stores import QUESTION_SCHEMA, Questions
from graph.stores.ladybug import LadybugStore, project
from graph.stores.schema import BASES
from skillweave.models import CommandLineModels

HOSTILE = (
    "<script>alert(1)</script>",
    "]]><script>alert(2)</script>",
    r"$\frac{1}{0}$ costs $5",
    '"><img src=x onerror=alert(3)>',
    "</text></svg><iframe src=//evil.example>",
    "%00001% %00000%",
    "\x1b[31mred\u202e",
    "函数 与 方程 😀",
    "<!-- never closed",
    "&lt;b&gt; ' style='fill:red",
    "</style><style>body{display:none}</style>",
    "name " * 60,
)


class Read(HTMLParser):
    """What a browser would make of the page: its elements, its text, and that each is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.open = Counter[str](), list[tuple[str, str, str]](), list[str]()
        self.words, self.figures, self.tables = list[str](), 0, list[list[str]]()
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag != "meta":
            self.open.append(tag)
        if tag == "tr":
            self.tables.append([])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if "table" in self.open and data.strip():
            self.tables[-1].append(data.strip())

    @property
    def text(self) -> str:
        return "".join(self.words)


def _snapshot(names: tuple[str, ...] = HOSTILE, kinds: tuple[str, ...] = ("topic", "knowledge_point")) -> Snapshot:
    random = Random("report")
    nodes = [
        {"id": f"{kinds[i % len(kinds)][0]}{i:02}", "kind": kinds[i % len(kinds)], "name": name, "aliases": [],
         "count": random.randint(1, 9)}
        for i, name in enumerate(names)
    ]  # fmt: skip
    ids = sorted(node["id"] for node in nodes)
    edges = [
        {"source": a, "target": b, "weight": random.randint(1, 4), "kinds": ""}
        for a, b in combinations(ids, 2)
        if random.random() < 0.5
    ]
    mentions = [
        {"seed_id": f"s{i}", "concept_id": node["id"], "kind": node["kind"], "name": f"{node['name']}{again}",
         "level": random.choice((*LEVELS, "")), "subject": ""}
        for i, node in enumerate(nodes)
        for again in range(2)
    ]  # fmt: skip
    merges = [
        {"kind": node["kind"], "name": name, "id": own, "into": node["id"], "into_name": node["name"], "rule": "first",
         "score": None, "by": "rule", "mentions": 1}
        for node in nodes
        for name, own in ((node["name"], node["id"]), (f"old {node['name']}", f"old-{node['id']}"))
    ]  # fmt: skip
    seeds = [{"id": f"s{i}", "level": "high", "subject": "", "source": "made up"} for i in range(len(nodes))]
    rows = {"nodes": nodes, "edges": edges, "mentions": mentions, "merges": merges, "seeds": seeds}
    return Snapshot.from_tables({name: pa.Table.from_pylist(rows[name], schema=SCHEMAS[name]) for name in rows})


def _questions(snapshot: Snapshot, count: int = 40) -> Questions:
    random, ids = Random("questions"), [*snapshot.merges["id"].to_pylist(), "gone"]

    def some(most: int) -> list[str]:
        return random.sample(ids, random.randint(0, most))

    rows = [
        {"id": f"q{i:02}", "run": f"run <{i % 2}>", "level": random.choice([None, *LEVELS]), "asked": some(5),
         "claimed": some(3), "tagged": None, "text_key": None, "review": None}
        for i in range(count)
    ]  # fmt: skip
    tables = [pa.Table.from_pylist(rows[at : at + 7], schema=QUESTION_SCHEMA) for at in range(0, count, 7)]
    return Questions([f"rows of {count}"], lambda: tables)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return _snapshot()


@pytest.fixture(scope="module")
def found(snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Figures:
    return _figures(snapshot, _questions(snapshot), tmp_path_factory.mktemp("stores"))


@pytest.fixture(scope="module")
def page(found: Figures) -> str:
    return render(found)


def _figures(snapshot: Snapshot, questions: Questions, stores: Path, basis: str = "asked") -> Figures:
    store = LadybugStore(project(snapshot, stores, questions))
    try:
        return figures(snapshot, store, basis)
    finally:
        store.close()


@pytest.mark.parametrize("basis", BASES)
def test_growth_counts_what_the_first_questions_touch(snapshot: Snapshot, basis: str, tmp_path: Path) -> None:
    questions, now = _questions(snapshot), snapshot.resolver()
    rows = [row for table in questions.tables() for row in table.to_pylist()]
    edges = set(zip(snapshot.edges["source"].to_pylist(), snapshot.edges["target"].to_pylist(), strict=True))
    grown = _figures(snapshot, questions, tmp_path, basis).growth
    assert grown.questions[0] == 1
    assert grown.questions[-1] == len(rows)
    for count, concepts, pairs in zip(grown.questions, grown.concepts, grown.pairs, strict=True):
        used = [{now[c] for c in row[basis] or () if c in now} for row in rows[:count]]
        assert concepts == len(set().union(*used))
        assert pairs == len({pair for of in used for pair in combinations(sorted(of), 2)} & edges)
    if basis != "tagged":
        assert 0 < grown.concepts[0] < grown.concepts[-1]
    with pytest.raises(InputError, match="basis cannot be 'guessed'"):
        _figures(snapshot, questions, tmp_path, "guessed")


def test_the_map_and_the_matrix_count_what_plain_python_counts(snapshot: Snapshot, found: Figures) -> None:
    topics = sorted(
        (row for row in snapshot.nodes.to_pylist() if row["kind"] == "topic"),
        key=lambda row: (-row["count"], row["id"]),
    )
    assert found.heat.topics == found.pairs.topics == [row["name"] for row in topics]
    mentioned = {(r["seed_id"], r["concept_id"], r["level"]) for r in snapshot.mentions.to_pylist()}
    for topic, seeds in zip(topics, found.heat.seeds, strict=True):
        assert seeds == [sum(m[1:] == (topic["id"], level) for m in mentioned) for level in found.heat.levels]
    assert sum(map(sum, found.heat.seeds)) > 0
    edges = {(row["source"], row["target"]): row["weight"] for row in snapshot.edges.to_pylist()}
    place = {row["id"]: at for at, row in enumerate(topics)}
    assert found.pairs.seeds == {
        tuple(sorted((place[a], place[b]))): w for (a, b), w in edges.items() if a in place and b in place
    }
    used = Counter[tuple[int, ...]]()
    now = snapshot.resolver()
    for row in (row for table in _questions(snapshot).tables() for row in table.to_pylist()):
        concepts = {now[c] for c in row["asked"] if c in now} & place.keys()
        used.update(combinations(sorted(place[c] for c in concepts), 2))
    assert found.pairs.questions == used


def test_hostile_names_are_shown_and_do_nothing(page: str, snapshot: Snapshot) -> None:
    read = Read(page)
    assert set(read.tags) <= {
        *("html", "head", "meta", "title", "style", "body", "main", "header", "section", "footer", "div", "span", "p"),
        *("h1", "h2", "h3", "b", "i", "bdi", "code", "pre", "figure", "figcaption", "details", "summary", "table"),
        *("thead", "tbody", "tr", "th", "td", "svg", "g", "defs", "path", "use", "rect", "text", "clippath"),
    }
    assert read.tags["style"] == 1
    for tag, name, value in read.attributes:
        assert not name.startswith("on")
        assert name not in ("src", "href", "action", "srcset", "data")
        assert name != "xlink:href" or value.startswith("#"), (tag, value)
        assert "url(" not in value.replace("url(#", "")
    for name in snapshot.nodes["name"].to_pylist():
        shown = re.sub("[\x00-\x1f\u202e]", "\N{REPLACEMENT CHARACTER}", name).strip()
        assert any(shown == cell for row in read.tables for cell in row), name
    drawn = [unescape(text) for text in re.findall(r"<text [^>]*>([^<]*)</text>", page)]
    for topic in snapshot.nodes.filter(pc.equal(snapshot.nodes["kind"], "topic"))["name"].to_pylist():
        shown = re.sub("[\x00-\x1f\u202e]", "\N{REPLACEMENT CHARACTER}", topic).strip()
        assert (shown if len(shown) <= 32 else shown[:31].rstrip() + "…") in drawn, topic
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_a_browser_fetches_and_runs_nothing(page: str) -> None:
    assert "Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"" in page
    style = page[page.index("<style>") : page.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert "@font-face" not in style
    assert "color-scheme: light dark;" in style
    assert "light-dark(" in style
    assert "@media print" in style
    assert not re.search(r"https?://", page)


def test_every_picture_has_a_caption_an_alternative_text_and_its_numbers(page: str) -> None:
    read = Read(page)
    pictures = read.tags["svg"]
    assert pictures == 5
    assert read.tags["figure"] == read.tags["figcaption"] == read.tags["details"] == read.tags["summary"] == pictures
    labels = [value for tag, name, value in read.attributes if (tag, name) == ("div", "aria-label")]
    assert len(labels) == pictures
    assert all(label.endswith(".") and len(label) > 20 for label in labels)
    assert not re.search(r"#0102\d\d", page)  # every colour is the style sheet's
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_the_same_store_gives_the_same_bytes_in_another_process(page: str, tmp_path: Path) -> None:
    code = (
        "import sys; sys.path[:0] = sys.argv[1:3]\n"
        "from pathlib import Path\nimport test_report as t\n"
        "s = t._snapshot()\nsys.stdout.buffer.write("
        "t.render(t._figures(s, t._questions(s), Path(sys.argv[3]))).encode())\n"
    )
    here = Path(__file__).parent
    told = subprocess.run(
        [sys.executable, "-c", code, str(here), str(here.parents[1]), str(tmp_path)],
        env={**os.environ, "PYTHONHASHSEED": "77", "LC_ALL": "C", "MPLBACKEND": "agg"},
        capture_output=True,
        check=True,
    )
    assert told.stdout.decode() == page


def test_both_stores_give_the_same_page(snapshot: Snapshot, page: str, neo4j_store: Callable[..., Any]) -> None:
    questions = _questions(snapshot)
    assert render(figures(snapshot, neo4j_store(snapshot, questions))) == page


# The command


def _app(questions_of: Callable[[Snapshot], Questions]) -> typer.Typer:
    return graph_commands(lambda _, snapshot: questions_of(snapshot), CommandLineModels())


def _run(app: typer.Typer, workspace: Workspace, *arguments: str) -> str:
    result = CliRunner().invoke(app, [*arguments, "--workspace", str(workspace.root)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_writes_the_page_and_every_query_it_names_answers(
    snapshot: Snapshot, page: str, tmp_path: Path
) -> None:
    workspace, out = Workspace(tmp_path / "w").prepare(), tmp_path / "page.html"
    snapshot.write(workspace.graphs)
    app = _app(_questions)
    assert "page.html: " in _run(app, workspace, "report", "--out", str(out)).replace("\n", "")
    assert out.read_text(encoding="utf-8") == page
    commands = [unescape(line) for line in re.findall(r"<code>(skillweave graph query [^<]*)</code>", page)]
    assert len(commands) >= 7
    for command in commands:
        _run(app, workspace, *command.split()[2:], "--format", "json")


def test_a_place_where_no_file_can_be_is_told_at_once(tmp_path: Path) -> None:
    app, workspace = _app(_questions), Workspace(tmp_path / "none")
    with pytest.raises(InputError, match=r"no folder .*absent to write page\.html into; .*--out"):
        _run(app, workspace, "report", "--out", str(tmp_path / "absent" / "page.html"))
    with pytest.raises(InputError, match=r"is a folder; name a file in it: --out .*coverage\.html"):
        _run(app, workspace, "report", "--out", str(tmp_path))
    with pytest.raises(InputError, match="there is no graph"):
        _run(app, workspace, "report", "--out", str(tmp_path / "page.html"))
    assert list(tmp_path.iterdir()) == []


def test_without_questions_it_says_what_to_run(snapshot: Snapshot, tmp_path: Path) -> None:
    text = Read(render(_figures(snapshot, Questions(), tmp_path))).text
    assert "No question has been made from this graph yet" in text
    assert f"skillweave generate --graph {snapshot.fingerprint[:13]} --count 500" in text
    assert "Topics by level" in text
    assert "Where it is thin" not in text
    untagged = Read(render(_figures(snapshot, _questions(snapshot), tmp_path, "tagged"))).text
    assert "None of the 40 questions has a concept on the basis tagged. Try:" in untagged
    assert "skillweave tag RUN" in untagged


def test_a_graph_without_topics_levels_and_edges_has_a_page_too(tmp_path: Path) -> None:
    bare = _snapshot(("one", "two"), ("skill",))
    bare = Snapshot.from_tables({"nodes": bare.nodes, "merges": bare.merges})
    text = Read(render(_figures(bare, _questions(bare, 1), tmp_path))).text
    assert "The graph has no topics, or nothing is known of levels." in text
    assert "The graph has fewer than two topics." in text


def test_ranks_are_spread_evenly_on_a_logarithmic_axis() -> None:
    assert spread(3) == [1, 2, 3]
    ranks = spread(100_000)
    assert ranks[0] == 1
    assert ranks[-1] == 100_000
    assert len(ranks) <= 160
    assert ranks == sorted(set(ranks))
