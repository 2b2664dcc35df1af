"""Running a case: the protocol from its first to its last step, with books, progress and a folder.

A run can be stopped between any two time steps and resumed, on any number of ranks: `checkpoint.py` says
what is kept.
"""

from __future__ import annotations

import gc
import time
from pathlib import Path
from typing import Any

from mpi4py import MPI

from thincell.geometry.distribute import Mesh, from_arrays
from thincell.solvers.failure import NotConverged, StepFailed
from thincell.solvers.linear import UnknownOption
from thincell.solvers.march import March, Position
from thincell.studies import checkpoint, names, output
from thincell.studies.case import Case
from thincell.studies.conclude import complete, write
from thincell.studies.equilibrium import charge_double_layer
from thincell.studies.failing import explain
from thincell.studies.growth.growth import Growth
from thincell.studies.growth.guard import require_thin
from thincell.studies.keeper import Keeper
from thincell.studies.manifest import manifest
from thincell.studies.observe import Observer
from thincell.studies.opening import Opened, opened
from thincell.studies.parallel import on_root
from thincell.studies.problem import Problem
from thincell.studies.progress import Heartbeat, Lines, Progress, RunLog, Several, Silent
from thincell.studies.protocol import Start, plan, set_current
from thincell.studies.records import Records
from thincell.studies.resolution import require_resolved
from thincell.studies.results import AUDIT_TOLERANCE, AuditFailed, Run, RunFailed, RunStopped
from thincell.studies.schedule import output_times, step_size
from thincell.studies.schema.errors import InputError, one_line
from thincell.studies.stopping import Never, Stopping


class NewMesh(Exception):
    """A march stops here: it goes on from ``position`` on another mesh."""

    def __init__(self, position: Position | None) -> None:
        super().__init__("the front needs another mesh")
        self.position = position


