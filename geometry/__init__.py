"""Where: chips, coin cells, their sections, and meshes with named, fixed tags."""
