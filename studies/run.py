"""Running a case: the protocol from its first to its last step, with books, progress and a folder."""

from __future__ import annotations

import hashlib
import json
import platform
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mpi4py import MPI

import numpy as np
from numpy.typing import NDArray

from thincell.solvers.bdf import StepSize
from thincell.solvers.failure import StepFailed
from thincell.solvers.march import March
from thincell.studies import names, output
from thincell.studies.case import Case
from thincell.studies.observe import Observer
from thincell.studies.parallel import on_root
from thincell.studies.problem import Problem
from thincell.studies.progress import Progress, Silent
from thincell.studies.protocol import plan, set_current
from thincell.studies.schema.protocol import Step
from thincell.studies.summary import summarise
from thincell.studies.toml import dumps

#: Books that do not close to this end the run with exit code 4.
AUDIT_TOLERANCE = 1e-9

#: Outputs per protocol step when the case does not say.
OUTPUTS = 20


class RunFailed(RuntimeError):
    """A run that could not go on; its last good state is in the folder. Exit code 3."""


class AuditFailed(RuntimeError):
    """The books of a run do not balance. Exit code 4."""


@dataclass
class Run:
    """What a run left behind, on rank 0 (the tables are empty elsewhere).

    ``history`` has one entry per time step and ``profiles`` one per sample of the electrodes and output
    time; both map names with units to arrays. ``maps`` holds ``points`` [m], ``triangles``, ``times``
    [s] and fields at the output times.
    """

    case: Case
    history: dict[str, NDArray[Any]] = field(default_factory=dict)
    profiles: dict[str, NDArray[Any]] = field(default_factory=dict)
    maps: dict[str, Any] = field(default_factory=dict)
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


