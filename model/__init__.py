"""What happens: units, species, electrolytes, kinetics and the terms of the equations."""
