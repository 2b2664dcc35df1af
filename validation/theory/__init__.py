"""Exact solutions and tabulated numbers that the simulator is measured against."""

from __future__ import annotations
