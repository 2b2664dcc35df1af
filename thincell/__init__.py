"""thincell: an open simulator of liquid-cell TEM electrochemistry.

The rooms are `thincell.geometry` (where), `thincell.model` (what happens), `thincell.solvers` (how
it is computed), `thincell.studies` (what a user asks) and `thincell.validation` (why believe it).

Where DOLFINx comes from its wheel, `dolfinx_solver` has to be the first import, since it loads MPI
in the right order; elsewhere (conda-forge, spack) it does not exist and is not needed.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

if find_spec("dolfinx_solver") is not None:
    import dolfinx_solver  # noqa: F401

try:
    __version__ = version("thincell")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+unknown"

__all__ = ["__version__"]
