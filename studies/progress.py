"""Progress: a rich bar on a terminal, plain lines in a batch log, nothing on other ranks."""

from __future__ import annotations

import time
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from thincell.studies import names


class Progress(Protocol):
    """What a run tells while it goes on. Called on all ranks."""

    def begin(self, number: int, of: int, kind: str, duration: float | None) -> None:
        """A protocol step begins; ``duration`` [s] when it is known."""

    def update(self, done: float, row: dict[str, Any], steps: int) -> None:
        """A time step was accepted, ``done`` [s] after the beginning of the protocol step."""

    def end(self, event: str | None) -> None:
        """The protocol step is over, because of an event or because its time was up."""

    def member(self, done: int, of: int, label: str) -> None:
        """A run of several is over, ``done`` of them by now; zero at the beginning."""

    def stop(self) -> None:
        """The run is over."""


class Silent:
    """Says nothing."""

    def begin(self, number: int, of: int, kind: str, duration: float | None) -> None:
        """Nothing."""

    def update(self, done: float, row: dict[str, Any], steps: int) -> None:
        """Nothing."""

    def end(self, event: str | None) -> None:
        """Nothing."""

    def member(self, done: int, of: int, label: str) -> None:
        """Nothing."""

    def stop(self) -> None:
        """Nothing."""


class Lines(Silent):
    """One line every few seconds, for logs."""

    def __init__(self, console: Console, every: float = 10.0) -> None:
        self.console, self.every, self.last = console, every, 0.0
        self.head = ""

    def begin(self, number: int, of: int, kind: str, duration: float | None) -> None:
        self.head = f"step {number}/{of} {kind}"
        until = f" for {duration:g} s" if duration is not None else ""
        self.console.print(f"{self.head}{until}", highlight=False)
        self.last = time.monotonic()

    def update(self, done: float, row: dict[str, Any], steps: int) -> None:
        if time.monotonic() - self.last < self.every:
            return
        self.last = time.monotonic()
        self.console.print(
            f"{self.head}: t = {done:.4g} s, {steps} time steps, {row[names.NEWTON.name]} Newton,"
            f" E = {row[names.POTENTIAL.name]:.4f} V, c_min = {row[names.LOWEST.name]:.4g} mol/m3",
            highlight=False,
        )

    def end(self, event: str | None) -> None:
        if event is not None:
            self.console.print(f"{self.head}: ended by {event}", highlight=False)

    def member(self, done: int, of: int, label: str) -> None:
        if done:
            self.console.print(f"run {done}/{of} is over: {label}", highlight=False)


class Bar(Silent):
    """A bar with simulated time, time steps, Newton iterations and the time that remains."""

    def __init__(self, console: Console) -> None:
        self.bar = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(),
            console=console,
        )
        self.bar.start()
        self.task: Any = None

    def begin(self, number: int, of: int, kind: str, duration: float | None) -> None:
        head = f"step {number}/{of} {kind}"
        self.task = self.bar.add_task(head, total=duration, note="")

    def update(self, done: float, row: dict[str, Any], steps: int) -> None:
        note = f"t = {done:.4g} s, {steps} steps, {row[names.NEWTON.name]} Newton"
        self.bar.update(self.task, completed=done, note=note)

    def member(self, done: int, of: int, label: str) -> None:
        if self.task is None:
            self.task = self.bar.add_task(f"{of} runs", total=float(of), note="")
        note = f"{done} of {of}; last: {label}" if done else ""
        self.bar.update(self.task, completed=done, note=note)

    def stop(self) -> None:
        self.bar.stop()


def reporter(rank: int, console: Console, quiet: bool = False) -> Progress:
    """The progress for this rank and console."""
    if rank != 0 or quiet:
        return Silent()
    return Bar(console) if console.is_terminal else Lines(console)
