"""The resolve recipe: a second solution of a generated question, to compare answers."""
