"""How a case's flow divides itself and how fast it is: plain numbers in SI, no mesh, no solver."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from thincell.geometry.tags import Tag
from thincell.model import channels
from thincell.studies.schema.case import Case
from thincell.studies.schema.cell import ChipCell
from thincell.studies.situation import Situation

#: Viscosity [Pa s] of water at 25 degC.
WATER = 0.89e-3


@dataclass(frozen=True)
class Channel:
    """Flow through the thin layer of a chip.

    ``share`` of the whole passes the layer; ``per_width`` [m2.s-1] is that over the layer's width, ``mean``
    [m.s-1] the mean velocity above the working electrode at its mean height; ``drop`` [Pa] the pressure
    between the ends, None without a viscosity.
    """

    share: float
    per_width: float
    mean: float
    drop: float | None


def channel(case: Case) -> Channel:
    """The flow of a case that has one."""
    cell, flow = case.cell, case.flow
    assert isinstance(cell, ChipCell)
    assert flow is not None
    section, length, width = cell.section(), extent(cell), flow.width or across(cell)
    slit = width / (12 * cubes(cell))  # Q mu over the pressure drop
    beside = (
        0.0
        if flow.bypass is None
        else channels.conductance(flow.bypass.width, flow.bypass.height, length)
    )
    share = slit / (slit + beside)
    working = section.electrode(Tag.WORKING)
    per_width = share * flow.rate / width
    viscosity = flow.viscosity or (WATER if case.electrolyte.solvent == "water" else None)
    drop = None if viscosity is None else viscosity * flow.rate / (slit + beside)
    return Channel(share, per_width, per_width / section.mean_height(working.start, working.end), drop)


def across(cell: ChipCell) -> float:
    """Width [m] of the model's layer across the flow: at the inlet, seen from above."""
    if cell.view == "section":
        return cell.length
    _, low, _, high = cell.plan().liquid.bounds
    return float(high - low)


def extent(cell: ChipCell) -> float:
    """Length [m] of the layer along the flow."""
    if cell.view == "section":
        section = cell.section()
        return section.end - section.start
    left, _, right, _ = cell.plan().liquid.bounds
    return float(right - left)


def cubes(cell: ChipCell) -> float:
    """Integral of dx/h^3 [m-2] along the middle of the layer, end to end; electrodes are thin."""
    section = cell.section()
    if section.lid is None:
        return extent(cell) / section.height**3
    if cell.view == "section":
        start, end = section.start, section.end
    else:
        start, _, end, _ = cell.plan().liquid.bounds
    return section.lid.integral(float(start), float(end), lambda h: np.asarray(h) ** -3.0)


@dataclass(frozen=True)
class Supply:
    """What a stream brings to the consuming electrode.

    ``peclet`` is U h/D, ``leveque_number`` U h^2/(D l); ``consumption`` and ``leveque`` are the limiting
    current densities [A.m-2] of the two limits, per nominal area of the working electrode.
    """

    peclet: float
    leveque_number: float
    consumption: float
    leveque: float

    @property
    def limit(self) -> float:
        """The limiting current density of the limit that applies [A.m-2]."""
        return self.leveque if self.thin_layer else self.consumption

    @property
    def thin_layer(self) -> bool:
        """Whether the emptied layer is thin (Leveque): the smaller of two limits applies."""
        return self.leveque < self.consumption


def supply(case: Case) -> Supply:
    """The limits of a case with a flow, at its initial concentration."""
    s, found = Situation(case), channel(case)
    h, length = s.height_above(s.consumer), s.width(s.consumer)
    ratio = length / s.width(Tag.WORKING)
    mean = found.per_width / h
    salt = (s.cations, s.transference, s.charge)
    return Supply(
        mean * h / s.diffusivity,
        mean * h**2 / (s.diffusivity * length),
        ratio * channels.consumption(mean, h, length, *salt),
        ratio * channels.leveque(mean, h, length, s.diffusivity, *salt),
    )


def carries_out(case: Case) -> bool:
    """Whether the stream outruns diffusion over the margin before the outlet, U m/D >= 1.

    Slower streams would make a wall of an outlet without diffusive flux: there it stays a reservoir.
    """
    if case.flow is None:
        return False
    assert isinstance(case.cell, ChipCell)
    speed = channel(case).per_width / case.cell.height
    return speed * case.cell.margins()[1] >= Situation(case).diffusivity
