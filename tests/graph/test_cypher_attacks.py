"""Attacks: on the guard, on what stands behind it, and on what both leave as it was."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cypher_attacks import LIMITED, REFUSED, Attack
from query_worlds import a_world
from real_neo4j import Opened

from engine.errors import InputError
from engine.workspace import Workspace
from graph.cypher.asking import ask
from graph.cypher.workers import Child, Limits, Target
from graph.snapshot import Snapshot
from graph.stores import Questions, Result
from graph.stores.ladybug import DATABASE, project
from graph.stores.neo4j import Neo4jStore
from graph.stores.neo4j_address import Address
from graph.stores.neo4j_manifest import store_id

SECRET = "skillweave-planted-secret"
COUNT = "MATCH (c:Concept) RETURN count(*) AS n, sum(c.count) AS s"
TIMEOUT_S = 0.4


@dataclass
class Place:
    """A store, beside a file that nobody may read."""

    workspace: Workspace
    snapshot: Snapshot
    questions: Questions
    url: str
    beside: Path

    def ask(self, text: str, params: dict[str, Any] | None = None, timeout_s: float = 30.0) -> Result:
        return ask(self.workspace, self.snapshot, self.questions, self.url, text, params, timeout_s, 50)

    def text(self, attack: Attack) -> str:
        filled = {"{secret}": str(self.beside / "secret.csv"), "{out}": str(self.beside), "{port}": "9"}
        text = attack.text
        for name, value in filled.items():
            text = text.replace(name, value)
        return text

    def state(self) -> dict[str, str]:
        """Every file of the workspace and beside it, by its content."""
        files = [file for root in (self.workspace.root, self.beside) for file in root.rglob("*") if file.is_file()]
        return {str(file): hashlib.blake2b(file.read_bytes()).hexdigest() for file in sorted(files)}


def _place(folder: Path, url: str) -> Place:
    _, snapshot, questions = a_world(Random("attacked"), 30, concepts=30)
    beside = folder / "beside"
    beside.mkdir()
    (beside / "secret.csv").write_text(f"{SECRET},1\n{SECRET},2\n")
    return Place(Workspace(folder / "work").prepare(), snapshot, questions, url, beside)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return _place(tmp_path_factory.mktemp("embedded"), "embedded")


@pytest.fixture(scope="module")
def server(
    neo4j_server: Address,
    neo4j_database: Callable[[], AbstractContextManager[Opened]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Place, Neo4jStore]]:
    place = _place(tmp_path_factory.mktemp("server"), neo4j_server.url)
    with neo4j_database() as opened, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SKILLWEAVE_NEO4J_USER", neo4j_server.user)
        patch.setenv("SKILLWEAVE_NEO4J_PASSWORD", neo4j_server.password)
        yield place, opened(place.snapshot, place.questions)


def _by_name(attack: Attack) -> str:
    return attack.name.replace(" ", "-")


@pytest.mark.parametrize("attack", REFUSED, ids=_by_name)
def test_the_guard_names_the_word_and_its_place(embedded: Place, attack: Attack) -> None:
    before = embedded.state()
    with pytest.raises(InputError) as refused:
        embedded.ask(embedded.text(attack), attack.params)
    message = str(refused.value)
    assert re.search(attack.says, message), message
    assert len(message) < 900
    assert re.search(r"line \d+, column \d+|characters", message)
    assert embedded.state() == before


def test_there_are_enough_attacks() -> None:
    assert len(REFUSED) + len(LIMITED) >= 60
    assert len({attack.name for attack in [*REFUSED, *LIMITED]}) == len(REFUSED) + len(LIMITED)


def _survive(place: Place, attacks: list[Attack]) -> None:
    """Every attack is stopped, cut or borne; it changes nothing, and the next question is answered."""
    wanted = place.ask(COUNT).rows
    before = place.state()
    for attack in attacks:
        try:
            result = place.ask(place.text(attack), attack.params, TIMEOUT_S)
        except InputError as refused:
            assert re.search(attack.says, str(refused)), (attack.name, str(refused))
        else:
            assert len(result.rows) == 1 or (len(result.rows), result.more) == (50, True), attack.name
        assert place.ask(COUNT).rows == wanted, attack.name
    assert place.state() == before


def test_limits_stop_what_the_guard_lets_through(embedded: Place) -> None:
    _survive(embedded, LIMITED)


def test_a_server_is_attacked_no_better(server: tuple[Place, Neo4jStore]) -> None:
    place, store = server
    wanted = store.query(COUNT, {}).rows
    for attack in REFUSED:
        with pytest.raises(InputError, match=attack.says):
            place.ask(place.text(attack), attack.params)
    _survive(place, LIMITED)
    assert store.query(COUNT, {}).rows == wanted


# The second layer: the text goes to the child as it is

RAW = [attack for attack in [*REFUSED, *LIMITED[::3]] if attack.raw]


def _raw_answers(target: Target, texts: Iterator[tuple[Attack, str]], check: Callable[[], None]) -> dict[str, str]:
    """What each text gave, as one text; a child that died is replaced, and answers."""
    answers = {}
    child = Child(target, Limits(grace_s=0.1))
    for attack, text in texts:
        try:
            answers[attack.name] = repr(child.ask(text, attack.params or {}, TIMEOUT_S, 50))
        except InputError as error:
            answers[attack.name] = str(error)
        except UnicodeEncodeError:
            answers[attack.name] = "never sent"
        if not child.alive:
            child.kill()
            child = Child(target, Limits(grace_s=0.1))
        check()
    child.kill()
    return answers


def test_without_the_guard_the_embedded_store_is_still_as_it_was(embedded: Place) -> None:
    folder = project(embedded.snapshot, embedded.workspace.stores, embedded.questions)
    target = Target.embedded(folder / DATABASE)
    before = embedded.state()
    child = Child(target, Limits())
    (wanted,) = child.ask(COUNT, {}, 30, 1)
    landlock = child.landlock
    child.kill()

    def check() -> None:
        assert embedded.state() == before

    if not landlock:
        pytest.skip("this system has no Landlock: behind the guard a child could make files here (docs/cypher.md)")
    answers = _raw_answers(target, ((attack, embedded.text(attack)) for attack in RAW), check)
    assert not [name for name, answer in answers.items() if SECRET in answer]
    for name in ("create", "set", "delete", "drop table", "merge"):
        assert re.search("read-only|exception|expected", answers[name]), (name, answers[name])
    for name in ("load from", "load by a comment", "load behind match", "copy to", "profile copy", "export"):
        assert "ermission denied" in answers[name], (name, answers[name])
    assert "process ended over this question (SIG" in answers["read parquet"]
    again = Child(target, Limits())
    assert again.ask(COUNT, {}, 30, 1) == [wanted]
    again.kill()


def test_without_the_guard_a_server_writes_nothing(server: tuple[Place, Neo4jStore], neo4j_server: Address) -> None:
    place, store = server
    wanted = store.query(COUNT, {}).rows
    target = Target.server(neo4j_server, store_id(place.snapshot, place.questions))
    writes = [attack for attack in RAW if re.search("CREATE|MERGE|SET|DELETE|REMOVE|DROP|FOREACH", attack.text)]
    assert len(writes) >= 20
    answers = _raw_answers(target, ((attack, place.text(attack)) for attack in writes), lambda: None)
    assert store.query(COUNT, {}).rows == wanted
    assert "read access" in answers["create"].lower() or "not allowed" in answers["create"].lower(), answers["create"]


def test_a_child_has_no_environment_and_no_handles(embedded: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-for-children")
    folder = project(embedded.snapshot, embedded.workspace.stores, embedded.questions)
    child = Child(Target.embedded(folder / DATABASE), Limits())
    process = Path(f"/proc/{child.pid}")
    if not process.exists():
        child.kill()
        pytest.skip("this system does not show processes as files")
    # Python itself may set LC_CTYPE
    assert b"sk-not" not in (process / "environ").read_bytes()
    assert b"sk-not" not in (process / "cmdline").read_bytes()
    assert (process / "cwd").resolve() == Path("/")
    handles = [os.readlink(handle) for handle in (process / "fd").iterdir()]
    child.kill()
    assert [h for h in handles if not h.startswith(("socket:", "anon_inode:", "/dev/null", str(folder)))] == []
    assert len([h for h in handles if h.startswith("socket:")]) == 1
