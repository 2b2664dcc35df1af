"""Why believe it: exact theory and published observations."""

from __future__ import annotations
