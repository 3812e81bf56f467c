"""What a person is told where a page ends in an error that no page caught: a sentence, never what Python says of it."""

from __future__ import annotations

import streamlit as st

from app.text import escaped
from engine.errors import SkillweaveError

SENTENCE = "This page failed, and that is a fault of skillweave's. Load it again; what happened is in the app's log."


def tell(error: Exception) -> bool:
    """Show it in place of Streamlit's own box. Streamlit has written the traceback to the log before."""
    known = isinstance(error, SkillweaveError)
    st.error(escaped(str(error)) if known else SENTENCE, icon=":material/error:")
    return True
