"""What a run has recorded so far: a row per time step, profiles and maps per output time.

With a folder, each output is on disk as soon as it is made, and the next checkpoint names its digest.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mpi4py import MPI

import numpy as np
from numpy.typing import NDArray

from thincell.studies import checkpoint, output
from thincell.studies.observe import Row
from thincell.studies.parallel import on_root

Table = dict[str, NDArray[Any]]

#: Seconds between two versions of history.csv while a run goes on.
EVERY = 5.0

_PROFILE, _MAP = "profile ", "map "


@dataclass
class Records:
    """Rows and output times on every rank; tables and maps on rank 0."""

    comm: MPI.Intracomm
    folder: Path | None
    rows: list[Row] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    maps: list[Table] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    _saved: float = field(default_factory=time.perf_counter)

    def add_row(self, row: Row) -> None:
        """One more time step."""
        self.rows.append(row)
        now = time.perf_counter()
        if self.folder is not None and self.comm.rank == 0 and now - self._saved > EVERY:
            with contextlib.suppress(output.WriteError):  # for the curious: what counts comes later
                output.write_rows(self.folder / "history.csv", self.rows)
            self._saved = now

    def add_output(self, at: float, table: Table | None, maps: Table | None) -> None:
        """One more output time (scaled), with its profiles and maps on rank 0. Collective."""
        self.times.append(at)
        if table is not None and maps is not None:
            self.tables.append(table)
            self.maps.append(maps)
        if self.folder is not None:
            on_root(self.comm, self._write_last)

    def _write_last(self) -> None:
        assert self.folder is not None
        arrays = {_PROFILE + name: column for name, column in self.tables[-1].items()}
        arrays |= {_MAP + name: values for name, values in self.maps[-1].items()}
        number = len(self.digests)
        self.digests.append(checkpoint.write_output(self.folder, number, arrays))

    def memory(self) -> dict[str, Any]:
        """As plain values; the outputs by their digests."""
        columns = {name: [row[name] for row in self.rows] for name in (self.rows or [{}])[0]}
        return {"rows": columns, "output times": self.times, "outputs": self.digests}

    def recall(self, memory: dict[str, Any]) -> None:
        """Go on with the records of another run; rank 0 reads the outputs from the folder."""
        columns = memory["rows"]
        self.rows = [
            dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
        ]
        self.times, self.digests = memory["output times"], memory["outputs"]
        on_root(self.comm, self._read_outputs)

    def _read_outputs(self) -> None:
        assert self.folder is not None
        for number in range(len(self.digests)):
            arrays = checkpoint.read_output(self.folder, number)
            self.tables.append(_starting_with(_PROFILE, arrays))
            self.maps.append(_starting_with(_MAP, arrays))

    def history(self) -> Table:
        """Columns of history.csv."""
        return {name: np.array([row[name] for row in self.rows]) for name in self.rows[0]}

    def profiles(self) -> Table:
        """Columns of electrode.csv."""
        keys = dict.fromkeys(key for table in self.tables for key in table)
        return {key: np.concatenate([table[key] for table in self.tables]) for key in keys}


def _starting_with(mark: str, arrays: Table) -> Table:
    return {name.removeprefix(mark): a for name, a in arrays.items() if name.startswith(mark)}
