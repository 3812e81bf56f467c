"""Seeds, concepts, the concept graph, its stores and its samplers. Stands on `engine`."""