class Runner:
    """Runs one case on a communicator. Collective."""

    def __init__(
        self,
        case: Case,
        out: Path | None = None,
        comm: MPI.Intracomm = MPI.COMM_WORLD,
        progress: Progress | None = None,
        force: bool = False,
    ) -> None:
        self.case, self.out, self.comm = case, out, comm
        self.progress = progress or Silent()
        self.began = time.perf_counter()
        if out is not None:
            on_root(comm, lambda: output.prepare(out, force))
        self.problem = Problem(case, comm)
        self.observer = Observer(self.problem)
        self.rows: list[dict[str, Any]] = []
        self.tables: list[dict[str, NDArray[Any]]] = []
        self.maps: list[dict[str, NDArray[np.float64]]] = []
        self.times: list[float] = []
        self.rejected = 0
        self._saved = 0.0

    def run(self) -> Run:
        """All steps of the protocol. Raises RunFailed or AuditFailed after writing what there is."""
        self._write_head("running")
        try:
            for number, step in enumerate(self.case.protocol, start=1):
                self._step(number, step)
        except StepFailed as failure:
            message = self._explain(failure)
            self._finish("failed", message)
            raise RunFailed(message) from failure
        finally:
            self.progress.stop()
        worst = self.observer.worst
        balanced = max(worst.values()) <= AUDIT_TOLERANCE
        run = self._finish("finished" if balanced else "audit failed")
        if not balanced:
            raise AuditFailed(
                f"the books do not balance: charge to {worst['charge']:.2g}, ions to"
                f" {worst['ions']:.2g} (allowed {AUDIT_TOLERANCE:g}); lower solver.tolerance or refine"
                " the mesh, and report the case"
            )
        return run

    # -- one protocol step ------------------------------------------------------------------------

    def _step(self, number: int, step: Step) -> None:
        p = self.problem
        p.stepper.restart()
        assert p.stepper.system is not None
        p.stepper.at_limit = False
        if step.kind in ("plate", "strip"):
            p.stepper.system.current_scale = abs(set_current(p, step))
        plan_ = plan(p, step)
        start = p.stepper.time
        milestones = self._output_times(start, plan_.duration)
        stops = {round(t, 15) for t in milestones}
        shown = step.duration or (plan_.duration * p.scales.time if step.kind == "sweep" else None)
        self.progress.begin(number, len(self.case.protocol), step.kind, shown)

        def on_step(event: str | None) -> None:
            self._record(number, event)
            at_output = round(p.stepper.time, 15) in stops or len(self.rows) == 1
            if at_output or event is not None:
                self._profile()
            done = (p.stepper.time - start) * p.scales.time
            self.progress.update(done, self.rows[-1], len(self.rows))

        march = March(
            p.stepper,
            self._step_size(step, plan_.duration),
            plan_.duration,
            plan_.control,
            plan_.events,
            milestones=[*milestones, *plan_.corners],
            rates=p.rates,
            on_step=on_step,
        )
        outcome = march.run()
        self.rejected += outcome.rejected
        if self.times[-1] != p.stepper.time:
            self._profile()
        self.progress.end(outcome.event)

    def _output_times(self, start: float, duration: float) -> list[float]:
        unit, table = self.problem.scales.time, self.case.output
        interval = table.every / unit if table.every is not None else duration / OUTPUTS
        count = min(int(duration / interval * (1 + 1e-12)), 100000)
        regular = [start + k * interval for k in range(1, count + 1)]
        times = sorted([*regular, *(t / unit for t in table.times)])
        # Two spellings of one time (0.05 s, and the first of twenty in 1 s) differ by rounding: a
        # milestone that close to another would ask for a vanishing time step.
        return [t for k, t in enumerate(times) if k == 0 or t - times[k - 1] > 1e-9 * duration]

    def _step_size(self, step: Step, duration: float) -> StepSize:
        unit, table = self.problem.scales.time, self.case.solver
        if not self.problem.stores:  # every state is a solution of its own: no history to resolve
            return StepSize(table.tolerance, duration, duration * 1e-6)
        first = table.first_step / unit if table.first_step else min(1e-4, 1e-4 * duration)
        largest = table.largest_step / unit if table.largest_step else np.inf
        if step.sweep is not None:  # a wave is about RT/F wide: resolve it where nothing else does
            width = self.problem.scales.potential / step.sweep.rate / unit
            largest = min(largest, width / 4)
        return StepSize(table.tolerance, min(first, largest), first * 1e-6, largest)

    # -- records ----------------------------------------------------------------------------------

    def _record(self, number: int, event: str | None) -> None:
        self.rows.append(self.observer.row(number, event))
        now = time.perf_counter()
        if self.out is not None and self.comm.rank == 0 and now - self._saved > 5.0:
            output.write_rows(self.out / "history.csv", self.rows)
            self._saved = now

    def _profile(self) -> None:
        if self.times and self.times[-1] == self.problem.stepper.time:
            return
        self.times.append(self.problem.stepper.time)
        table, maps = self.observer.profiles(), self.observer.maps()
        if table is not None and maps is not None:
            self.tables.append(table)
            self.maps.append(maps)

    def _explain(self, failure: StepFailed) -> str:
        p = self.problem
        p.stepper.take_back()
        c, x, z = p.place_of_lowest()
        low = c * p.scales.concentration
        reading, _ = p.voltages()
        return (
            f"Newton's method failed at t = {failure.time * p.scales.time:.6g} s:"
            f" {failure.cause.reason}. Smallest concentration {low:.3g} mol/m^3 at"
            f" x = {x:.4g} m, z = {z:.4g} m; electrode potential {reading:.4g} V. The last good state"
            " is kept. Try: a lower compliance voltage, a smaller mesh.edge, or a smaller"
            " solver.tolerance."
        )

    # -- the folder -------------------------------------------------------------------------------

    def _write_head(self, state: str) -> None:
        if self.out is None or self.comm.rank != 0:
            return
        output.write_text(self.out / "case.toml", dumps(self.case.resolved()))
        output.write_json(self.out / "manifest.json", self._manifest(state))

    def _finish(self, state: str, message: str = "") -> Run:
        if not self.tables and not self.times:
            self._profile()
        manifest = self._manifest(state, message)
        run = Run(self.case, folder=self.out, manifest=manifest)
        if self.comm.rank != 0 or not self.rows:
            return run
        plane = self.problem.plane
        assert plane is not None
        seconds = [t * self.problem.scales.time for t in self.times]
        run.summary = summarise(self.observer, self.rows, self.tables[-1])
        run.history = {name: np.array([row[name] for row in self.rows]) for name in self.rows[0]}
        keys = dict.fromkeys(key for table in self.tables for key in table)
        run.profiles = {key: np.concatenate([t[key] for t in self.tables]) for key in keys}
        run.maps = {
            "points": plane.points,
            "triangles": plane.triangles,
            "times": np.array(seconds),
            **{name: np.array([m[name] for m in self.maps]) for name in self.maps[0]},
        }
        if self.out is not None:
            output.write_rows(self.out / "history.csv", self.rows)
            output.write_columns(self.out / "electrode.csv", self.tables)
            output.write_json(self.out / "summary.json", run.summary)
            output.write_maps(self.out / "maps.npz", plane, seconds, self.maps)
            if self.case.output.fields:
                output.write_fields(self.out, plane, seconds, self.maps)
            output.write_json(self.out / "manifest.json", manifest)
        return run

    def _manifest(self, state: str, message: str = "") -> dict[str, Any]:
        from petsc4py import PETSc

        import dolfinx

        import thincell

        p, system = self.problem, self.problem.stepper.system
        assert system is not None
        mesh = b"" if p.plane is None else p.plane.points.tobytes() + p.plane.triangles.tobytes()
        case = json.dumps(self.case.resolved(), sort_keys=True).encode()
        return {
            "state": state,
            "message": message,
            "thincell": thincell.__version__,
            "dolfinx": dolfinx.__version__,
            "petsc": ".".join(map(str, PETSc.Sys.getVersion())),
            "python": platform.python_version(),
            "host": platform.node(),
            "ranks": self.comm.size,
            "case sha256": hashlib.sha256(case).hexdigest(),
            "mesh sha256": hashlib.sha256(mesh).hexdigest(),
            "unknowns": p.unknowns,
            "time steps": len(self.rows),
            "rejected steps": self.rejected,
            "Newton iterations": p.stepper.newton_iterations,
            "factorisations": system.factorisations,
            "wall time [s]": round(time.perf_counter() - self.began, 3),
        }


def run(
    case: Case,
    out: str | Path | None = None,
    *,
    comm: MPI.Intracomm = MPI.COMM_WORLD,
    progress: Progress | None = None,
    force: bool = False,
) -> Run:
    """Run a case; with ``out`` also write its folder.

    Raises InputError (a folder that cannot be used), RunFailed (no convergence) or AuditFailed (books
    that do not balance). Collective over ``comm``.
    """
    return Runner(case, Path(out) if out is not None else None, comm, progress, force).run()
