"""The case file: what it may hold, and what it says when it is wrong."""
