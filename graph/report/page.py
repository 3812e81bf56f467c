"""The page: one file that a browser shows as it is. It fetches nothing and runs nothing, and says so to the browser."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from graph.report import pictures
from graph.report.figures import SHORT, Answer, Figures
from graph.report.html import Html, bar, command, figure, key, paragraph, section, table, text
from graph.report.thin import thin_commands

_KINDS = {"topic": "topics", "knowledge_point": "knowledge points", "skill": "skills"}
_COLUMNS = {
    "kind": "kind", "kinds": "kinds", "name": "concept", "a_name": "concept", "b_name": "and", "seeds": "seeds",
    "questions": "questions", "ratio": "questions a seed", "level": "level", "elsewhere": "questions at other levels",
    "topics": "with a topic", "points": "with a knowledge point", "skills": "with a skill", "run": "run",
    "top_1": "% on the top 1%", "top_10": "% on the top 10%", "gini": "Gini index", "most": "most used",
}  # fmt: skip
"""Columns of the queries as the page heads them; ids are not shown."""
_BASES = {
    "asked": "concepts that their writer was asked to use",
    "claimed": "concepts that their writer said it used",
    "tagged": "concepts that were read from their text",
}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = Path(__file__).with_name("page.css")


def render(figures: Figures) -> str:
    """The HTML of a page that stands alone. The same figures give the same bytes."""
    return (
        "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name=viewport content="width=device-width, initial-scale=1">\n'
        f"<title>Coverage of {text(figures.graph)}</title>\n{_style()}"
        f"</head>\n<body class=report>\n<main>\n{_head(figures)}{_body(figures)}</main>\n</body>\n</html>\n"
    )


def render_part(figures: Figures) -> str:
    """The same without its heading, as a part of another page, in that page's colour scheme."""
    return f"{_style()}<div class=report>\n{_body(figures)}</div>\n"


def _style() -> Html:
    return Html(f"<style>\n{_STYLE.read_text(encoding='utf-8')}</style>\n")


def _body(figures: Figures) -> Html:
    parts = [_tiles(figures)]
    if figures.questions:
        parts += [_covered(figures), _growth(figures), _thin(figures)]
    else:
        parts.append(_nothing_yet(figures))
    parts += [_tail(figures), _heat(figures), _pairs(figures)]
    if figures.questions:
        parts += [_bands(figures), _runs(figures)]
    return Html("".join([*parts, _foot(figures)]))


def _head(figures: Figures) -> Html:
    made = f", made {figures.created[:10]}" if figures.created else ""
    return Html(
        f"<header><h1>What the questions cover</h1><p>Concept graph <code>{text(figures.graph)}</code>{text(made)}. "
        f"Questions count for the {text(_BASES[figures.basis])} (basis <code>{text(figures.basis)}</code>)."
        "</p></header>\n"
    )


def _tiles(figures: Figures) -> Html:
    tiles: list[tuple[str, object]] = [
        ("concepts", figures.counts["nodes"]),
        ("pairs in seeds", figures.counts["edges"]),
        ("seeds", figures.counts["seeds"]),
    ]
    if figures.questions:
        pairs, together = sum(row[1] for row in figures.pair_kinds.rows), sum(row[2] for row in figures.pair_kinds.rows)
        concepts, used = sum(row[1] for row in figures.kinds.rows), sum(row[2] for row in figures.kinds.rows)
        tiles += [("questions", figures.questions), ("of the concepts covered", _percent(used, concepts))]
        tiles += [("of the pairs covered", _percent(together, pairs))] if pairs else []
    shown = "".join(f"<div class=tile><b>{text(value)}</b><span>{text(label)}</span></div>" for label, value in tiles)
    return Html(f"<div class=tiles>{shown}</div>\n")


def _nothing_yet(figures: Figures) -> Html:
    if figures.growth.questions:
        why = f"None of the {figures.growth.questions[-1]:,} questions has a concept on the basis {figures.basis}. Try:"
        todo = "skillweave tag RUN" if figures.basis == "tagged" else "skillweave graph report --basis asked"
    else:
        why = "No question has been made from this graph yet; below is what its seeds hold. To make some:"
        todo = f"skillweave generate --graph {_short(figures)} --count 500"
    found = section("No questions to show", paragraph(why), command(todo))
    return Html(found.replace("<section>", "<section class=notice>", 1))


def _covered(figures: Figures) -> Html:
    rows = [(_KINDS[kind], concepts, covered, percent) for kind, concepts, covered, _, percent in figures.kinds.rows]
    pairs = [(_pair_label(kinds), *rest) for kinds, *rest in figures.pair_kinds.rows]
    columns = ("there are", "covered", "%", "share")
    return section(
        "What is covered",
        paragraph("A concept is covered by one question that uses it, a pair of concepts by one that uses both."),
        table(("concepts", *columns), [(*row, bar(row[3])) for row in rows]),
        Html("<h3>Pairs that seeds have</h3>") if pairs else Html(),
        table(("of", *columns), [(*row, bar(row[3])) for row in pairs]) if pairs else Html(),
    )


