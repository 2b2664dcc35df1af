"""What a run leaves behind, and the ways in which it can end."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thincell.studies import names, output
from thincell.studies.case import Case

#: Books that do not close to this end the run with exit code 4.
AUDIT_TOLERANCE = 1e-9


#: Measures of the deposit in a run's folder.
DEPOSIT = "deposit.csv"


class RunFailed(RuntimeError):
    """A run that could not go on; its last good state is in the folder. Exit code 3."""


class AuditFailed(RuntimeError):
    """The books of a run do not balance. Exit code 4."""


class RunStopped(RuntimeError):
    """A run that was asked to stop and can be resumed. ``signal`` is the number of the request."""

    def __init__(self, message: str, signal: int) -> None:
        super().__init__(message)
        self.signal = signal


@dataclass
class Run:
    """What a run left behind, on rank 0 (the tables are empty elsewhere).

    ``history`` has one entry per time step and ``profiles`` one per sample of the electrodes and output
    time; both map names with units to arrays. ``maps`` holds ``points`` [m], ``triangles``, ``times``
    [s] and fields at the output times (see `frames`). ``deposit`` has the measures of a deposit's shape
    at the output times; empty without one.
    """

    case: Case
    history: dict[str, NDArray[Any]] = field(default_factory=dict)
    profiles: dict[str, NDArray[Any]] = field(default_factory=dict)
    maps: dict[str, Any] = field(default_factory=dict)
    deposit: dict[str, NDArray[Any]] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)
    folder: Path | None = None

    @classmethod
    def load(cls, folder: str | Path) -> Run:
        """Read a run's folder."""
        folder = Path(folder)
        with np.load(folder / "maps.npz", allow_pickle=False) as data:
            maps = {key: data[key] for key in data.files}
        return cls(
            case=Case.load(folder / "case.toml"),
            history=output.read_columns(folder / "history.csv"),
            profiles=output.read_columns(folder / "electrode.csv"),
            maps=maps,
            deposit=output.read_columns(folder / DEPOSIT) if (folder / DEPOSIT).is_file() else {},
            summary=json.loads((folder / "summary.json").read_text(encoding="utf-8")),
            manifest=json.loads((folder / "manifest.json").read_text(encoding="utf-8")),
            folder=folder,
        )

    def profile(self, electrode: str = "working", time: float | None = None) -> dict[str, Any]:
        """The profile of one electrode at the output time nearest to ``time`` (default: the last)."""
        times = np.unique(self.profiles[names.TIME.name])
        chosen = times[-1] if time is None else times[np.argmin(np.abs(times - time))]
        rows = (self.profiles[names.TIME.name] == chosen) & (
            self.profiles[names.ELECTRODE.name] == electrode
        )
        return {name: column[rows] for name, column in self.profiles.items()}
