"""Who carries out a run. A conversation cannot tell the drivers apart."""
