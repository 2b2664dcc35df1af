from __future__ import annotations


def write_comparison(c):
    pass
