"""The equations that a case solves: one class per family of models behind one small interface."""