class Runner:
    """Runs one case on a communicator, from the beginning or from a snapshot. Collective."""

    def __init__(
        self,
        case: Case,
        place: Opened | None = None,
        comm: MPI.Intracomm = MPI.COMM_WORLD,
        progress: Progress | None = None,
        stopping: Stopping | Never | None = None,
    ) -> None:
        self.case, self.comm = case, comm
        self.out = None if place is None else place.folder
        self.stopping = stopping or Never()
        self.began = time.perf_counter()
        self.progress = _told(progress or Silent(), self.out if comm.rank == 0 else None)
        self.snapshot = None if place is None else place.snapshot
        self.keeper = Keeper(
            comm,
            self.out,
            0 if place is None else place.number,
            case.output.checkpoint,
            self.progress.note,
        )
        self.resolution = require_resolved(case)
        self.thinness = require_thin(case)
        self.problem = Problem(case, comm, _mesh(self.snapshot))
        self.unstarted: StepFailed | None = None
        if self.snapshot is None:
            self._start_at_rest()
        self.observer = Observer(self.problem)
        self.growth = None if case.deposit is None else Growth(case, comm)
        self.records = Records(comm, self.out)
        self.rejected = 0
        self.sessions, self.seconds_before = 1, 0.0
        for warning in (
            *(place.warnings if place is not None else ()),
            *(self.resolution.warnings if self.resolution else ()),
            *self.thinness,
        ):
            self.progress.say(f"warning: {warning}")

    def _start_at_rest(self) -> None:
        try:
            charge_double_layer(self.problem)
        except UnknownOption as error:
            raise InputError(f"solver.petsc: {error}") from None
        except (StepFailed, NotConverged) as failure:
            wrapped = failure if isinstance(failure, StepFailed) else StepFailed(0.0, 0.0, failure)
            self.unstarted = wrapped

    def run(self) -> Run:
        """All steps of the protocol. Raises RunFailed, AuditFailed, RunStopped or WriteError."""
        try:
            begun = self._recall() if self.snapshot is not None else None
            self._write_head()
            if self.unstarted is not None:
                raise self.unstarted
            self._protocol(begun)
        except StepFailed as failure:
            message = explain(self.problem, self.resolution, failure)
            self._finish("failed", message)
            raise RunFailed(message) from failure
        except RunStopped as stop:
            self._finish("stopped", str(stop))
            raise
        except UnknownOption as error:
            message = f"solver.petsc: {error}"
            self._finish("failed", message)
            raise InputError(message) from None
        finally:
            self.progress.stop()
        worst = self.observer.audited
        if max(worst.values()) > AUDIT_TOLERANCE:
            found = ", ".join(f"{what} to {error:.2g}" for what, error in worst.items())
            message = (
                f"the books do not balance: {found} (allowed {AUDIT_TOLERANCE:g}); lower"
                " solver.tolerance or refine the mesh, and report the case"
            )
            self._finish("audit failed", message)
            raise AuditFailed(message)
        return self._finish("finished")

    # -- the protocol -----------------------------------------------------------------------------

    def _protocol(self, begun: tuple[int, Start, Position] | None) -> None:
        """Every step, or what is left of one that has begun and those after it."""
        first = 1
        if begun is not None:
            first, start, position = begun
            self._march(first, start, position)
            first += 1
        for number in range(first, len(self.case.protocol) + 1):
            p, step = self.problem, self.case.protocol[number - 1]
            assert p.stepper.system is not None
            p.stepper.restart()
            p.stepper.at_limit = False
            if step.kind in ("plate", "strip"):
                p.stepper.system.current_scale = abs(set_current(p, step))
            self._march(number, Start.now(p), None)

    def _march(self, number: int, start: Start, position: Position | None) -> None:
        """A protocol step that began at ``start``, from ``position`` on, over all meshes it needs."""
        while True:
            try:
                return self._march_on_mesh(number, start, position)
            except NewMesh as pause:
                position = pause.position
                self._move()

    def _move(self) -> None:
        """Go on with another problem: the same state on a mesh that fits the deposit."""
        assert self.growth is not None
        audit = self.observer.memory()
        self.problem = self.growth.move(self.problem)
        self.observer = Observer(self.problem)
        self.observer.recall(audit)
        self.keeper.forget_mesh()
        gc.collect()  # the old problem lives in cycles, and MPI has few communicators
        self._tell_books()

    def _tell_books(self) -> None:
        if self.growth is not None and self.observer.metal is not None:
            self.observer.metal.inserted = self.growth.inserted

    def _march_on_mesh(self, number: int, start: Start, position: Position | None) -> None:
        p, step = self.problem, self.case.protocol[number - 1]
        plan_ = plan(p, step, start)
        milestones = output_times(p, start.time, plan_.duration)
        stops = {round(t, 15) for t in milestones}
        shown = step.duration or (plan_.duration * p.scales.time if step.kind == "sweep" else None)
        self.progress.begin(number, len(self.case.protocol), step.kind, shown)

        def on_step(event: str | None) -> None:
            row = self.observer.row(number, event)
            self.records.add_row(row)
            at_output = round(p.stepper.time, 15) in stops or len(self.records.rows) == 1
            if at_output or event is not None:
                self._output()
            if self.growth is not None:  # last: the state was solved with the pieces of before
                self.growth.after_step(p, p.stepper.dt)
                row[names.ISOLATED.name] = self.growth.share
            done = (p.stepper.time - start.time) * p.scales.time
            self.progress.update(done, self.records.rows[-1], len(self.records.rows))

        size = step_size(p, step, plan_.duration)
        march = March(
            p.stepper,
            size,
            plan_.duration,
            plan_.control,
            plan_.events,
            milestones=[*milestones, *plan_.corners],
            rates=p.readings.rates,
            on_step=on_step,
            pause=lambda: self._between(number, start, march.position),
            longest=p.longest_step,
            ran_away=p.ran_away,
            position=position,
        )
        try:
            outcome = march.run()
        except StepFailed:
            p.stepper.take_back()
            if self.out is not None and march.position is not None:
                march.position.step_size = size.first
                self._checkpoint(number, start, march.position)
            raise
        self.rejected += outcome.rejected
        self._output()
        self.progress.end(outcome.event)

    def _output(self) -> None:
        """Profiles and maps of the present time, once."""
        if self.records.times and self.records.times[-1] == self.problem.stepper.time:
            return
        profiles, maps = self.observer.profiles(), self.observer.maps()
        self.records.add_output(self.problem.stepper.time, profiles, maps)

    # -- checkpoints --------------------------------------------------------------------------------

    def _between(self, number: int, start: Start, position: Position | None) -> None:
        """Between two attempts: checkpoints, and another mesh when the front asks for one."""
        self._pause(number, start, position)
        if self.growth is not None and self.growth.wants_mesh:
            raise NewMesh(position)

    def _pause(self, number: int, start: Start, position: Position | None) -> None:
        """Between two attempts: write a checkpoint when it is time, and stop when asked to."""
        asked = self.comm.allreduce(self.stopping.signal, MPI.MAX)
        if self.out is None or position is None:
            if asked:
                raise RunStopped("stopped on request; without a folder nothing is kept", asked)
            return
        if asked or self.keeper.due():
            self._checkpoint(number, start, position)
        if asked:
            now = self.problem.stepper.time * self.problem.scales.time
            raise RunStopped(f"stopped on request at t = {now:.6g} s; go on with --resume", asked)

    def _checkpoint(self, number: int, start: Start, position: Position) -> None:
        memory = {
            "case": self.case.fingerprint(),
            "protocol step": number,
            "start": [start.time, start.charge],
            "position": position.memory(),
            "stepper": self.problem.stepper.memory(),
            "audit": self.observer.memory(),
            "growth": None if self.growth is None else self.growth.memory(),
            "rejected": self.rejected,
            "sessions": self.sessions,
            "seconds": self._seconds(),
            **self.records.memory(),
        }
        self.keeper.write(self.problem, memory)

    def _recall(self) -> tuple[int, Start, Position]:
        """Stand where the snapshot was taken: (protocol step, its start, position within it)."""
        assert self.snapshot is not None
        memory = self.snapshot.memory
        self.keeper.recall(self.problem, self.snapshot)
        self.observer.recall(memory["audit"])
        if self.growth is not None:
            self.growth.recall(memory["growth"])
            self.growth.find_pieces(self.problem, self.growth.potentials)
            self.growth.lay_film(self.problem)
        self.records.recall(memory)
        self.rejected, self.seconds_before = memory["rejected"], memory["seconds"]
        self.sessions = memory["sessions"] + 1
        now = self.problem.stepper.time * self.problem.scales.time
        self.progress.say(f"resumed from checkpoint {self.keeper.number} at t = {now:.6g} s")
        self.snapshot = None
        return memory["protocol step"], Start(*memory["start"]), Position(**memory["position"])

    def _seconds(self) -> float:
        return self.seconds_before + time.perf_counter() - self.began

    # -- the folder -------------------------------------------------------------------------------

    def _manifest(self, state: str, message: str = "") -> dict[str, Any]:
        counts: dict[str, Any] = {
            "time steps": len(self.records.rows),
            "rejected steps": self.rejected,
            "sessions": self.sessions,
            "wall time [s]": round(self._seconds(), 3),
        }
        if self.growth is not None:
            counts["remeshes"] = self.growth.remeshes
        return manifest(self.case, self.problem, state, message, counts)

    def _write_head(self) -> None:
        out = self.out
        if out is None:
            return

        def work() -> None:
            output.write_case(out / "case.toml", self.case)
            output.write_json(out / output.MANIFEST, self._manifest("running"))
            self.progress.note(f"{self.comm.size} ranks, {self.problem.unknowns} unknowns")

        on_root(self.comm, work)

    def _finish(self, state: str, message: str = "") -> Run:
        """The tables, summary and manifest of a run that ends; written if there is a folder."""
        if not self.records.times:
            self._output()
        return on_root(self.comm, lambda: self._conclude(state, message)) or Run(
            self.case, folder=self.out, manifest=self._manifest(state, message)
        )

    def _conclude(self, state: str, message: str) -> Run:
        """Rank 0."""
        run = Run(self.case, folder=self.out, manifest=self._manifest(state, message))
        if self.records.rows:
            made = self.problem.stage.made
            assert made is not None
            complete(run, self.observer, self.records, made)
        if self.out is not None:
            write(run, self.records, self.out)
            self.progress.note(f"{state} {one_line(message)}".strip())
            if state in ("finished", "audit failed"):
                checkpoint.discard(self.out)
        return run


