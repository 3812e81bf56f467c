"""`skillweave model check` against endpoints with the habits of real ones, and what the transports make of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest
from quirky_endpoint import Habits, quirky
from toy import Toy
from typer.testing import CliRunner

from engine.call import Call, Message, ModelRef, Reply, Sampling, Usage, call_key, seed_of
from engine.capabilities import Capabilities, read_capabilities
from engine.errors import AccessRefused, EndpointStop, InputError
from engine.journal import Entry, encode, read_journal
from engine.model_check import Checked, check_model
from engine.models import Endpoint, resolve
from engine.reuse import sealed_replies
from engine.shard import seals_of
from engine.transports import open_transport
from engine.transports.reasoning import split_reasoning
from engine.workspace import Workspace
from skillweave.cli import app

PLAIN = (Message("user", "Invent a name for a boat."),)
CALL = Call(PLAIN)
SECRET = "sk-quite-secret"


def endpoint_at(url: str, sampling: Sampling | None = None, **settings: Any) -> Endpoint:
    ref = ModelRef(served_by="writer", model="quirky", sampling=sampling or Sampling())
    return Endpoint(ref=ref, base_url=url, api_key=SECRET, timeout_s=60, concurrency=4, **settings)


def checked(habits: Habits, sampling: Sampling | None = None, **settings: Any) -> Checked:
    with quirky(habits) as url:
        return asyncio.run(check_model(endpoint_at(url, sampling, **settings), PLAIN))


def sent(habits: Habits, found: Capabilities | None, call: Call = CALL, sampling: Sampling | None = None) -> Reply:
    """One call of a run to an endpoint of which a check found this."""

    async def main(url: str) -> Reply:
        endpoint = endpoint_at(url, sampling, checked=found)
        transport = open_transport(endpoint)
        try:
            return await transport.send(call, endpoint.ref, call_key(call, endpoint.ref))
        finally:
            await transport.close()

    with quirky(habits) as url:
        return asyncio.run(main(url))


KINDS = pytest.mark.parametrize("transport", ["lean", "official"])


@KINDS
def test_an_endpoint_that_can_do_everything(transport: str) -> None:
    habits = Habits()
    found = checked(habits, transport=transport)
    capabilities = found.capabilities
    assert capabilities.model_dump(exclude={"base_url", "checked_at"}) == {
        "format": 1,
        "model": "quirky",
        "reported": "quirky-2026",
        "limit_name": "max_tokens",
        "temperature": "any",
        "seed": "heeded",
        "json_schema": "kept",
        "logprobs": "given",
        "reasoning": "none seen",
        "usage": True,
        "refused_sampling": None,
    }
    assert found.requests == len(habits.bodies) == 7
    assert found.usage == Usage(700, 140)
    assert not found.said


@pytest.mark.parametrize(
    ("habits", "expected"),
    [
        ({"limits": ("max_completion_tokens",)}, {"limit_name": "max_completion_tokens"}),
        ({"limits": ()}, {"limit_name": "neither"}),
        ({"temperature": "only 1"}, {"temperature": "only 1"}),
        ({"temperature": "refused"}, {"temperature": "refused"}),
        ({"seed": "not heeded"}, {"seed": "not heeded"}),
        ({"seed": "one answer"}, {"seed": "cannot tell"}),
        ({"seed": "refused"}, {"seed": "refused"}),
        ({"schema": "ignored", "logprobs": "ignored"}, {"json_schema": "ignored", "logprobs": "ignored"}),
        ({"schema": "refused", "logprobs": "refused"}, {"json_schema": "refused", "logprobs": "refused"}),
        ({"reasoning": "inside the text"}, {"reasoning": "inside the text", "seed": "heeded"}),
        ({"reasoning": "without its opening tag"}, {"reasoning": "inside the text"}),
        ({"reasoning": "reasoning_content"}, {"reasoning": "reasoning_content"}),
        ({"reasoning": "reasoning"}, {"reasoning": "reasoning"}),
        ({"reasoning": "hidden"}, {"reasoning": "hidden"}),
        ({"usage": False}, {"usage": False}),
        (
            {"limits": (), "temperature": "refused", "seed": "refused", "schema": "refused", "usage": False,
             "logprobs": "refused", "reasoning": "inside the text", "status_of_refusals": 422},
            {"limit_name": "neither", "temperature": "refused", "seed": "refused", "json_schema": "refused",
             "usage": False, "logprobs": "refused", "reasoning": "inside the text"},
        ),
    ],
)  # fmt: skip
def test_each_habit_is_found_and_changes_no_other_finding(habits: dict[str, Any], expected: dict[str, Any]) -> None:
    usual = {
        "limit_name": "max_tokens", "temperature": "any", "seed": "heeded", "json_schema": "kept", "logprobs": "given",
        "reasoning": "none seen", "usage": True,
    }  # fmt: skip
    found = checked(Habits(**habits)).capabilities.model_dump()
    assert {name: found[name] for name in usual} == usual | expected


def test_a_server_that_breaks_on_a_setting_refuses_it() -> None:
    found = checked(Habits(schema="refused", status_of_refusals=500))
    assert found.capabilities.json_schema == "refused"
    assert found.said == {"JSON schema": "This response_format type is unavailable now"}
    assert found.requests == 9  # the 500 was tried three times


def test_settings_that_only_fail_together_are_found_and_stop_a_run_before_it_pays() -> None:
    both, habits = Sampling(temperature=0.7, top_p=0.9), Habits(refuses_together=("temperature", "top_p"))
    found = checked(habits, both)
    assert found.capabilities.refused_sampling == both
    assert found.said == {"your settings": "you may give one of temperature and top_p"}
    before = len(habits.bodies)
    with pytest.raises(EndpointStop, match=r"temperature = 0.7, top_p = 0.9; nothing was sent.*model check writer"):
        sent(habits, found.capabilities, sampling=both)
    assert len(habits.bodies) == before
    assert sent(habits, found.capabilities, sampling=Sampling(top_p=0.9)).whole


def test_what_a_run_would_send_is_asked_too_and_nothing_when_nothing_is_set() -> None:
    habits = Habits(limits=("max_completion_tokens",))
    sampling = Sampling(temperature=0.2, max_tokens=2048, stop=("#",))
    assert checked(habits, sampling).capabilities.refused_sampling is None
    last = habits.bodies[-1]
    assert {name: last.get(name) for name in ("temperature", "max_completion_tokens", "stop", "max_tokens")} == {
        "temperature": 0.2, "max_completion_tokens": 2048, "stop": ["#"], "max_tokens": None,
    }  # fmt: skip


def test_an_endpoint_that_answers_nothing_is_an_error_and_no_finding() -> None:
    with pytest.raises(
        EndpointStop, match=r"refuses a plain question .*I only translate.*skillweave model check writer"
    ):
        checked(Habits(refuses_all="I only translate"))
    with pytest.raises(AccessRefused):
        checked(Habits(refuses_all="no such model", status_of_refusals=404))


# ---- what the transports make of it


def test_a_checked_endpoint_is_asked_once_in_its_own_words() -> None:
    habits = Habits(limits=("max_completion_tokens",), seed="refused")
    found, sampling = checked(habits).capabilities, Sampling(max_tokens=99)
    habits.bodies.clear()
    unchecked = sent(habits, None, sampling=sampling)
    assert len(habits.bodies) == 3  # the limit's name and the seed were learned
    habits.bodies.clear()
    assert sent(habits, found, sampling=sampling) == unchecked
    assert habits.bodies == [
        {"model": "quirky", "messages": [{"role": "user", "content": PLAIN[0].content}], "max_completion_tokens": 99}
    ]


def test_what_a_check_has_not_seen_is_still_learned() -> None:
    found = checked(Habits()).capabilities
    habits = Habits(limits=("max_completion_tokens",), seed="refused")
    assert sent(habits, found, sampling=Sampling(max_tokens=9)).whole
    assert len(habits.bodies) == 3


@pytest.mark.parametrize(
    ("habits", "sampling", "schema", "words"),
    [
        (Habits(temperature="only 1"), Sampling(temperature=0.7), None, "no temperature but 1, and 0.7 is set"),
        (Habits(temperature="refused"), Sampling(temperature=1), None, "no temperature, and 1 is set"),
        (Habits(limits=()), Sampling(max_tokens=5), None, "no limit of tokens, and 5 is set"),
        (Habits(schema="ignored"), Sampling(), {"type": "object"}, "does not keep to a JSON schema"),
        (Habits(schema="refused"), Sampling(), {"type": "object"}, "takes no JSON schema"),
    ],
)
def test_what_would_change_an_answer_stops_before_anything_is_sent(
    habits: Habits, sampling: Sampling, schema: dict[str, Any] | None, words: str
) -> None:
    found = checked(habits).capabilities
    habits.bodies.clear()
    with pytest.raises(EndpointStop) as stop:
        sent(habits, found, Call(PLAIN, schema=schema), sampling)
    assert words in str(stop.value)
    assert "skillweave model check writer" in str(stop.value)
    assert habits.bodies == []
    assert sent(habits, found).whole


def test_without_a_check_a_refused_temperature_stops_with_the_same_advice() -> None:
    for habits in (Habits(temperature="only 1"), Habits(temperature="refused", status_of_refusals=422)):
        with pytest.raises(EndpointStop, match=r"Leave temperature out .*skillweave model check writer"):
            sent(habits, None, sampling=Sampling(temperature=0.7))


def test_a_prompt_that_speaks_of_temperature_is_no_refused_setting() -> None:
    habits = Habits(refuses_all="The prompt is too long: 'In winter the temperature ...'")
    assert sent(habits, None, sampling=Sampling(temperature=0.7)).finish == "refused"


# ---- the workspace


def test_a_check_is_kept_by_address_and_model_and_resolve_finds_it(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    with quirky(Habits(limits=("max_completion_tokens",))) as url:
        environ = {"OPENAI_BASE_URL": url}
        endpoint = resolve("quirky", place, environ)
        assert endpoint.checked is None
        found = asyncio.run(check_model(endpoint, PLAIN)).capabilities
        path = found.write(place.models)
        assert path.parent == tmp_path / "models"
        assert resolve("quirky", place, environ).checked == found
        assert resolve("another", place, environ).checked is None
        assert resolve("quirky", place, {"OPENAI_BASE_URL": url + "/x"}).checked is None
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(InputError, match=r"not a check of format 1.*remove it, and check"):
        read_capabilities(place.models, found.base_url, "quirky")


@pytest.mark.parametrize("content", ["", "[]", '{"format": 1}', "\x00"])
def test_a_file_that_is_no_check_is_one_clear_error(tmp_path: Path, content: str) -> None:
    found = checked(Habits()).capabilities
    path = found.write(tmp_path)
    path.write_text(content)
    with pytest.raises(InputError) as error:
        read_capabilities(tmp_path, found.base_url, "quirky")
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_the_command_reports_prices_and_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", SECRET)
    habits = Habits(seed="refused", reasoning="inside the text", temperature="only 1")
    with quirky(habits) as url:
        (tmp_path / "skillweave.toml").write_text(
            f'[models.writer]\nbase_url = "{url}"\nmodel = "quirky"\napi_key_env = "MY_KEY"\n'
            "price = { prompt = 1, completion = 10, as_of = 2026-11-21 }\n"
        )
        result = CliRunner().invoke(app, ["model", "check", "writer", "--workspace", str(tmp_path)])
        assert result.exit_code == 0, result.output
        found = resolve("writer", Workspace(tmp_path)).checked
        assert found is not None
        assert (found.seed, found.reasoning, found.temperature) == ("refused", "inside the text", "only 1")
        assert f"{len(habits.bodies)} calls, 400 + 80 tokens, price $0.0012" in result.output
        assert "refused, seed: Unrecognized request argument supplied: seed" in result.output
        assert SECRET not in result.output + found.model_dump_json()

        config = tmp_path / "skillweave.toml"
        config.write_text(config.read_text() + "sampling = { temperature = 0.7 }\n")
        result = CliRunner().invoke(app, ["model", "check", "writer", "--workspace", str(tmp_path)])
        assert isinstance(result.exception, EndpointStop)
        assert "Leave temperature out" in str(result.exception)


def test_the_offline_teacher_is_checked_as_a_real_child_and_nothing_is_kept(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["model", "check", "offline-teacher", "--workspace", str(tmp_path)])
    assert result.exit_code == 0, result.output
    lines = {row.split("│")[1].strip(): row.split("│")[2].strip() for row in result.output.splitlines() if "│" in row}
    assert lines["model, as it reports it"] == "offline-teacher-1"
    assert (lines["seed"], lines["temperature"], lines["JSON schema"]) == ("heeded", "any", "refused")
    assert not (tmp_path / "models").exists()


# ---- reasoning


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("An answer.", ("", "An answer.")),
        ("  An answer.\n", ("", "  An answer.\n")),
        ("<think>\nwell\n</think>\n\nAn answer.", ("well", "An answer.")),
        ("\n<think></think>An answer.", ("", "An answer.")),
        ("<think>cut off in the mid", ("cut off in the mid", "")),
        ("well\n</think>\nAn answer.", ("well", "An answer.")),
        ("[THINK]well[/THINK]An answer.", ("well", "An answer.")),
        ("◁think▷well◁/think▷An answer.", ("well", "An answer.")),
        ("<think>a</think>An answer with <think>b</think> in it.", ("a", "An answer with <think>b</think> in it.")),
        ("An answer with <think>b</think> in it.", ("", "An answer with <think>b</think> in it.")),
        ("<thinking>asked for by a recipe</thinking>1", ("", "<thinking>asked for by a recipe</thinking>1")),
        ("", ("", "")),
    ],
)
def test_reasoning_is_parted_from_the_answer(text: str, parts: tuple[str, str]) -> None:
    assert split_reasoning(text) == parts


@pytest.mark.parametrize("where", ["inside the text", "without its opening tag", "reasoning_content", "reasoning"])
def test_a_recipe_never_sees_reasoning_whether_the_endpoint_was_checked_or_not(where: str) -> None:
    habits = Habits(reasoning=where)
    found = checked(habits).capabilities
    replies = [sent(habits, None), sent(habits, found)]
    assert replies[0] == replies[1]
    assert replies[0].text.startswith("<question>How many?</question>")
    assert replies[0].reasoning.startswith("hm")


def test_reasoning_is_journaled_sealed_and_reused(toy: Toy, tmp_path: Path) -> None:
    habits = Habits(reasoning="inside the text", text="Q")
    with quirky(habits) as url:
        endpoint = Endpoint(ref=ModelRef(served_by="simulated", model="simulated-1"), base_url=url)
        folder = toy.create(size=3, target=None, voters=1)
        toy.work(folder, endpoint)  # type: ignore[arg-type]
    calls = toy.table(folder, "calls").to_pylist()
    assert len(calls) > 3
    assert all(call["reasoning"].startswith("hm") and call["text"].startswith("Q") for call in calls)
    replies = sealed_replies(toy.open(folder), 0)
    assert {entry.reply.reasoning for of in replies.values() for entry in of.values()} == {
        call["reasoning"] for call in calls
    }


def test_calls_that_were_sealed_before_there_was_reasoning_are_read(toy: Toy, simulated: Any) -> None:
    folder = toy.create(size=3, target=None)
    toy.work(folder, simulated())
    run = toy.open(folder)
    seal, seal_path = seals_of(run.shards)[0], run.shards / "00000.seal.json"
    path = run.shards / seal.files["calls"].name
    now = sealed_replies(run, 0)
    pq.write_table(pq.read_table(path).drop_columns(["reasoning"]), path)
    resized = seal.files["calls"].model_copy(update={"size": path.stat().st_size})
    seal_path.write_text(seal.model_copy(update={"files": {**seal.files, "calls": resized}}).model_dump_json())
    assert sealed_replies(run, 0) == now


def test_journals_of_format_1_are_read_and_reasoning_makes_format_2(tmp_path: Path) -> None:
    entry = Entry(7, "0", "b2:00", Reply("text", reasoning="hm", usage=Usage(1, 2), model="m"), 5)
    line = orjson.loads(encode(entry))
    assert (line["v"], line["r"]) == (2, "hm")
    old = {name: value for name, value in line.items() if name != "r"} | {"v": 1}
    path = tmp_path / "00000.x.calls.jsonl"
    path.write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in (line, old)))
    first, second = read_journal(path)
    assert first == entry
    assert second.reply == Reply("text", usage=Usage(1, 2), model="m")


def test_the_key_of_a_call_is_what_it_always_was() -> None:
    ref = ModelRef(served_by="writer", model="m", sampling=Sampling(temperature=0.7, max_tokens=5))
    key = call_key(Call((Message("user", "Hi"),), sample=1), ref)
    assert key == "b2:d4e442fd4032b28df825bbd8f3f6a84f"
    assert seed_of(key) == 1424245501
