"""What a sweep tells while it goes on: a live table on a terminal, plain lines in a log."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

#: Running points that are shown, at most.
SHOWN = 16

#: Seconds between two lines of a log that has nothing else to say.
EVERY = 30.0


@dataclass(frozen=True)
class Running:
    """A point that is being computed; ``share`` of it is done, if that can be told."""

    label: str
    seconds: float
    share: float | None = None
    again: bool = False


@dataclass(frozen=True)
class Standing:
    """How a sweep stands. ``remaining`` [s] is a guess, None without ground for one."""

    finished: int
    failed: int
    waiting: int
    remaining: float | None = None
    running: Sequence[Running] = field(default=())

    @property
    def total(self) -> int:
        """All cases."""
        return self.finished + self.failed + self.waiting + len(self.running)

    def sentence(self) -> str:
        """In one line."""
        parts = [f"{self.finished} of {self.total} finished", f"{len(self.running)} running"]
        parts += [f"{self.waiting} waiting"] + ([f"{self.failed} failed"] if self.failed else [])
        if self.remaining is not None:
            parts.append(f"about {duration(self.remaining)} to go")
        return ", ".join(parts)


class Board(Protocol):
    """Where progress is told."""

    def say(self, text: str) -> None:
        """Something happened that is worth a line."""

    def show(self, standing: Standing) -> None:
        """How things stand; called about once a second."""

    def close(self) -> None:
        """There is nothing more to tell."""


class Silent:
    """Says nothing."""

    def say(self, text: str) -> None:
        """Nothing."""

    def show(self, standing: Standing) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class Lines:
    """A line for what happened, and now and then one for how things stand."""

    def __init__(self, console: Console) -> None:
        self.console, self.last = console, time.monotonic()

    def say(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)
        self.last = time.monotonic()

    def show(self, standing: Standing) -> None:
        if time.monotonic() - self.last > EVERY:
            self.say(standing.sentence())

    def close(self) -> None:
        """Nothing."""


class Screen:
    """A bar, and a row for each running point; lines scroll above."""

    def __init__(self, console: Console) -> None:
        self.live = Live(console=console, refresh_per_second=4, transient=True)
        self.live.start()

    def say(self, text: str) -> None:
        self.live.console.print(text, markup=False, highlight=False)

    def show(self, standing: Standing) -> None:
        self.live.update(drawn(standing))

    def close(self) -> None:
        self.live.stop()


def board(console: Console, quiet: bool) -> Board:
    """The way to tell that suits this console."""
    if quiet:
        return Silent()
    return Screen(console) if console.is_terminal else Lines(console)


def drawn(standing: Standing) -> Group:
    """The live table."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for item in standing.running[:SHOWN]:
        done = "" if item.share is None else f"{item.share:4.0%}"
        bar = "" if item.share is None else ProgressBar(total=1.0, completed=item.share, width=20)
        note = "second attempt" if item.again else ""
        table.add_row(escape(item.label), bar, done, duration(item.seconds), note)
    if len(standing.running) > SHOWN:
        table.add_row(f"and {len(standing.running) - SHOWN} more")
    over = standing.finished + standing.failed
    bar = ProgressBar(total=max(1, standing.total), completed=over, width=40)
    return Group(table, bar, Text(standing.sentence()))


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"
