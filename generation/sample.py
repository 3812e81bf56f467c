"""What `skillweave model check` asks: a question from one topic and two knowledge points, without examples."""

from __future__ import annotations

from engine.call import Message
from engine.prompt import render
from generation.recipes.mathscale.recipe import MATHSCALE


def sample_messages() -> tuple[Message, ...]:
    """The messages of the mathscale recipe for a small composition: what a run would ask, at its shortest."""
    values = {
        "domain": "mathematics",
        "shots": "",
        "topics": "1. Percentages",
        "knowledge_points": "1. Percentage of a quantity\n2. Percentage discount",
    }
    return render(MATHSCALE.prompts["write"], values)
