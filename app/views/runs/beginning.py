"""A new run: a form, its plan and price, and only then the button that begins it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, get_args, get_origin

import streamlit as st

from app.answers import frame
from app.state import place
from app.text import escaped, visible
from app.views.runs.acting import start, tell
from app.views.runs.words import RIGHT, money
from engine.errors import SkillweaveError
from engine.estimate import Range
from engine.models import named_models
from generation.ordering import Offer, Order, offer
from generation.progress_view import span
from generation.recipes import RECIPES, find_recipe
from graph.sampling.constraints import constraint_names
from graph.sampling.samplers import DEFAULT, SAMPLERS
from graph.seed import LEVELS
from graph.snapshot import list_snapshots
from skillweave.models import OFFLINE_TEACHER, CommandLineModels

_DRIVERS: Mapping[str, Literal["online", "batch"]] = {"call by call": "online", "by batches, within a day": "batch"}
_PLANNED = "new-run-plan"
_COUNTS = {
    "conversations": "conversations",
    "calls": "calls",
    "prompt": "prompt tokens",
    "completion": "completion tokens",
}


def show_form() -> None:
    """The form in place of the list."""
    left, right = st.columns([4, 1], vertical_alignment="center")
    left.title("New run", anchor=False)
    right.button("Back to the runs", icon=":material/arrow_back:", on_click=_close, width="stretch")
    graphs = list_snapshots(place().graphs)
    if not graphs:
        st.info("A run draws from a graph, and there is none in this workspace yet. Make one in a terminal:")
        st.code(f"skillweave quickstart --workspace {place().root}", language=None)
        return
    order = _order(graphs)
    if st.button("Show plan and price", icon=":material/calculate:", type="secondary", key="new-plan"):
        st.session_state.pop(_PLANNED, None)
        with st.spinner("Reading the graph and measuring the first prompts ..."):
            try:
                st.session_state[_PLANNED] = (order, offer(place(), order, CommandLineModels()))
            except SkillweaveError as error:
                st.error("This run cannot begin:", icon=":material/error:")
                st.code(visible(str(error)), language=None, wrap_lines=True)
    planned = st.session_state.get(_PLANNED)
    if planned is None:
        st.caption("Nothing is sent and nothing is made before you have seen what it takes.")
    elif planned[0] != order:
        st.caption("The settings have changed since. Show the plan again.")
    else:
        _show_offer(planned[1])
    tell()


def _close() -> None:
    st.session_state["new-run"] = False
    st.session_state.pop(_PLANNED, None)


def _order(graphs: Sequence[Mapping[str, Any]]) -> Order:
    """The widgets, and what they say."""
    one, two, three = st.columns(3)
    count = one.number_input("Questions wanted", min_value=1, value=500, step=100, key="new-count")
    model = two.selectbox(
        "Model", [OFFLINE_TEACHER, *named_models(place())], key="new-model",
        help="The models of skillweave.toml, and the offline teacher, which is no language model and costs nothing.",
    )  # fmt: skip
    name = three.text_input("Name", key="new-name", placeholder="made from its content", max_chars=100)
    names = {str(meta["fingerprint"]): f"{meta['counts']['nodes']:,} concepts" for meta in graphs}
    graph = one.selectbox("Graph", list(names), format_func=lambda each: f"{each[:9]}  {names[each]}", key="new-graph")
    recipe = two.selectbox("Recipe", list(RECIPES), key="new-recipe", help="How the questions are made.")
    sampler = three.selectbox(
        "Sampler", list(SAMPLERS), index=list(SAMPLERS).index(DEFAULT.name), key="new-sampler",
        format_func=lambda each: f"{each}: {SAMPLERS[each].summary}", help="How compositions are drawn from the graph.",
    )  # fmt: skip
    limits = st.columns(3)
    usd = limits[0].number_input(
        "Limit of US dollars", min_value=0.01, value=None, format="%.2f", placeholder="none", key="new-usd"
    )
    tokens = limits[1].number_input(
        "Limit of tokens", min_value=1, value=None, step=100_000, placeholder="none", key="new-tokens"
    )
    hours = limits[2].number_input(
        "Limit of hours of work", min_value=0.01, value=None, placeholder="none", key="new-hours"
    )
    fields = SAMPLERS[sampler].settings.model_fields
    constraints = constraint_names(SAMPLERS[sampler].settings)
    with st.expander("Constraints on what is drawn", icon=":material/filter_alt:"):
        sampling = _settings(f"new-{sampler}", {name: fields[name] for name in fields if name in constraints})
    with st.expander(f"Settings of {sampler}", icon=":material/tune:"):
        sampling |= _settings(f"new-{sampler}", {name: fields[name] for name in fields if name not in constraints})
    with st.expander(f"Settings of {recipe}, and how it works", icon=":material/settings:"):
        first, second, third = st.columns(3)
        shots = first.number_input("Examples shown to the model", min_value=0, value=8, key="new-shots")
        seed = second.number_input("Seed", value=0, key="new-seed", help="Other seeds draw other compositions.")
        driver = third.selectbox("How it is asked", list(_DRIVERS), key="new-driver")
        settings = _settings(f"new-{recipe}", find_recipe(recipe).settings.model_fields)
    return Order(
        count=int(count), recipe=recipe, model=model, graph=graph, seed=int(seed), sampler=sampler,
        sampling=sampling, name=name.strip() or None, shots=int(shots), settings=settings,
        driver=None if _DRIVERS[driver] == "online" else "batch",
        max_usd=usd, max_tokens=None if tokens is None else int(tokens), max_hours=hours,
    )  # fmt: skip


def _settings(key: str, fields: Mapping[str, Any]) -> dict[str, str]:
    """A widget for each setting, empty as by default; those that say something else, as text."""
    said: dict[str, str] = {}
    columns = st.columns(3)
    for number, (name, field) in enumerate(fields.items()):
        value = _widget(columns[number % 3], f"{key}-{name}", name, field)
        if value is not None:
            said[name] = value
    return said


def _widget(column: Any, key: str, name: str, field: Any) -> str | None:
    """One setting's widget by its type; None where it stays as by default."""
    label, kind, default = name.replace("_", " "), field.annotation, field.default
    how = {"help": field.description, "key": key}
    if name == "levels":
        return ",".join(column.multiselect(label, LEVELS, placeholder="any", **how)) or None
    if get_origin(kind) is Literal or kind is bool:
        choices = ["yes", "no"] if kind is bool else [str(each) for each in get_args(kind)]
        now = ("yes" if default else "no") if kind is bool else str(default)
        value = column.selectbox(label, choices, index=choices.index(now), **how)
        return None if value == now else {"yes": "true", "no": "false"}.get(value, value) if kind is bool else value
    kinds = {kind, *get_args(kind)} - {type(None)}
    shown = "any" if default in (None, ()) else str(default)
    if kinds == {int}:
        number = column.number_input(label, value=None, step=1, placeholder=shown, **how)
        return None if number is None else str(int(number))
    if kinds == {float}:
        number = column.number_input(label, value=None, placeholder=shown, **how)
        return None if number is None else str(number)
    return column.text_input(label, placeholder=shown, **how).strip() or None


