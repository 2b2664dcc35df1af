r"""The Gouy-Chapman-Stern closure of the electroneutral model against resolved double layers.

The same plate cell twice: `electroneutral` with a [double_layer] table, and nernst-planck-poisson. The
closure drops terms of the order of eps = lambda_D/L, so that the difference of the steady voltages at
a given current falls tenfold per decade of eps: a ratio of 9 to 11 at half the limiting current, which
at 0.9 of it is reached only where eps^(2/3) is small against the 0.1 c0 that is left at the cathode.

* symmetric: k = 10, no charge at equilibrium;
* charged: another potential of zero charge (k_a != k_c is the same thing) and alpha_a = 0.3;
* three ions: a plated cation, another cation that does not react, and an anion, each with its own
  diffusivity; the limiting current is that of `migration`. From eps = 1e-2 to 1e-3 the ratio without
  charge is 8.7: with half of the cations inert, terms of the order eps^2 still count at 1e-2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from thincell.studies.steady import SteadyState
from thincell.validation.rows import Row
from thincell.validation.theory.cases import THERMAL_VOLTAGE
from thincell.validation.theory.migration import limiting_current
from thincell.validation.theory.plate import FINE, LENGTH, LIMIT, Plate

SIZES = (1e-2, 1e-3, 1e-4, 1e-5)
MESH = {**FINE, "layers": 100, "double_layer_edge": 0.25, "double_layer_growth": 1.15}

#: Largest difference [RT/F] over eps (0.9 of the limiting current; 3 to 30 at half of it).
LARGEST = 200.0

MIXTURE = (("Li+", 1, 1e-9, 0.5), ("Na+", 1, 1.3e-9, 0.5), ("PF6-", -1, 2e-9, 1.0))


def rows() -> Iterator[Row]:
    """Ratios of the differences, decade by decade."""
    decades = SIZES[:3], SIZES, SIZES[1:]
    for share, sizes in zip((0.1, 0.5, 0.9), decades, strict=True):
        yield from _ratios("symmetric", {}, share, LIMIT, sizes)
    charged = {"zero_charge": -2.0, "anodic": 0.3, "cathodic": 0.7}
    yield from _ratios("charged", charged, 0.5, LIMIT, SIZES)
    limit = limiting_current(MIXTURE, LENGTH)
    yield from _ratios("three ions", {"species": MIXTURE}, 0.5, limit, SIZES[1:])
    yield from _ratios("three ions, charged", {"species": MIXTURE, **charged}, 0.5, limit, SIZES[1:3])


def difference(plate: Plate, current: float) -> float:
    """Closure minus resolved voltage [RT/F] at a plated current density [A.m-2]."""
    found: list[SteadyState] = [
        plate.steady(model, MESH).at_current(-current)
        for model in ("electroneutral", "nernst-planck-poisson")
    ]
    return (found[0].voltage - found[1].voltage) / THERMAL_VOLTAGE


def _ratios(
    what: str, options: dict[str, Any], share: float, limit: float, sizes: Sequence[float]
) -> Iterator[Row]:
    values = [difference(Plate(eps, **options), share * limit) for eps in sizes]
    label = f"closure, {what}, J = {share:g}"
    last = sizes[-1]
    yield Row(label, f"difference [RT/F], eps = {last:g}", values[-1], 0.0, LARGEST * last, True)
    for eps, large, small in zip(sizes, values, values[1:], strict=False):
        yield Row(label, f"ratio, eps = {eps:g} to {eps / 10:g}", large / small, 10.0, 0.1)
