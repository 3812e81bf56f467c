"""A workspace as a whole: one file of a graph and its runs for a colleague, what takes room, and what may go."""
