"""A growing deposit between two time steps: pieces that float, nuclei, and meshes that follow.

`Growth` outlives the meshes: it belongs to a run and is told which problem stands for the run now.
"""

from __future__ import annotations

from typing import Any

from mpi4py import MPI

import numpy as np
from numpy.typing import NDArray

from thincell.geometry.planemesh import PlaneMesh
from thincell.geometry.transfer import Transfer
from thincell.studies.growth import filming, pieces
from thincell.studies.growth.bed import Bed
from thincell.studies.growth.beginning import profile
from thincell.studies.growth.contour import FrontSampler
from thincell.studies.growth.following import Follower
from thincell.studies.growth.ground import ground_of
from thincell.studies.growth.nucleation import Nucleation
from thincell.studies.growth.restore import amounts, restore
from thincell.studies.meshing import coarse_mesh
from thincell.studies.parallel import on_root
from thincell.studies.problem import Problem
from thincell.studies.schema.case import Case
from thincell.studies.vertices import Vertices

Array = NDArray[np.float64]


class Growth:
    """What a deposit does between steps. Collective."""

    def __init__(self, case: Case, comm: MPI.Intracomm) -> None:
        assert case.deposit is not None
        self.case, self.table, self.comm = case, case.deposit, comm
        self.ground = ground = ground_of(case)
        self.follower: Follower | None = None
        if not isinstance(ground, Bed):
            self.follower = on_root(comm, lambda: Follower(self.table, ground, coarse_mesh(case)))
        self.travelled = 0.0
        self.nuclei = np.empty((0, 2))
        self.nucleation: Nucleation | None = None
        if self.table.nucleation is not None and not isinstance(ground, Bed):
            self.nucleation = Nucleation.on(ground.ends, self.table.nucleation, self.table.seed)
        self.inserted, self.share, self.remeshes = 0.0, 0.0, 0
        self.potentials: list[float] = []
        self.film: dict[str, Any] | None = None
        self._sampler: FrontSampler | None = None

    # -- after every step -------------------------------------------------------------------------------

    def after_step(self, problem: Problem, dt: float) -> None:
        """Look at an accepted step of ``dt`` (scaled)."""
        assert problem.deposit is not None
        self.travelled += problem.deposit.speed() * dt * problem.scales.length
        self.find_pieces(problem)
        self.potentials = [float(value) for value in problem.deposit.pieces.values]
        self._age_film(problem, dt * problem.scales.time)
        if self.nucleation is not None:
            assert not isinstance(self.ground, Bed)
            along, eta, xi = problem.deposit.on_electrode(problem)
            born = self.nucleation.expose(along, eta, xi, dt * problem.scales.time)
            self.nuclei = np.concatenate([self.nuclei, self.ground.at(born)])

    def _age_film(self, problem: Problem, dt: float) -> None:
        """Let ``dt`` [s] pass for the film on the metal, which moves with it."""
        deposit = problem.deposit
        assert deposit is not None
        if deposit.film is None:
            return
        if self._sampler is None or self._sampler.problem is not problem:
            self._sampler = FrontSampler(problem, [deposit.plating_density()])
        rows = self.comm.bcast(self._sampler(), root=0)
        filming.follow(deposit.film, rows, deposit.plating, problem.scales, dt)
        self.film = deposit.film.memory()
        self.lay_film(problem)

    def lay_film(self, problem: Problem) -> None:
        """Put the film that the metal has by now onto the front of a problem."""
        assert problem.deposit is not None
        if self.film is not None:
            problem.deposit.lay_film(self.film)

    def find_pieces(self, problem: Problem, known: list[float] | None = None) -> None:
        """Label the pieces of metal that float at present; ``known``: their potentials, if any are."""
        deposit = problem.deposit
        assert deposit is not None
        vertices = Vertices(deposit.scalars)
        both = np.column_stack([deposit.xi(), deposit.pieces.labels])
        whole = [vertices.gather(column) for column in both.T.copy()]

        def look() -> tuple[pieces.Pieces, list[float]]:
            xi, before = whole
            assert xi is not None
            assert before is not None
            assert problem.stage.made is not None
            found = pieces.find(problem.stage.made, xi[:, 0])
            guess = pieces.inherited(
                found.labels,
                len(found.sizes),
                before[:, 0].astype(np.int32),
                list(deposit.pieces.values),
                float(problem.potential.value),
            )
            return found, guess

        made = on_root(self.comm, look)
        if known and made is not None and len(known) == len(made[1]):
            made = made[0], known
        labels = vertices.scatter(None if made is None else made[0].labels[:, None].astype(float))
        guess, self.share = self.comm.bcast(None if made is None else (made[1], made[0].share), root=0)
        deposit.pieces.set_bodies(np.rint(labels).astype(np.int32), guess)

    @property
    def wants_mesh(self) -> bool:
        """Whether the next step needs another mesh."""
        if len(self.nuclei):
            return True
        if not self.table.adaptive:
            return False
        reserve = max(self.table.band - 6.0, 1.0) * self.table.interface
        return self.travelled > reserve

    # -- another mesh -----------------------------------------------------------------------------------

    def move(self, old: Problem) -> Problem:
        """The same state and history on a mesh that fits, with the new nuclei in it."""
        assert old.deposit is not None
        vertices = Vertices(old.space)
        states = [vertices.gather(state) for state in old.stepper.history.states]
        held = [_amounts_of(old, state) for state in old.stepper.history.states]
        plane = on_root(self.comm, lambda: self._plane(old, states[0]))
        transfer = on_root(self.comm, lambda: _transfer(old.plane, plane))
        new = Problem(self.case, self.comm, plane)
        arrived = Vertices(new.space)
        arrays = []
        for state, wanted in zip(states, held, strict=True):
            moved = transfer(state) if transfer is not None else None
            new.state.x.array[:] = arrived.scatter(moved)
            restore(new, wanted)
            arrays.append(new.state.x.array.copy())
        if len(self.nuclei):
            arrays = [self._insert(new, arrays[0], held[0])]
        new.stepper.recall(_shortened(old.stepper.memory(), len(arrays)), arrays)
        assert new.stepper.system is not None
        assert old.stepper.system is not None
        old.stepper.system.release()
        self.travelled, self.nuclei = 0.0, np.empty((0, 2))
        self.remeshes += 1
        assert new.deposit is not None
        self.find_pieces(new, [float(value) for value in old.deposit.pieces.values])
        self.lay_film(new)
        return new

    def _plane(self, old: Problem, state: Array | None) -> PlaneMesh:
        assert old.plane is not None
        assert state is not None
        assert self.follower is not None
        if not self.table.adaptive and not len(self.nuclei):
            return old.plane
        return self.follower.next(old.plane, state[:, -1], self.nuclei)

    def _insert(self, problem: Problem, array: Array, wanted: dict[str, float]) -> Array:
        """Put the nuclei into a state; the ions that they displace stay in the liquid around."""
        assert problem.deposit is not None
        state, deposit = problem.state.x.array, problem.deposit
        state[:] = array
        before = amounts(problem)["metal"]
        xi = deposit.xi()
        for centre in self.nuclei:
            away = np.hypot(*(deposit.points - centre).T) - self.table.nucleus_radius
            xi[:] = np.maximum(xi, profile(away, self.table.interface))
        metal = amounts(problem)["metal"]
        self.inserted += metal - before
        restore(problem, wanted | {"metal": metal})
        return np.array(state)

    # -- memory -----------------------------------------------------------------------------------------

    def memory(self) -> dict[str, Any]:
        """All that the next steps depend on, as plain values."""
        nucleation = None if self.nucleation is None else self.nucleation.memory()
        return {
            "potentials": self.potentials,
            "travelled": self.travelled,
            "nuclei": self.nuclei.tolist(),
            "inserted": self.inserted,
            "share": self.share,
            "remeshes": self.remeshes,
            "nucleation": nucleation,
            "film": self.film,
        }

    def recall(self, memory: dict[str, Any]) -> None:
        """Go on from there."""
        self.travelled, self.inserted = memory["travelled"], memory["inserted"]
        self.nuclei = np.array(memory["nuclei"], dtype=float).reshape(-1, 2)
        self.share, self.remeshes = memory["share"], memory["remeshes"]
        self.potentials, self.film = memory["potentials"], memory["film"]
        if self.nucleation is not None:
            self.nucleation.recall(memory["nucleation"])


def _transfer(old: PlaneMesh | None, new: PlaneMesh | None) -> Any:
    assert old is not None
    assert new is not None
    return Transfer(old, new)


def _amounts_of(problem: Problem, state: Array) -> dict[str, float]:
    present = problem.state.x.array.copy()
    problem.state.x.array[:] = state
    found = amounts(problem)
    problem.state.x.array[:] = present
    return found


def _shortened(memory: dict[str, Any], count: int) -> dict[str, Any]:
    """A stepper's memory with the newest ``count`` states only."""
    return memory | {key: list(memory[key])[:count] for key in ("times", "potentials")}
