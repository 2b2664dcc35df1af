"""What the dimensionless groups need to know of a case: plain numbers in SI, no mesh, no solver.

Properties are those of the initial concentration.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import brentq

from thincell.geometry.section import Section
from thincell.geometry.tags import Tag
from thincell.model.constants import thermal_voltage
from thincell.model.coplanar import CoplanarCell
from thincell.model.electrolyte import Electrolyte
from thincell.model.reactions import Reaction
from thincell.model.uneven import Salt, UnevenLayer
from thincell.studies.schema.case import Case
from thincell.studies.schema.cell import ChipCell, CoinCell, MeshCell
from thincell.studies.schema.protocol import Step


@dataclass(frozen=True)
class Situation:
    """A case reduced to numbers."""

    case: Case

    @cached_property
    def electrolyte(self) -> Electrolyte:
        """The electrolyte of the model."""
        return self.case.electrolyte.build()

    @property
    def diffusivity(self) -> float:
        """D [m2.s-1] of the free electrolyte."""
        return float(self.electrolyte.salt_diffusivity(self.electrolyte.concentration))

    @property
    def conductivity(self) -> float:
        """kappa [S.m-1], effective in a separator."""
        bulk = float(self.electrolyte.ionic_conductivity(self.electrolyte.concentration))
        return bulk * self.porosity**self.exponent

    @property
    def transference(self) -> float:
        """t+ [-]; zero in a supported electrolyte."""
        return float(self.electrolyte.cation_transference(self.electrolyte.concentration))

    @property
    def cations(self) -> float:
        """Concentration of the cation (supported: the reactant) [mol.m-3]."""
        return self.electrolyte.concentration * self.electrolyte.salt.cation_number

    @property
    def salt(self) -> Salt:
        """What the limits by transport depend on."""
        return Salt(self.diffusivity, self.cations, self.transference, self.charge)

    @property
    def temperature(self) -> float:
        """[K]."""
        return self.electrolyte.temperature

    @property
    def temperature_voltage(self) -> float:
        """RT/F [V]."""
        return thermal_voltage(self.temperature)

    # -- geometry ---------------------------------------------------------------------------------

    @cached_property
    def section(self) -> Section | None:
        """The section of a chip or coin cell; None for a mesh of one's own."""
        return None if isinstance(self.case.cell, MeshCell) else self.case.cell.section()

    @property
    def height(self) -> float:
        """Height of the liquid, or thickness of the separator [m].

        Under windows that bulge: the mean height above the working electrode.
        """
        cell = self.case.cell
        if isinstance(cell, ChipCell):
            return self.height_above(Tag.WORKING)
        return cell.separator_thickness if isinstance(cell, CoinCell) else cell.height

    @property
    def porosity(self) -> float:
        """Share of liquid."""
        return 1.0 if isinstance(self.case.cell, ChipCell) else self.case.cell.porosity

    @property
    def exponent(self) -> float:
        """Bruggeman's exponent."""
        return 1.5 if isinstance(self.case.cell, ChipCell) else self.case.cell.bruggeman_exponent

    def height_above(self, tag: Tag) -> float:
        """Mean height of the lid above the floor over an electrode of a chip [m]."""
        assert self.section is not None
        electrode = self.section.electrode(tag)
        return self.section.mean_height(electrode.start, electrode.end)

    @property
    def uneven(self) -> bool:
        """Whether the height depends on x."""
        return self.section is not None and self.section.lid is not None

    def width(self, tag: Tag) -> float:
        """Width of an electrode of a chip [m]."""
        assert self.section is not None
        return self.section.electrode(tag).width

    def area(self, tag: Tag) -> float | None:
        """Footprint [m2] of an electrode; None for a mesh of one's own."""
        return None if self.section is None else self.section.footprint(tag)

    def coplanar(self, swapped: bool = False) -> CoplanarCell:
        """The chip with flush electrodes; ``swapped``: the counter electrode consumes.

        Under windows that bulge: with the height, even, at which the gap resists as it does, g over the
        integral of dx/h.
        """
        s = self.section
        assert s is not None
        working, counter = s.electrode(Tag.WORKING), s.electrode(Tag.COUNTER)
        sides = [(working.width, working.start - s.start), (counter.width, s.end - counter.end)]
        (w1, m1), (w2, m2) = sides[::-1] if swapped else sides
        slack = 1e-12 * (s.end - s.start)  # 0 of a margin survives rounding
        m1, m2 = (0.0 if m < slack else m for m in (m1, m2))
        gap = counter.start - working.end
        return CoplanarCell(gap / s.path(working.end, counter.start), gap, w1, w2, m1, m2)

    def uneven_layer(self, swapped: bool = False) -> UnevenLayer:
        """The depth-averaged layer of a chip, its consuming electrode on the left."""
        s = self.section
        assert s is not None
        working, counter = s.electrode(Tag.WORKING), s.electrode(Tag.COUNTER)
        edges = s.lid.edges if s.lid is not None else ()
        breaks = [s.start, s.end, working.start, working.end, counter.start, counter.end]
        breaks += [x for x in edges if s.start < x < s.end]
        along = (1 - np.cos(np.linspace(0, np.pi, 81))) / 2  # fine at both ends
        pieces = [a + (b - a) * along for a, b in pairwise(sorted(set(breaks)))]
        nodes = np.concatenate([pieces[0][:1], *(piece[1:] for piece in pieces)])
        heights = s.height_at((nodes[:-1] + nodes[1:]) / 2)
        sink, source = (working.start, working.end), (counter.start, counter.end)
        if not swapped:
            return UnevenLayer(nodes, heights, sink, source)
        mirrored = [(-end, -start) for start, end in (source, sink)]
        return UnevenLayer(-nodes[::-1], heights[::-1], *mirrored)

    # -- reactions --------------------------------------------------------------------------------

    @cached_property
    def reactant(self) -> tuple[str, Any] | None:
        """Name and table of the working electrode's reaction that consumes what is dissolved."""
        for key, table in self.case.reactions.items():
            if "working" in table.electrodes and table.type != "side":
                return key, table
        return None

    @property
    def charge(self) -> int:
        """Electrons per dissolved reactant."""
        return int(self.reactant[1].electrons) if self.reactant else 1

    @property
    def returned(self) -> bool:
        """Whether the counter electrode dissolves what the working electrode plates."""
        return any(
            table.type == "plating" and "counter" in table.electrodes
            for table in self.case.reactions.values()
        )

    @cached_property
    def kinetics(self) -> Reaction | None:
        """The reaction that sets the charge-transfer resistance; None when equipotential."""
        for key, table in self.case.reactions.items():
            if "working" in table.electrodes:
                chosen = self.reactant or (key, table)
                return chosen[1].build(chosen[0], self.temperature)
        return None

    @property
    def exchange(self) -> float | None:
        """i0 [A.m-2] at the initial composition; None where there is no equilibrium."""
        reaction, table = self.kinetics, self.reactant
        if reaction is None or table is None or reaction.kind == "redox":
            return None
        if table[1].kinetics.law == "tafel":
            return None
        ratio = self.electrolyte.concentration / reaction.exchange.reference
        return float(reaction.exchange(math.log(ratio)))

    def differential_resistance(self, current_density: float, cathodic: bool) -> float | None:
        """|d eta/d i| [ohm m2] at a current density; None when the law never carries it."""
        reaction = self.kinetics
        if reaction is None:
            return None
        sign = -1.0 if cathodic else 1.0
        ratio = self.electrolyte.concentration / reaction.exchange.reference
        if reaction.kind == "redox":
            if not cathodic:
                return None
            exchange = reaction.exchange.value * ratio

            def law(eta: float) -> float:
                return exchange * float(reaction.kinetics.reduction(-eta))  # type: ignore[attr-defined]
        else:
            exchange = float(reaction.exchange(math.log(ratio)))

            def law(eta: float) -> float:
                return sign * float(reaction.kinetics.current_density(sign * eta, exchange))

        if not law(-50.0) < current_density < law(200.0):
            return None
        eta = float(brentq(lambda x: law(x) - current_density, -50.0, 200.0, xtol=1e-13))
        step = 1e-4
        slope = (law(eta + step) - law(eta - step)) / (2 * step)
        return thermal_voltage(self.temperature) / slope if slope > 0 else None

    # -- protocol ---------------------------------------------------------------------------------

    @cached_property
    def galvanostatic(self) -> Step | None:
        """The first plating step, else the first stripping step."""
        steps = self.case.protocol
        for kind in ("plate", "strip"):
            for step in steps:
                if step.kind == kind:
                    return step
        return None

    @property
    def plates(self) -> bool:
        """Whether the set current plates on the working electrode."""
        return self.galvanostatic is None or self.galvanostatic.kind == "plate"

    @property
    def consumer(self) -> Tag:
        """The electrode at which salt is consumed."""
        return Tag.WORKING if self.plates else Tag.COUNTER

    @cached_property
    def current_density(self) -> float | None:
        """Set current per nominal area of the working electrode [A.m-2], a magnitude."""
        if self.galvanostatic is None:
            return None
        value, per_area = self.galvanostatic.current()
        if per_area:
            return value
        area = self.area(Tag.WORKING)
        return value / area if area is not None else None

    @property
    def consuming_density(self) -> float | None:
        """Current density of the consuming electrode [A.m-2]."""
        if self.current_density is None or self.plates:
            return self.current_density
        working, counter = self.area(Tag.WORKING), self.area(Tag.COUNTER)
        if working is None or counter is None:
            return None
        return self.current_density * working / counter

    @property
    def depletes(self) -> bool:
        """Whether the set current consumes something that is dissolved from the beginning."""
        if self.plates:
            return self.reactant is not None
        return self.returned
