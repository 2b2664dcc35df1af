"""A deposit in a run: its beginning, its coefficients in every step, its books and its shape."""