def _told(progress: Progress, folder: Path | None) -> Progress:
    """The progress, also told in the folder."""
    if folder is None:
        return progress
    return Several((progress, Lines(RunLog(folder / "run.log"), every=60.0), Heartbeat(folder)))


def _mesh(snapshot: checkpoint.Snapshot | None) -> Mesh | None:
    """The mesh of a snapshot, on rank 0."""
    if snapshot is None or not snapshot.arrays:
        return None
    return from_arrays(snapshot.arrays)


def run(
    case: Case,
    out: str | Path | None = None,
    *,
    comm: MPI.Intracomm = MPI.COMM_WORLD,
    progress: Progress | None = None,
    force: bool = False,
    resume: bool = False,
    stopping: Stopping | None = None,
) -> Run:
    """Run a case; with ``out`` also write its folder.

    ``resume`` goes on with what is in the folder: from its last checkpoint, from the beginning if there
    is none, not at all if it is finished. ``force`` replaces it. ``stopping`` notes signals.

    Raises InputError (a folder that cannot be used, another case), InUse (another process works in it),
    RunFailed (no convergence), AuditFailed (books that do not balance), RunStopped or WriteError (a full
    disk). Collective over ``comm``.
    """
    if out is None:
        return Runner(case, None, comm, progress, stopping).run()
    with opened(case, Path(out), comm, force, resume) as place:
        if not place.finished:
            return Runner(case, place, comm, progress, stopping).run()
        loaded = on_root(comm, lambda: Run.load(place.folder))
        made = comm.bcast(loaded.manifest if loaded is not None else None, root=0)
        return loaded or Run(case, manifest=made, folder=place.folder)


__all__ = ["AuditFailed", "Run", "RunFailed", "RunStopped", "Runner", "run"]
