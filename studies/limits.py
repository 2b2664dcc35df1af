"""Limits of a case by mass transport: steady limiting currents and times to dryness.

Exact formulas of `thincell.model.coplanar`, `secondary`, `capacity` and `depletion` with the
properties of the initial concentration. Current densities are per nominal area of the working
electrode [A.m-2]. Under windows that bulge the depth average of `thincell.model.uneven` takes their place:
resistances are integrals of dx/h, what lies above an electrode has its mean height there.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from thincell.geometry.tags import Tag
from thincell.model import capacity, coplanar, depletion
from thincell.model.constants import FARADAY
from thincell.studies.schema.cell import ChipCell, CoinCell
from thincell.studies.situation import Situation


@dataclass(frozen=True)
class Limit:
    """A steady limiting current density; ``slow`` is that with slow counter kinetics."""

    value: float
    slow: float | None
    ends: str


@dataclass(frozen=True)
class CoinTwin:
    """What the coin cell of `compare` can do with the same electrolyte and current density."""

    name: str
    thickness: float
    limit: float
    dry: float | None


def limiting_current(s: Situation) -> Limit | None:
    """Steady limiting current of the case's geometry; None where there is none."""
    cell = s.case.cell
    if isinstance(cell, CoinCell):
        return Limit(coin_limit(s, cell), None, "coin") if s.returned and s.depletes else None
    if not isinstance(cell, ChipCell) or not s.depletes or s.reactant is None:
        return None
    if s.case.flow is not None:  # what a stream brings: `studies.flow.channel.supply`
        return None
    swapped = s.consumer == Tag.COUNTER
    if s.uneven:
        return _uneven_limit(s, cell, swapped)
    layer, width = s.coplanar(swapped), s.width(Tag.WORKING)
    numbers = (s.diffusivity, s.cations, s.transference, s.charge)
    if cell.ends == "closed":
        if not s.returned:
            return None
        fast = capacity.limiting_current_closed(layer, *numbers)
        if min(layer.working_width, layer.counter_width) <= 2 * layer.height:
            return Limit(fast.per_depth / width, None, "closed")
        slow = capacity.limiting_current_closed(layer, *numbers, counter="equal-current")
        return Limit(fast.per_depth / width, slow.per_depth / width, "closed")
    if s.returned:
        fast = capacity.limiting_current_reservoir(layer, *numbers)
        return Limit(fast.per_depth / width, None, "reservoir")
    if not s.electrolyte.supported:
        return None
    end = coplanar.PRIMARY_END * layer.height
    far = layer.gap + layer.counter_width + layer.counter_margin + end
    near = layer.working_margin + end
    feed = s.charge * FARADAY * s.diffusivity * s.cations * layer.height
    return Limit(feed * (1 / near + 1 / far) / width, None, "reservoir")


def _uneven_limit(s: Situation, cell: ChipCell, swapped: bool) -> Limit | None:
    """The same under windows that bulge, by the depth average."""
    layer, salt, width = s.uneven_layer(swapped), s.salt, s.width(Tag.WORKING)
    if cell.ends == "closed":
        if not s.returned:
            return None
        fast, slow = layer.limit_closed(salt), layer.limit_closed_slow(salt)
        return Limit(fast / width, slow / width, "closed")
    if s.returned:
        return Limit(layer.limit_reservoirs(salt) / width, None, "reservoir")
    if not s.electrolyte.supported:
        return None
    return Limit(layer.limit_supplied(salt) / width, None, "reservoir")


def alone(s: Situation) -> float | None:
    """Time [s] until the liquid above the consuming electrode is dry when nothing else feeds it."""
    i = s.consuming_density
    if i is None or not s.depletes:
        return None
    effective = s.diffusivity * s.porosity ** (s.exponent - 1)
    numbers = (effective, i, s.cations * s.porosity, s.transference, s.charge)
    return capacity.depletion_time(liquid_above(s), *numbers)


def liquid_above(s: Situation, tag: Tag | None = None) -> float:
    """Height of the liquid above an electrode [m] (default: the consuming one), its mean if uneven."""
    cell = s.case.cell
    if not isinstance(cell, ChipCell):
        return s.height
    chosen = s.consumer if tag is None else tag
    return s.height_above(chosen) - (cell.working if chosen == Tag.WORKING else cell.counter).thickness


def fed_from_sides(s: Situation) -> float | None:
    """Time [s] until the consuming electrode is dry somewhere, fed from the sides; inf: never.

    None for currents, cells and layers for which the depth average does not hold.
    """
    i = s.consuming_density
    if i is None or not s.depletes or not isinstance(s.case.cell, ChipCell):
        return None
    if s.case.flow is not None:
        return None
    layer = s.coplanar(s.consumer == Tag.COUNTER)
    if layer.working_width < 2 * s.height_above(s.consumer):
        return None
    if s.uneven:
        uneven = s.uneven_layer(s.consumer == Tag.COUNTER)
        return uneven.depletion_time(s.salt, i, s.returned, s.case.cell.ends == "reservoir")
    first = layer.working_margin + layer.working_width
    second = first + layer.gap
    fed = depletion.FedLayer(
        height=layer.height,
        length=layer.length,
        sink=(layer.working_margin, first),
        source=(second, second + layer.counter_width) if s.returned else None,
        diffusivity=s.diffusivity,
        open_ends=s.case.cell.ends == "reservoir",
    )
    return fed.depletion_time(i, s.cations, s.transference, s.charge)


def _coin_ratio(s: Situation, cell: CoinCell) -> float:
    """Area of the consuming disc over that of the working disc."""
    return 1.0 if s.plates else (cell.counter_diameter / cell.working_diameter) ** 2


def coin_limit(s: Situation, cell: CoinCell) -> float:
    """Limiting current of a coin cell with this electrolyte."""
    return _coin_ratio(s, cell) * capacity.coin_limiting_current(
        cell.separator_thickness,
        s.diffusivity,
        s.cations,
        s.transference,
        s.charge,
        cell.porosity,
        cell.bruggeman_exponent,
    )


def coin_dry(s: Situation, cell: CoinCell, i: float) -> float:
    """Time [s] until the consuming disc is dry; inf below the limiting current."""
    return depletion.facing_depletion_time(
        cell.separator_thickness,
        s.diffusivity,
        i / _coin_ratio(s, cell),
        s.cations,
        s.transference,
        s.charge,
        cell.porosity,
        cell.bruggeman_exponent,
    )


def sand(s: Situation, i: float, cell: CoinCell | None) -> float:
    """Sand's time [s] of the consuming electrode in deep liquid, or in a coin cell's separator."""
    porosity = (cell.porosity, cell.bruggeman_exponent) if cell else (s.porosity, s.exponent)
    numbers = (s.diffusivity, i, s.cations, s.transference, s.charge)
    return capacity.sand_time(*numbers, *porosity)


def coin_twin(s: Situation) -> CoinTwin | None:
    """The coin cell of the case's [compare] table at the same nominal current density."""
    if isinstance(s.case.cell, CoinCell) or not s.depletes or not s.returned:
        return None
    cell = CoinCell.model_validate({"type": "coin", "coin": s.case.compare.coin})
    i = s.current_density
    return CoinTwin(
        s.case.compare.coin,
        cell.separator_thickness,
        coin_limit(s, cell),
        coin_dry(s, cell, i) if i is not None else None,
    )


def never(time: float | None) -> bool:
    """Whether a time to dryness says that the layer never runs dry."""
    return time == inf