def _show_offer(told: Offer) -> None:
    """The plan and its price, the command that does the same, and the button."""
    forecast, order = told.forecast, told.order
    free = order.model == OFFLINE_TEACHER
    with st.container(border=True):
        st.header(f"Plan of {escaped(str(order.name))}", anchor=False)
        if told.exists:
            st.caption(f"This run is there already, with {forecast.rows_made:,} rows. It would be gone on with.")
        rows = [(_COUNTS[kind], *_told(forecast.left[kind])) for kind in _COUNTS if kind in forecast.left]
        usd, hours = forecast.left.get("usd"), forecast.left.get("hours")
        price = ("at no cost",) * 3 if free else ("price unknown", "", "") if usd is None else _told(usd, money)
        time = ("unknown", "", "") if hours is None else _told(hours.times(3600), span)
        figures = {"Rows": f"{forecast.rows or 0:,}", "Calls": rows[1][1], "Price": price[0], "Time": time[0]}
        for column, (label, value) in zip(st.columns(4), figures.items(), strict=True):
            column.metric(label, value.replace("$", "\\$"), border=True)
        st.dataframe(
            frame(("what is left", "likely", "at least", "at most"), [*rows, ("price", *price), ("time", *time)]),
            hide_index=True, width="stretch", height="content", alt="The plan",
            column_config=dict.fromkeys(("likely", "at least", "at most"), RIGHT),
        )  # fmt: skip
        if hours is None:
            st.caption("The time is known once a run like it has worked, or from a sample: skillweave plan --sample 20")
        sure = "The bounds hold in nine cases of ten." if forecast.sample else "The bounds are guesses, not statistics."
        st.caption(escaped(f"It stands on {forecast.basis}. {sure}"))
        st.caption("The same from a script:")
        st.code(shlex.join(("skillweave", *order.arguments())), language=None, wrap_lines=True)
        if st.button("Start this run", icon=":material/play_arrow:", type="primary", key="new-start") and start(order):
            st.session_state["new-run"] = False
            st.session_state.pop(_PLANNED, None)
            st.query_params["run"] = str(order.name)
            st.rerun()


def _told(bounds: Range, tell: Callable[[float], str] = lambda value: f"{value:,.0f}") -> tuple[str, str, str]:
    return tell(bounds.likely), tell(bounds.low), tell(bounds.high)
