"""Progress: a rich bar on a terminal, plain lines in a batch log, nothing on other ranks."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from thincell.studies import names, output


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

    def frequency(self, done: int, of: int, hertz: float) -> None:
        """An impedance is known, ``done`` of them by now."""

    def note(self, text: str) -> None:
        """Something for the log: a checkpoint, the end."""

    def say(self, text: str) -> None:
        """Something to be seen: a warning, a run that goes on."""

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

    def frequency(self, done: int, of: int, hertz: float) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""

    def say(self, text: str) -> None:
        """Nothing."""

    def stop(self) -> None:
        """Nothing."""


class Lines(Silent):
    """One line every few seconds, for logs."""

    def __init__(self, write: Callable[[str], None], every: float = 10.0) -> None:
        self.write, self.every, self.last = write, every, 0.0
        self.head = ""

    def begin(self, number: int, of: int, kind: str, duration: float | None) -> None:
        self.head = f"step {number}/{of} {kind}"
        until = f" for {duration:g} s" if duration is not None else ""
        self.write(f"{self.head}{until}")
        self.last = time.monotonic()

    def update(self, done: float, row: dict[str, Any], steps: int) -> None:
        if time.monotonic() - self.last < self.every:
            return
        self.last = time.monotonic()
        self.write(
            f"{self.head}: t = {done:.4g} s, {steps} time steps, {row[names.NEWTON.name]} Newton,"
            f" E = {row[names.POTENTIAL.name]:.4f} V, c_min = {row[names.LOWEST.name]:.4g} mol/m3"
        )

    def end(self, event: str | None) -> None:
        if event is not None:
            self.write(f"{self.head}: ended by {event}")

    def member(self, done: int, of: int, label: str) -> None:
        if done:
            self.write(f"run {done}/{of} is over: {label}")

    def frequency(self, done: int, of: int, hertz: float) -> None:
        if done in (1, of) or time.monotonic() - self.last >= self.every:
            self.last = time.monotonic()
            self.write(f"impedance {done}/{of}: {hertz:.4g} Hz")

    def note(self, text: str) -> None:
        self.write(text)

    def say(self, text: str) -> None:
        self.write(text)


class RunLog:
    """Appends lines with their time to a file. A full disk is told by what matters more."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, text: str) -> None:
        stamp = datetime.now().astimezone().isoformat(timespec="seconds")
        with contextlib.suppress(OSError), self.path.open("a", encoding="utf-8") as stream:
            stream.write(f"{stamp} {text}\n")


class Heartbeat(Silent):
    """progress.json in a run's folder, every few seconds, for whoever watches from outside."""

    EVERY = 2.0

    def __init__(self, folder: Path) -> None:
        self.path, self.last = folder / "progress.json", 0.0
        self.step, self.of = 0, 0
        self.duration: float | None = None

    def begin(self, number: int, of: int, kind: str, duration: float | None) -> None:
        self.step, self.of, self.duration = number, of, duration

    def update(self, done: float, row: dict[str, Any], steps: int) -> None:
        if time.monotonic() - self.last < self.EVERY:
            return
        self.last = time.monotonic()
        share = (self.step - 1 + min(done / self.duration, 1.0)) / self.of if self.duration else None
        data = {
            "time": row[names.TIME.name],
            "step": self.step,
            "of": self.of,
            "share": share,
            "time steps": steps,
            "updated": time.time(),
        }
        with contextlib.suppress(output.WriteError):
            output.write_json(self.path, data)


class Several:
    """Tells several."""

    def __init__(self, parts: Sequence[Progress]) -> None:
        self.parts = parts

    def begin(self, number: int, of: int, kind: str, duration: float | None) -> None:
        for part in self.parts:
            part.begin(number, of, kind, duration)

    def update(self, done: float, row: dict[str, Any], steps: int) -> None:
        for part in self.parts:
            part.update(done, row, steps)

    def end(self, event: str | None) -> None:
        for part in self.parts:
            part.end(event)

    def member(self, done: int, of: int, label: str) -> None:
        for part in self.parts:
            part.member(done, of, label)

    def frequency(self, done: int, of: int, hertz: float) -> None:
        for part in self.parts:
            part.frequency(done, of, hertz)

    def note(self, text: str) -> None:
        for part in self.parts:
            part.note(text)

    def say(self, text: str) -> None:
        for part in self.parts:
            part.say(text)

    def stop(self) -> None:
        for part in self.parts:
            part.stop()


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
        self.spectrum: Any = None

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

    def frequency(self, done: int, of: int, hertz: float) -> None:
        if self.spectrum is None:  # the run before has ended the bar
            self.bar.start()
            self.spectrum = self.bar.add_task("impedance", total=float(of), note="")
        self.bar.update(self.spectrum, completed=done, note=f"{done} of {of}; {hertz:.4g} Hz")

    def say(self, text: str) -> None:
        self.bar.console.print(text, highlight=False, markup=False)

    def stop(self) -> None:
        self.bar.stop()


def reporter(rank: int, console: Console, quiet: bool = False) -> Progress:
    """The progress for this rank and console."""
    if rank != 0 or quiet:
        return Silent()
    if console.is_terminal:
        return Bar(console)
    return Lines(lambda text: console.print(text, highlight=False, markup=False, soft_wrap=True))
