"""P^T A P of matrices of blocks beside the same product of full matrices, on one rank and on three."""

from __future__ import annotations

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import pytest

from thincell.solvers.galerkin import Galerkin

FINE, COARSE, BLOCK = 40, 15, 2


def full(matrix: PETSc.Mat) -> np.ndarray:
    """All rows of a matrix, on every rank."""
    parts = MPI.COMM_WORLD.allgather(matrix.getValuesCSR())
    rows = []
    for start, columns, values in parts:
        row = np.repeat(np.arange(start.size - 1), np.diff(start))
        some = np.zeros((start.size - 1, matrix.getSize()[1]))
        some[row, columns] = values
        rows.append(some)
    return np.vstack(rows)


def scattered(shape: tuple[int, int], block: int, count: int, seed: int) -> PETSc.Mat:
    """Some blocks in every row, anywhere, the same on any number of ranks."""
    random = np.random.default_rng(seed)
    made = PETSc.Mat().create(MPI.COMM_WORLD)
    made.setSizes(tuple((None, number * block) for number in shape), block)
    made.setType("baij" if block > 1 else "aij")
    made.setUp()
    made.setOption(PETSc.Mat.Option.NEW_NONZERO_ALLOCATION_ERR, False)
    first, last = (row // block for row in made.getOwnershipRange())
    for row in range(shape[0]):
        columns = random.choice(shape[1], count, replace=False).astype(PETSc.IntType)
        values = random.random((count, block, block))
        if first <= row < last:
            for column, value in zip(columns, values, strict=True):
                made.setValuesBlocked([row], [column], value)
    made.assemble()
    return made


def products_of_full_matrices() -> None:
    prolongation = scattered((FINE, COARSE), 1, 3, seed=1)
    matrix = scattered((FINE, FINE), BLOCK, 5, seed=2)
    spread = np.kron(full(prolongation), np.eye(BLOCK))
    exact = spread.T @ full(matrix) @ spread
    products = Galerkin(prolongation, BLOCK)
    coarse = products.product(matrix)
    assert np.allclose(full(coarse), exact, rtol=0, atol=1e-14)
    matrix.scale(3.0)
    again = products.product(matrix, coarse)
    assert again == coarse
    assert np.allclose(full(again), 3 * exact, rtol=0, atol=1e-13)


def test_product() -> None:
    products_of_full_matrices()


@pytest.mark.parallel(nprocs=3)
def test_product_on_three_ranks() -> None:
    products_of_full_matrices()
