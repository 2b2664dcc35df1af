"""Traces that launchers and batch systems leave in the environment of what they start.

A process started from there with them would take itself for one of their ranks, and a second launcher
would talk to the first.
"""

from __future__ import annotations

from collections.abc import Mapping

TRACES = (
    "PMI_", "PMI2_", "PMIX_", "PALS_", "OMPI_", "PRTE_", "HYDRA_", "HYDI_", "MPI_LOCAL", "MPIEXEC_",
    "SLURM_",
)  # fmt: skip


def without_traces(environment: Mapping[str, str], keep: tuple[str, ...] = ()) -> dict[str, str]:
    """The environment as it was before any launcher, but for variables that begin with ``keep``."""
    gone = tuple(mark for mark in TRACES if mark not in keep)
    return {key: value for key, value in environment.items() if not key.startswith(gone)}
