"""What a user asks: cases, runs, comparisons, sweeps, reports, commands."""

from __future__ import annotations
