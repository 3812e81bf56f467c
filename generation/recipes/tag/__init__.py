"""The tag recipe: what a generated question is about, read from its text alone."""
