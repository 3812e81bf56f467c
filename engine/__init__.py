"""Items to conversations with a model to sealed rows, durably. Knows nothing of questions.

Read in this order: `call` (what is asked and answered), `recipe` (who asks), `journal` and `replay` (what is
remembered), `run` and `shard` (where it lies), `planner` (what comes next), `drivers` (who does it).
"""
