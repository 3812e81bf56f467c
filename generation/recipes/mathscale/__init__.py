"""MathScale: one call writes a question and its solution from the concepts of a walk (arXiv 2403.02884)."""
