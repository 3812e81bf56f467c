"""What speaks against a question: filters of a run and checks of a dataset, one a file.

A row filter (`length`, `exact_answer`, `giveaway`, `copied`) is part of a recipe: it looks at one row and returns None
to let it pass, else the reason to reject it, before anything is sealed. A check (`contract`) looks at accepted rows,
also at many at once and at test questions, and finds verdicts with evidence; no sealed row changes. `plan` lists the
checks.
"""
