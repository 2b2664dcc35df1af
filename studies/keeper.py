"""The checkpoints of one run: when one is due, what goes into it, and the states that come out again."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mpi4py import MPI

from thincell.geometry.distribute import as_arrays
from thincell.solvers.numbering import Numbering
from thincell.studies import checkpoint
from thincell.studies.parallel import on_root
from thincell.studies.problem import Problem

#: A checkpoint may take this share of the time since the last one.
SHARE = 0.02


class Keeper:
    """Writes checkpoints into a run's folder (rank 0) and puts states back. Collective.

    ``number`` is that of the last checkpoint, ``interval`` [s] the least time on the clock between two.
    """

    def __init__(
        self,
        comm: MPI.Intracomm,
        folder: Path | None,
        number: int,
        interval: float,
        note: Callable[[str], None],
    ) -> None:
        self.comm, self.folder, self.number = comm, folder, number
        self._interval, self._note = interval, note
        self._written, self._cost = time.perf_counter(), 0.0
        self._numbering: Numbering | None = None

    def due(self) -> bool:
        """Whether it is time for the next one; the same on all ranks."""
        waited = time.perf_counter() - self._written
        return bool(self.comm.bcast(waited > max(self._interval, self._cost / SHARE), root=0))

    def forget_mesh(self) -> None:
        """The problem lives on another mesh from now on."""
        self._numbering = None

    def write(self, problem: Problem, memory: dict[str, Any]) -> None:
        """Keep the mesh, the states of the stepper's history and ``memory``."""
        folder, began = self.folder, time.perf_counter()
        assert folder is not None
        self._numbering = self._numbering or Numbering(problem.space)
        states = [self._numbering.gather(state) for state in problem.stepper.history.states]
        self.number += 1

        def work() -> None:
            made = problem.stage.made
            assert made is not None
            arrays = as_arrays(made)
            arrays |= {f"state {k}": state for k, state in enumerate(states) if state is not None}
            size = checkpoint.write(folder, self.number, checkpoint.Snapshot(memory, arrays))
            self._note(f"checkpoint {self.number}: {size} bytes")

        on_root(self.comm, work)
        self._written = time.perf_counter()
        self._cost = self._written - began

    def recall(self, problem: Problem, snapshot: checkpoint.Snapshot) -> None:
        """Put the history of the stepper back."""
        self._numbering = Numbering(problem.space)
        memory = snapshot.memory["stepper"]
        states = [
            self._numbering.scatter(snapshot.arrays.get(f"state {k}"))
            for k in range(len(memory["times"]))
        ]
        problem.stepper.recall(memory, states)
