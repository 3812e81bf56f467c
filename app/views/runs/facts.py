"""What a run is made of, and what its processes wrote."""

from __future__ import annotations

import streamlit as st

from app.answers import frame
from app.state import place
from app.text import escaped, visible
from app.views.runs.words import moment
from generation.launching import log_end
from generation.run_progress import Progress

_MOST_LOG = 60
"""Lines of a log."""


def show_facts(progress: Progress) -> None:
    """What decides the run's rows, and what its processes wrote."""
    spec = progress.spec
    models = ", ".join(f"{role}: {model.model}" for role, model in spec.models.items())
    facts = [("recipe", f"{spec.recipe}, version {spec.version}"), ("models", models), ("seed", str(spec.seed))]
    facts += [(name, _told(value)) for name, value in spec.items.items() if name != "seeds"]
    facts += [(name, _told(value)) for name, value in spec.settings.items()]
    with st.expander("What it is made of", icon=":material/tune:"):
        st.dataframe(frame(("what", "value"), facts), hide_index=True, width="stretch", alt="What decides its rows")
    if progress.launched is not None:
        with st.expander("What its process wrote", icon=":material/terminal:"):
            began = progress.launched
            by = f" by {escaped(began.by)}" if began.by else ""
            st.caption(f"Started {moment(began.at):%Y-%m-%d %H:%M}{by}, process {began.pid} of {escaped(began.host)}:")
            st.code(began.told(), language=None, wrap_lines=True)
            show_log(progress.line.run)


def show_log(run: str) -> None:
    """The end of what the processes of a run wrote."""
    if said := log_end(place(), run):
        st.code("\n".join(visible(said).splitlines()[-_MOST_LOG:]), language=None, wrap_lines=True)
    else:
        st.caption("Nothing yet.")


def _told(value: object) -> str:
    return ", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
