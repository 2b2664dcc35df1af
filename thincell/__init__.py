"""thincell: an open simulator of liquid-cell TEM electrochemistry.

The rooms are `thincell.geometry` (where), `thincell.model` (what happens), `thincell.solvers` (how
it is computed), `thincell.studies` (what a user asks) and `thincell.validation` (why believe it).

Where DOLFINx comes from its wheel, `dolfinx_solver` has to be the first import, since it loads MPI
in the right order; elsewhere (conda-forge, spack) it does not exist and is not needed.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if find_spec("dolfinx_solver") is not None:
    import dolfinx_solver  # noqa: F401

try:
    __version__ = version("thincell")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+unknown"

#: Where the names of the Python interface live; loaded when first used.
_HOMES = {
    "Case": "thincell.studies.case",
    "InputError": "thincell.studies.schema.errors",
    "Run": "thincell.studies.results",
    "run": "thincell.studies.run",
    "RunFailed": "thincell.studies.results",
    "AuditFailed": "thincell.studies.results",
    "compare": "thincell.studies.compare",
    "impedance": "thincell.studies.impedance",
    "Steady": "thincell.studies.steady",
}


def __getattr__(name: str) -> Any:
    """The names of the Python interface, so that `import thincell` stays light."""
    if name not in _HOMES:
        raise AttributeError(f"module 'thincell' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])


if TYPE_CHECKING:
    from thincell.studies.case import Case
    from thincell.studies.compare import compare
    from thincell.studies.impedance import impedance
    from thincell.studies.results import AuditFailed, Run, RunFailed
    from thincell.studies.run import run
    from thincell.studies.schema.errors import InputError
    from thincell.studies.steady import Steady

__all__ = [
    "AuditFailed",
    "Case",
    "InputError",
    "Run",
    "RunFailed",
    "Steady",
    "__version__",
    "compare",
    "impedance",
    "run",
]
