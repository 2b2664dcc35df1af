"""Flow through the layer of a chip: how much, how fast, and what it changes."""
