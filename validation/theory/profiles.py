"""What is in a one-dimensional cell from the working electrode to the counter electrode."""

from __future__ import annotations

from typing import Any

import numpy as np

from thincell.studies.formulation.ionic import IonicSolution
from thincell.studies.problem import Problem


def profiles(problem: Problem) -> dict[str, Any]:
    """Height "z" [m], "phi" (RT/F) and concentrations [mol.m-3] by the ions' names, at the nodes.

    Means over the disc of one column of second-order elements, whose nodes at r = 0, R/2 and R weigh 0,
    2/3 and 1/3: at the limiting current the nodes of one height differ by some 1e-3.
    """
    model = problem.formulation
    assert isinstance(model, IonicSolution)
    points = problem.space.tabulate_dof_coordinates()
    order = np.lexsort((points[:, 0], np.round(points[:, 1], 12)))
    unknowns = problem.state.x.array.reshape(len(points), model.fields)
    phi = np.asarray(model.medium.variables.potential(unknowns.T))
    table = np.column_stack([points[:, 1], phi, model.values(unknowns)])[order]
    z, phi, *ions = np.einsum("zrk, r -> kz", table.reshape(-1, 3, table.shape[1]), [0.0, 2 / 3, 1 / 3])
    c = [value * problem.scales.concentration for value in ions]
    return {"z": z * problem.scales.length, "phi": phi, **dict(zip(model.ions, c, strict=True))}
