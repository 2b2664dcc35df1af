"""Sweeps: many cases that differ in a few keys, run side by side and gathered in one dataset."""
