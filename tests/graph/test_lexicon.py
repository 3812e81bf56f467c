from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.errors import InputError
from engine.workspace import data_path
from graph.cue import tokens
from graph.lexicon import Lexicon, load_lexicon

TOPIC = {"kind": "topic", "name": "Fractions", "level": "primary", "aliases": ["rationals"], "cues": ["half"]}
POINT = {
    "kind": "knowledge_point",
    "name": "unit fractions",
    "topic": ["Fractions"],
    "level": "middle",
    "aliases": [],
    "cues": ["egypt + fraction"],
}


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon()


def write(folder: Path, *records: object) -> Path:
    folder.joinpath("area.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return folder


def test_ours_is_large_enough_to_be_useful(lexicon: Lexicon) -> None:
    assert len(lexicon.of_kind("topic")) >= 60
    assert len(lexicon.of_kind("knowledge_point")) >= 400
    assert all(lexicon.points_of(topic.name) for topic in lexicon.of_kind("topic"))
    assert all(len(entry.cues) >= 1 for entry in lexicon)


def test_ours_is_plain_text_without_stray_spaces(lexicon: Lexicon) -> None:
    for entry in lexicon:
        for text in (*entry.names, *entry.cues):
            assert text == " ".join(text.split())
            assert text.isprintable()
            assert "\\" not in text


def test_cues_of_ours_that_read_alike_are_given_once_an_entry(lexicon: Lexicon) -> None:
    for entry in lexicon:
        assert len(set(entry.cues)) == len(entry.cues), entry.name


def test_every_concept_of_ours_is_found_by_each_of_its_names(lexicon: Lexicon) -> None:
    for entry in lexicon:
        for name in entry.names:
            assert lexicon.find(name, entry.kind) is entry
            assert lexicon.find(f"  {name.upper()} ", entry.kind) is entry


def test_the_default_is_read_once() -> None:
    assert load_lexicon() is load_lexicon()
    assert [entry.name for entry in load_lexicon(data_path("lexicon"))] == [entry.name for entry in load_lexicon()]


@pytest.mark.parametrize(
    ("question", "point"),
    [
        ("A shirt of $40 is sold at 25% off. What does it cost now?", "percentage increase and decrease"),
        ("A car drives 180 miles in 3 hours. How fast is it?", "speed, distance and time"),
        ("Nora is 4 years older than Ben. How old will Ben be in 5 years?", "present and future ages"),
        ("Flour and sugar are mixed in the ratio of 5:2.", "dividing in a given ratio"),
        ("How many ways can 5 people line up?", "permutations"),
        (r"Find the eigenvalues of \( \begin{pmatrix} 2 & 1 \\ 0 & 3 \end{pmatrix} \).", "eigenvalues"),
        (r"Evaluate \( \int_0^1 x^2 \, dx \).", "definite integrals"),
        ("What is the remainder when 7^100 is divided by 5?", "modular exponentiation"),
        ("A bag has 3 red and 5 blue marbles; one is drawn at random.", "classical probability"),
    ],
)
def test_questions_are_recognised_by_their_cues(lexicon: Lexicon, question: str, point: str) -> None:
    assert point in {sighting.entry.name for sighting in lexicon.sightings(question)}


def test_sightings_name_the_cues_and_keep_the_order_of_the_lexicon(tmp_path: Path) -> None:
    lexicon = load_lexicon(write(tmp_path, TOPIC, POINT))
    sightings = lexicon.sightings("Half of an Egyptian's fraction? In Egypt.")
    assert [(sighting.entry.name, sighting.cues) for sighting in sightings] == [
        ("Fractions", ("half",)),
        ("unit fractions", ("egypt + fraction",)),
    ]
    assert lexicon.sightings("") == ()


def test_without_a_kind_the_knowledge_point_goes_first(tmp_path: Path) -> None:
    lexicon = load_lexicon(write(tmp_path, TOPIC, POINT | {"aliases": ["Rationals"]}))
    assert (hit := lexicon.find("rationals")) is not None
    assert hit.name == "unit fractions"
    assert (hit := lexicon.find("rationals", "topic")) is not None
    assert hit.name == "Fractions"
    assert lexicon.find("no such name") is None
    assert lexicon.points_of("no such topic") == ()


@pytest.mark.parametrize(
    ("record", "complaint"),
    [
        ("not json", "kind must be one of"),
        (POINT | {"kind": "skill"}, "kind must be one of"),
        (POINT | {"extra": 1}, "fields must be"),
        (TOPIC | {"name": "Other", "topic": ["Fractions"]}, "fields must be"),
        (POINT | {"name": " "}, "name must be a text"),
        (POINT | {"level": "genius"}, "level must be one of"),
        (POINT | {"aliases": "one"}, "aliases must be a list"),
        (POINT | {"cues": [""]}, "cues must be a list"),
        (POINT | {"cues": ["Half"]}, "must be lower case"),
        (POINT | {"cues": ["a + + b"]}, None),
        (POINT | {"cues": [" + half"]}, "words on both sides"),
        (POINT | {"topic": ["Fraction"]}, "is not in the lexicon"),
        (POINT | {"topic": []}, "belongs to no topic"),
        (POINT | {"name": "FRACTIONS"}, "is taken by"),
        (TOPIC | {"name": "Other"}, "already stands for"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, record: object, complaint: str | None) -> None:
    folder = write(tmp_path, TOPIC, record)
    if complaint is None:
        assert len(load_lexicon(folder)) == 2
        return
    with pytest.raises(InputError, match=complaint) as caught:
        load_lexicon(folder)
    assert str(caught.value).startswith(f"{folder / 'area.jsonl'}:2: ")


def test_a_line_that_is_not_json_is_named(tmp_path: Path) -> None:
    tmp_path.joinpath("area.jsonl").write_text(json.dumps(TOPIC) + "\n\n{\n")
    with pytest.raises(InputError, match=r"area\.jsonl:3: not a JSON object"):
        load_lexicon(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no \*\.jsonl"):
        load_lexicon(tmp_path)


def test_a_cue_is_found_in_itself(lexicon: Lexicon) -> None:
    """So no cue is spelled in a way that no question can meet."""
    for entry in lexicon:
        for cue in entry.cues:
            text = cue.replace("#", "7").replace(" + ", " ; ")
            assert tokens(text), cue
            assert cue in {found for sighting in lexicon.sightings(text) for found in sighting.cues}, cue
