"""Orders of convergence in space and time, by manufactured solutions, as fitted rates."""

from __future__ import annotations

from collections.abc import Iterator

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
