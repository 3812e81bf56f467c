"""Models by name, from a real file and an environment; prices."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from engine.call import Sampling, Usage
from engine.errors import InputError
from engine.models import OFFICIAL_URL, Endpoint, resolve
from engine.prices import Price, cost, shipped_prices
from engine.workspace import Workspace

SECRET = "sk-very-secret"
FILE = """\
[store]
url = "bolt://localhost"

[models.writer]
base_url = "https://endpoint.example/v1/"
model = "big-one"
api_key_env = "MY_KEY"
transport = "official"
timeout_s = 30
concurrency = 200
price = "own"
sampling = { temperature = 0.7, max_tokens = 2048 }

[models.judge]
base_url = "http://localhost:8000/v1"
model = "small-one"
price = { prompt = 1, completion = 2, as_of = 2026-11-01 }

[models.plain]
model = "gpt-4o-mini"

[prices.own]
prompt = 3
cached = 1
completion = 6
as_of = 2026-11-21
"""


def workspace(tmp_path: Path, text: str | bytes = FILE) -> Workspace:
    (tmp_path / "skillweave.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return Workspace(tmp_path)


def test_an_entry_says_everything(tmp_path: Path) -> None:
    endpoint = resolve("writer", workspace(tmp_path), {"MY_KEY": SECRET + "\n"})
    assert (endpoint.ref.served_by, endpoint.ref.model) == ("writer", "big-one")
    assert endpoint.ref.sampling == Sampling(temperature=0.7, max_tokens=2048)
    assert (endpoint.base_url, endpoint.transport) == ("https://endpoint.example/v1", "official")
    assert (endpoint.timeout_s, endpoint.concurrency) == (30, 200)
    assert endpoint.api_key.get_secret_value() == SECRET
    assert endpoint.price == Price(id="own", prompt=3, cached=1, completion=6, as_of=dt.date(2026, 11, 21))
    assert SECRET not in f"{endpoint!r} {endpoint} {endpoint.model_dump_json()}"


def test_an_endpoint_of_ones_own_needs_no_key(tmp_path: Path) -> None:
    endpoint = resolve("judge", workspace(tmp_path), {})
    assert endpoint.api_key.get_secret_value() == ""
    assert endpoint.price is not None
    assert (endpoint.price.id, endpoint.price.cached) == ("judge", None)


@pytest.mark.parametrize("in_file", [True, False])
def test_the_environment_alone_is_enough(tmp_path: Path, in_file: bool) -> None:
    place = workspace(tmp_path) if in_file else Workspace(tmp_path / "absent")
    endpoint = resolve("gpt-4o-mini", place, {"OPENAI_API_KEY": SECRET})
    assert (endpoint.ref.served_by, endpoint.ref.model) == ("env:gpt-4o-mini", "gpt-4o-mini")
    assert (endpoint.base_url, endpoint.transport) == (OFFICIAL_URL, "fast")
    assert endpoint.price == shipped_prices()["gpt-4o-mini"]


def test_another_address_has_another_price(tmp_path: Path) -> None:
    endpoint = resolve("gpt-4o-mini", Workspace(tmp_path), {"OPENAI_BASE_URL": "http://localhost:8000/v1"})
    assert (endpoint.base_url, endpoint.price) == ("http://localhost:8000/v1", None)


def test_a_missing_key_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"export OPENAI_API_KEY=.*offline-teacher") as error:
        resolve("fast", workspace(tmp_path), {})
    assert "has the models judge, plain, writer" in str(error.value)
    with pytest.raises(InputError, match="OPENAI_API_KEY"):
        resolve("plain", workspace(tmp_path), {"OPENAI_API_KEY": "  "})


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("[models.a]\nmodel = ", "2", "Invalid value"),
        ("[models.a\n", "1", "Expected"),
        ('x = """\n\n', "3", "Unterminated"),
        ("[model.a]\nmodel = 'b'", "1", "unknown table; there are app, embedder, models, prices, store"),
        ("[models.a]\nmodel = 'b'\n\n[models.b]\nmodel = 'c'\ntempo = 3\n", "6", "tempo: is not known here"),
        (
            "[models.a]\nmodel = 'b'\nsampling = { temperature = 9 }\n",
            "3",
            "sampling.temperature: Input should be less",
        ),
        ("\n[models.'a b']\ntimeout_s = 0\nmodel = 'b'\n", "3", "timeout_s"),
        ("[models.a]\n", "1", "model: Field required"),
        ("[models]\na = 3\n", "1", "begun by a line [models.NAME]"),
        ("models = 3\n", "1", "begun by a line [models.NAME]"),
        ("[models.a]\nmodel = 'b'\nprice = 'cheap'\n", "1", "there is no price 'cheap'; there are gpt-4.1, "),
        ("[prices.a]\nprompt = -1\ncompletion = 1\nas_of = 2026-01-01\n", "2", "prompt"),
        ("[prices.a]\nprompt = 1\ncompletion = 1\n", "1", "as_of: Field required"),
        (b"[models.a]\nmodel = '\xff'\n", None, "cannot be read"),
    ],
)
def test_a_faulty_file_is_one_error_with_its_line(
    tmp_path: Path, text: str | bytes, where: str | None, words: str
) -> None:
    place = workspace(tmp_path, text)
    with pytest.raises(InputError) as error:
        resolve("a", place, {"OPENAI_API_KEY": SECRET})
    assert words in str(error.value)
    assert str(error.value).startswith(f"{place.config}:{where}: " if where else f"{place.config} ")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("localhost:8000/v1", "must begin with http"),
        ("https:///v1", "must begin with http"),
        ("https://me:sk-very-secret@endpoint.example/v1", "no name, no key"),
        ("https://endpoint.example/v1?key=sk-very-secret", "no name, no key"),
        ("https://endpoint.example/v1/chat/completions", "without its end: https://endpoint.example/v1"),
    ],
)
def test_an_address_that_is_none(tmp_path: Path, url: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as error:
        resolve("a", Workspace(tmp_path), {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "k"})
    assert SECRET not in str(error.value)


@pytest.mark.parametrize("key", ["sk-very-secret\u2026", "sk-very-secret\r\nHost: x"])
def test_a_key_that_no_header_can_hold_is_refused_unseen(tmp_path: Path, key: str) -> None:
    with pytest.raises(InputError, match="OPENAI_API_KEY") as error:
        resolve("a", Workspace(tmp_path), {"OPENAI_API_KEY": key})
    assert SECRET not in str(error.value)


def test_cost_counts_cached_tokens_once_and_reasoning_with_the_completion() -> None:
    price = Price(id="p", prompt=2, cached=0.5, completion=8, as_of=dt.date(2026, 11, 21))
    usage = Usage(prompt=1_000_000, completion=500_000, cached=400_000, reasoning=300_000)
    assert cost(usage, price) == pytest.approx(0.6 * 2 + 0.4 * 0.5 + 0.5 * 8)
    assert cost(usage, price.model_copy(update={"cached": None})) == pytest.approx(2 + 4)
    assert cost(Usage(prompt=10, cached=99), price) == pytest.approx(10 * 0.5 / 1e6)
    assert cost(usage, None) is None
    assert cost(usage, shipped_prices()["offline-teacher"]) == 0


def test_shipped_prices_are_dated_and_cached_tokens_are_never_dearer() -> None:
    for name, price in shipped_prices().items():
        assert price.id == name
        assert price.as_of >= dt.date(2026, 11, 21)
        assert price.cached is not None
        assert price.cached <= price.prompt <= price.completion


def test_endpoint_settings_are_checked() -> None:
    with pytest.raises(ValueError, match="concurrency"):
        Endpoint.model_validate({"ref": {"served_by": "a", "model": "b"}, "base_url": "http://x", "concurrency": 0})


SEVERAL = """\
[models.farm]
base_url = "http://one:8000/v1"
model = "small-one"
requests_per_minute = 600
tokens_per_minute = 200_000

[[models.farm.endpoints]]
base_url = "http://two:8000/v1"
weight = 2

[[models.farm.endpoints]]
base_url = "http://three:8000/v1"
concurrency = 8
adaptive = false
"""


def test_a_model_may_be_served_by_several_endpoints_each_with_limits_of_its_own(tmp_path: Path) -> None:
    one, two, three = resolve("farm", workspace(tmp_path, SEVERAL), {}).all
    assert [endpoint.base_url for endpoint in (one, two, three)] == [
        f"http://{n}:8000/v1" for n in ("one", "two", "three")
    ]
    assert {endpoint.ref.served_by for endpoint in (one, two, three)} == {"farm"}
    assert (one.requests_per_minute, one.tokens_per_minute, one.weight) == (600, 200_000, 1)
    assert (two.requests_per_minute, two.weight, two.adaptive) == (None, 2, True)
    assert (three.concurrency, three.adaptive) == (8, False)
    assert one.in_flight == 64 + 64 + 8


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("weight = 2", "weight = 0", 9, "[[models.farm.endpoints]] weight: "),
        ("weight = 2", 'model = "x"', 9, "model: is not known here; its settings are transport"),
        ("adaptive = false", "adaptive = 7", 14, "[[models.farm.endpoints]] adaptive: "),
        ('base_url = "http://three:8000/v1"', "", 11, "base_url: Field required"),
        ("http://three:8000/v1", "three:8000", 12, "[[models.farm.endpoints]]: the address must begin with http"),
        ("http://one:8000/v1", "one:8000", 2, "[models.farm]: the address must begin with http"),
        ("requests_per_minute = 600", "requests_per_minute = -1", 4, "[models.farm] requests_per_minute: "),
        ("tokens_per_minute = 200_000", 'tokens_per_minute = "many"', 5, "[models.farm] tokens_per_minute: "),
    ],
)
def test_a_wrong_limit_is_named_with_file_and_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    with pytest.raises(InputError) as error:
        resolve("farm", workspace(tmp_path, SEVERAL.replace(old, new)), {})
    assert str(error.value).startswith(f"{tmp_path / 'skillweave.toml'}:{line}: ")
    assert words in str(error.value)