def _growth(figures: Figures) -> Html:
    growth, concepts, pairs = figures.growth, figures.counts["nodes"], figures.counts["edges"]
    last = f"{growth.concepts[-1]:,} of {concepts:,} concepts and {growth.pairs[-1]:,} of {pairs:,} pairs"
    half = next((n for n, c in zip(growth.questions, growth.concepts, strict=True) if 2 * c >= growth.concepts[-1]), 0)
    caption = (
        f"After all {growth.questions[-1]:,} questions {last} are touched; half of these concepts were by question "
        f"{half:,}. Where a curve lies flat, more questions of the same making add little."
    )
    rows = zip(growth.questions, growth.concepts, growth.pairs, strict=True)
    return section(
        "How coverage grew",
        figure(
            pictures.growth_curve(growth, concepts, pairs),
            f"Two curves that rise with the number of questions and end at {last}.",
            text(caption),
            table(("questions", "concepts touched", "pairs of seeds touched"), rows),
        ),
        command(growth.command),
    )


def _thin(figures: Figures) -> Html:
    parts = []
    for answer in figures.thin:
        shown = _table(answer) if answer.rows else paragraph("There are none.")
        parts.append(Html(f"<h3>{text(answer.title)}</h3>{paragraph(answer.question)}{shown}{command(answer.command)}"))
    return section(
        "Where it is thin",
        paragraph("The first rows of each list; the command below each gives more."),
        *parts,
        Html("<h3>To make questions there</h3>"),
        paragraph("Its draws are weighted towards the concepts, pairs and levels that the questions leave thin."),
        *(command(line) for line in thin_commands(_short(figures), [], 500)),
    )


