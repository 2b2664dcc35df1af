"""Orders of convergence in space and time, by manufactured solutions, as fitted rates.

The binary salt, and three ions of charges 2, 1 and -1 with unequal diffusivities and a reaction: with
Poisson's equation at eps^2 = eps RT/(F^2 c0 L^2) = 1e-2, 1e-4, 1e-6, and electroneutral.
"""

from __future__ import annotations

from collections.abc import Iterator

from thincell.studies import manufactured_ions
from thincell.studies.manufactured import rate, solve
from thincell.validation.rows import Row


def rows() -> Iterator[Row]:
    """Space: order p + 1 in L2 and p in H1, for p = 1, 2, 3. Time: order 2."""
    for order, cells in ((1, (8, 16, 32)), (2, (6, 12, 24)), (3, (4, 8, 16))):
        errors = [solve(n, order, 1, end=1e-9) for n in cells]
        sizes = [e.size for e in errors]
        for name, wanted in (
            ("concentration", order + 1), ("potential", order + 1), ("gradient", order)
        ):  # fmt: skip
            values = [getattr(e, name) for e in errors]
            measured = rate(sizes, values)
            label = {"gradient": "H1 of c"}.get(name, f"L2 of {name}")
            yield Row(
                f"manufactured, P{order}", label, values[-1], 0.0, values[0], True, measured,
                wanted - 0.15,
            )  # fmt: skip
    steps = (4, 8, 16, 32)
    errors = [solve(16, 3, n, end=2.0) for n in steps]
    values = [e.concentration for e in errors]
    measured = rate([1.0 / n for n in steps], values)
    yield Row(
        "manufactured, BDF2", "L2 of concentration", values[-1], 0.0, values[0], True, measured, 1.85
    )
    for eps2 in (1e-2, 1e-4, 1e-6, None):
        yield from ions(eps2)


def ions(eps2: float | None) -> Iterator[Row]:
    """Three ions. Space: L2 order p + 1, flux and H1 order p, for p = 1, 2. Time: order 2."""
    label = "three ions, electroneutral" if eps2 is None else f"three ions, eps^2 = {eps2:g}"
    for order, cells in ((1, (12, 24, 48)), (2, (6, 12, 24))):
        errors = [manufactured_ions.solve(n, order, eps2) for n in cells]
        sizes = [e.size for e in errors]
        for name, wanted in (
            ("concentration", order + 1), ("potential", order + 1), ("gradient", order), ("flux", order)
        ):  # fmt: skip
            values = [getattr(e, name) for e in errors]
            quantity = {"gradient": "H1 of c"}.get(name, f"L2 of {name}")
            yield Row(
                f"{label}, P{order}", quantity, values[-1], 0.0, values[0], True, rate(sizes, values),
                wanted - 0.05,
            )  # fmt: skip
    if eps2 not in (None, 1e-4):
        return
    steps = (4, 8, 16)
    values = [manufactured_ions.solve(10, 3, eps2, n, 1.0).concentration for n in steps]
    measured = rate([1.0 / n for n in steps], values)
    yield Row(f"{label}, BDF2", "L2 of concentration", values[-1], 0.0, values[0], True, measured, 1.85)
