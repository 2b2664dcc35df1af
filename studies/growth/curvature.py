"""Gamma K, the overpotential of a curved front, as values at the nodes."""

from __future__ import annotations

from typing import Any

from mpi4py import MPI

import numpy as np
import ufl
from dolfinx import fem, la
from numpy.typing import NDArray

from thincell.model import deposit
from thincell.model.measures import Measures
from thincell.studies.formulation.growing import Growing

Array = NDArray[np.float64]

#: Share of the largest area at a node below which the front is not near.
LEAST = 1e-3


class CapillaryShift:
    """The capillary part of the rate per slope, over the area of the front with the same weight.

    Both are tested with the functions of the nodes: no second derivatives are needed, and a node has the
    mean of the cells around.
    """

    def __init__(self, growing: Growing, state: fem.Function, measures: Measures, gamma: Any) -> None:
        scalars = growing.psi.function_space
        self._comm: MPI.Intracomm = scalars.mesh.comm
        test, xi, n = ufl.TestFunction(scalars), growing.xi(state), growing.normal
        shape = deposit.capillarity(xi, n, growing.interface.thickness, gamma, test)
        area = deposit.capillary_area(xi, n, test)
        self._forms = [fem.form(measures.volume(density)) for density in (shape, area)]

    def __call__(self) -> Array:
        """Gamma K [RT/F] at this rank's nodes, ghosts included; zero away from the front. Collective."""
        shift, area = (_assembled(form) for form in self._forms)
        most = self._comm.allreduce(float(np.abs(area).max(initial=0.0)), MPI.MAX)
        near = area > LEAST * most
        return np.where(near, shift / np.where(near, area, 1.0), 0.0)


def _assembled(form: Any) -> Array:
    vector = fem.assemble_vector(form)
    vector.scatter_reverse(la.InsertMode.add)
    vector.scatter_forward()
    return np.array(vector.array)
