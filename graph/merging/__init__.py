"""Which names mean the same concept: normalised, by the alias table, by embeddings under guards. Nothing is deleted."""