def _tail(figures: Figures) -> Html:
    seeds = sorted((row[3] for row in figures.use.rows), reverse=True)
    used = [row[4] for row in figures.use.rows]
    unused = used.count(0)
    told = f" {unused:,} concepts have no question and are not drawn." if figures.questions else ""
    top = max(1, len(seeds) // 10)
    caption = Html(
        f"Each curve ranks the concepts by how often they occur: in {key('seeds', 'seeds')}"
        + (f" and in {key('questions', 'questions')}" if figures.questions else "")
        + f". The top tenth has {_percent(sum(seeds[:top]), sum(seeds))} of all mentions in seeds"
        + (f" and {_percent(sum(used[:top]), sum(used))} of all uses in questions" if figures.questions else "")
        + f".{text(told)}"
    )
    ranks = pictures.spread(len(seeds), 60)
    columns = ("rank", "seeds", "questions") if figures.questions else ("rank", "seeds")
    rows = [(rank, seeds[rank - 1], used[rank - 1])[: len(columns)] for rank in ranks]
    most = [(row[2], _kind(row[1]), *row[3:])[: len(columns) + 1] for row in _most(figures)]
    return section(
        "The long tail",
        figure(
            pictures.long_tail(seeds, used),
            f"A falling curve on logarithmic axes, from {seeds[0]:,} seeds for the first concept to {seeds[-1]:,} for "
            f"the last of {len(seeds):,}"
            + (f"; questions fall from {used[0]:,} to {used[-1]:,}." if figures.questions else "."),
            caption,
            table(columns, rows),
        ),
        Html(f"<h3>The most frequent</h3>{table(('concept', 'kind', *columns[1:]), most)}"),
        command(figures.use.command),
    )


def _heat(figures: Figures) -> Html:
    heat, title = figures.heat, "Topics by level"
    if not heat.topics or not heat.levels:
        return section(title, paragraph("The graph has no topics, or nothing is known of levels."))
    with_questions = figures.questions > 0
    bare = sum(
        bool(of_seeds and not of_questions)
        for seeds, questions in zip(heat.seeds, heat.questions, strict=True)
        for of_seeds, of_questions in zip(seeds, questions, strict=True)
    )
    columns = [f"{what}, {level or 'level not known'}" for what in ("seeds", "questions")[: 1 + with_questions]
               for level in heat.levels]  # fmt: skip
    rows = [
        (topic, *seeds, *(questions if with_questions else ()))
        for topic, seeds, questions in zip(heat.topics, heat.seeds, heat.questions, strict=True)
    ]
    told = f" {bare:,} of these fields have seeds and no question." if with_questions else ""
    return section(
        title,
        figure(
            pictures.heat_map(heat, with_questions=with_questions),
            f"A grid of {len(heat.topics)} topics by {len(heat.levels)} levels, darker where there are more; its "
            "numbers stand in the table below.",
            Html(
                f"The {len(heat.topics)} topics that most seeds mention: how many {key('seeds', 'seeds')} do"
                + (f", and how many {key('questions', 'questions')} use them" if with_questions else "")
                + f". Each side is shaded by itself.{text(told)}"
            ),
            table(("topic", *columns), rows),
        ),
    )


def _pairs(figures: Figures) -> Html:
    pairs, title = figures.pairs, "Which topics meet"
    if len(pairs.topics) < 2:
        return section(title, paragraph("The graph has fewer than two topics."))
    both, seeds, made = (len(found) for found in _met(pairs.seeds, pairs.questions))
    rows = [
        (pairs.topics[i], pairs.topics[j], pairs.seeds.get((i, j), 0), pairs.questions.get((i, j), 0))
        for i, j in sorted({*pairs.seeds, *pairs.questions})
    ]
    keys = [(key("both", "seeds and questions"), both), (key("seeds", "seeds alone"), seeds)]
    keys += [(key("questions", "questions alone"), made)]
    counted = ", ".join(f"{label} ({count:,})" for label, count in keys)
    return section(
        title,
        figure(
            pictures.pair_matrix(pairs),
            f"A square grid of {len(pairs.topics)} topics: {both} pairs meet in seeds and questions, {seeds} in seeds "
            f"alone, {made} in questions alone.",
            Html(
                f"A field is filled where the two topics occur together in {counted}. Columns have the rows' numbers."
            ),
            table(("topic", "and", "seeds", "questions"), rows),
        ),
        command(
            f"skillweave graph query seed-pairs-not-generated --graph {_short(figures)} --param basis={figures.basis}"
        ),
    )


def _bands(figures: Figures) -> Html:
    skew = [(_KINDS[row[0]], *row[1:]) for row in figures.skew.rows]
    return section(
        "How evenly concepts are used",
        figure(
            pictures.bands(figures.bands),
            "Bars: " + "; ".join(f"{row[1]:,} concepts with {row[0]} questions" for row in figures.bands.rows) + ".",
            text("How many concepts have no question, one, a few, many."),
            table(("questions of a concept", "concepts", "their uses in all"), [row[:3] for row in figures.bands.rows]),
        ),
        Html("<h3>Concentration by kind</h3>"),
        paragraph(
            "The Gini index is 0 where all concepts of a kind are used alike, and near 1 where few have all uses."
        ),
        table([_COLUMNS.get(name, name) for name in figures.skew.columns], skew),
    )


def _runs(figures: Figures) -> Html:
    rows = [(row[0], row[1] or "not known", *row[3:]) for row in figures.runs.rows]
    columns = [_COLUMNS[name] for name in figures.runs.columns if name != "basis"]
    return section("Questions by run", table(columns, rows), command(figures.runs.command))


def _foot(figures: Figures) -> Html:
    return Html(
        "<footer>Every number here can be asked for again: <code>skillweave graph queries</code> lists the questions, "
        f"<code>skillweave graph report --graph {text(_short(figures))} --basis {text(figures.basis)}</code> makes "
        "this page anew.</footer>\n"
    )


def _table(answer: Answer) -> Html:
    """An answer without its ids, its kinds and unknown levels in words."""
    shown = [(place, name) for place, name in enumerate(answer.columns) if name in _COLUMNS]
    shown.sort(key=lambda column: (column[1] not in ("name", "a_name", "b_name"), column[0]))  # names come first
    rows = [tuple(_word(name, row[place]) for place, name in shown) for row in answer.rows]
    return table([_COLUMNS[name] for _, name in shown], rows)


def _most(figures: Figures, count: int = 10) -> list[tuple[object, ...]]:
    """The concepts that come first: by questions, or by seeds where there are none."""
    by = 4 if figures.questions else 3
    return sorted(figures.use.rows, key=lambda row: (-row[by], row[0]))[:count]


def _met(
    seeds: Iterable[tuple[int, int]], questions: Iterable[tuple[int, int]]
) -> tuple[set[tuple[int, int]], set[tuple[int, int]], set[tuple[int, int]]]:
    """Pairs in both, in seeds alone, in questions alone."""
    one, other = set(seeds), set(questions)
    return one & other, one - other, other - one


def _kind(kind: object) -> str:
    return str(kind).replace("_", " ")


def _word(column: str, value: object) -> object:
    return _kind(value) if column == "kind" else value or "not known" if column == "level" else value


def _pair_label(kinds: str) -> str:
    return " and ".join(_KINDS[kind] for kind in kinds.split(" - "))


def _short(figures: Figures) -> str:
    """The beginning of the graph's fingerprint, enough for a command."""
    return figures.graph[:SHORT]


def _percent(part: int, whole: int) -> str:
    if part == whole:
        return "100%" if whole else "0%"
    return f"{100 * part / whole:.1f}%"
