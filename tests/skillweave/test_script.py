"""What a script can do by `import skillweave`: all that the command line does."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import skillweave as sw
from engine.workspace import data_path


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The names that the script of the door's own docstring leaves behind, run for 5 questions of 80 seeds."""
    assert sw.__doc__ is not None
    folder = tmp_path_factory.mktemp("script")
    seeds = data_path("seeds", "primary.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)[:80]
    (folder / "questions.jsonl").write_text("".join(seeds), encoding="utf-8")
    names: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("SKILLWEAVE_WORKSPACE", raising=False)
        exec(sw.__doc__.partition("\n\n")[2].replace("count=500", "count=5"), names)
    return names


def test_the_script_of_the_docstring_makes_questions_from_seeds(script: dict[str, Any]) -> None:
    books = sw.read_books(script["run"].folder)
    assert (books.state, books.accepted) == ("complete", 5)
    assert script["table"].num_rows
    assert sw.list_runs(script["place"].runs)


def test_a_dataset_and_a_query_are_a_line_each(script: dict[str, Any]) -> None:
    place, graph, run = script["place"], script["graph"], script["run"]
    dataset: Path = sw.write_dataset(place, run.folder)
    assert pq.read_table(dataset / "data").num_rows == 5
    with closing(sw.LadybugStore(sw.project(graph, place.stores, sw.questions_of(place, graph)))) as store:
        used = sw.run_query(store, sw.find_query("concepts-by-use"), {"limit": 3})
    assert used.rows


def test_what_was_decided_reviewed_and_covered_is_a_line_each_too(script: dict[str, Any]) -> None:
    place, run, models = script["place"], script["run"], script["models"]
    concept = script["graph"].nodes.to_pylist()[0]
    renamed = sw.rename_concept(script["graph"], concept["id"], "a plainer name", by="ada", why="plainer")
    renamed.write(place.graphs)
    again = sw.make_graph(place, ["mine"], "offline-teacher", models)
    assert "a plainer name" in again.nodes["name"].to_pylist()
    assert sw.find_snapshot(place.graphs).name == again.fingerprint
    as_built = sw.make_graph(place, ["mine"], "offline-teacher", models, decisions=False)
    assert as_built.fingerprint == script["graph"].fingerprint

    question = script["table"]["id"][0].as_py() if "id" in script["table"].column_names else "q"
    sw.add_verdicts(place, [sw.Verdict(question, "reject", "wrong", "ada")])
    assert [given.verdict.by for given in sw.read_verdicts(place)] == ["ada"]
    name = sw.take_coverage(place, again).write(place)
    assert sw.read_coverage(place, sw.find_coverage(place, again.fingerprint, "latest")).questions == 5
    assert [known for known, _ in sw.list_coverages(place)] == [name]

    questions = sw.questions_of(place, again)
    with closing(sw.open_store(place, again, questions)) as store:
        page = sw.render_report(sw.report_figures(again, store))
        assert sw.run_query(store, sw.shipped_queries()["coverage-by-kind"], {}).rows
    assert page.startswith("<!doctype html>")
    text = "MATCH (q:Question) WHERE q.run = $run RETURN count(*) AS n"
    assert sw.ask(place, again, questions, None, text, {"run": run.folder.name}).rows == [(5,)]


def test_the_readme_shows_the_same_script() -> None:
    assert sw.__doc__ is not None
    readme = Path(sw.__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")
    assert f"```python\n{sw.__doc__.partition(chr(10) * 2)[2]}```" in readme


def test_every_name_of_the_door_is_there() -> None:
    assert sorted(sw.__all__) == sw.__all__
    assert all(hasattr(sw, name) for name in sw.__all__)
