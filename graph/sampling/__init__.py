"""Compositions drawn from a snapshot: arrays in, arrays out, draw i a pure function of what run.json holds."""
