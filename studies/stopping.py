"""Requests to stop: signals that are noted, and answered between two time steps.

SIGTERM and SIGUSR1 (the warning that Slurm sends before it ends a job) and Ctrl-C ask a run to write a
checkpoint and end. A second Ctrl-C ends it at once.
"""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

#: What asks a run to stop.
ASKING = (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT)


class Stopping:
    """Within `with Stopping() as stopping`, ``stopping.signal`` is 0 or the number of a signal."""

    def __init__(self) -> None:
        self.signal = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Stopping:
        for number in ASKING:
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT and self.signal == signal.SIGINT:
            raise KeyboardInterrupt
        self.signal = number


class Never:
    """Nobody asks: for runs within another program, which keeps its own signals."""

    signal = 0
