"""From compositions to questions to datasets: what a recipe asks for, how it reads replies, what it lets pass.

Stands on `graph` and `engine`. A composition comes from a walk (`composition`), examples from the seeds (`shots`), a
recipe (`recipes`) makes calls of both and rows of the replies, `quality` looks at one row, `datasets` at many.
"""
