"""Chips and coin cells as people describe them, and the sections that they become.

All lengths in metres. A coplanar chip is laid out along x as

    margin | reference, its gap | working | gap | counter | margin

with x = 0 at the edge of the working electrode that faces the counter electrode, so that x is the
distance into the gap and -x the distance into the working electrode.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from thincell.geometry.bulge import Bulge
from thincell.geometry.section import Electrode, Section
from thincell.geometry.tags import Tag


@dataclass(frozen=True)
class Strip:
    """A thin-film electrode: width and thickness [m]."""

    width: float
    thickness: float = 0.0


@dataclass(frozen=True)
class Reference:
    """A reference electrode: width and distance [m] from the outer edge of the working electrode."""

    width: float
    gap: float


@dataclass(frozen=True)
class Chip:
    """Coplanar electrodes on the floor of a liquid layer, of uniform height unless its windows bulge."""

    height: float
    gap: float
    working: Strip
    counter: Strip
    margin_working: float
    margin_counter: float
    length: float
    ends: Literal["closed", "reservoir"] = "closed"
    reference: Reference | None = None
    bulge: Bulge | None = None

    def section(self) -> Section:
        """The x-z cut through both electrodes."""
        outer = -self.working.width
        electrodes = [
            Electrode(Tag.WORKING, outer, 0.0, thickness=self.working.thickness),
            Electrode(
                Tag.COUNTER, self.gap, self.gap + self.counter.width, thickness=self.counter.thickness
            ),
        ]
        if self.reference is not None:
            far = outer - self.reference.gap
            electrodes.insert(0, Electrode(Tag.REFERENCE, far - self.reference.width, far))
            outer = far - self.reference.width
        closed = self.ends == "closed"
        return Section(
            height=self.height,
            start=outer - self.margin_working,
            end=self.gap + self.counter.width + self.margin_counter,
            electrodes=tuple(electrodes),
            left=Tag.INSULATOR if closed else Tag.INLET,
            right=Tag.INSULATOR if closed else Tag.OUTLET,
            length=self.length,
            lid=self.bulge,
        )


@dataclass(frozen=True)
class CoinCell:
    """Facing discs with a separator soaked in electrolyte between them.

    Effective transport in the separator: D_eff = D porosity^b, kappa_eff = kappa porosity^b with
    the Bruggeman exponent b (tortuosity = porosity^(1 - b)).
    """

    working_diameter: float
    counter_diameter: float
    separator_diameter: float
    separator_thickness: float
    porosity: float
    bruggeman_exponent: float
    patch: float | None = None

    def section(self) -> Section:
        """The r-z cut: working electrode on the floor, counter electrode on the lid.

        With a ``patch`` [m]: an x-z cut through a strip of that width far from the discs' rims, its
        sides planes of symmetry; as long out of the plane as it is wide.
        """
        if self.patch is not None:
            return Section(
                height=self.separator_thickness,
                start=-self.patch,
                end=0.0,
                electrodes=(
                    Electrode(Tag.WORKING, -self.patch, 0.0),
                    Electrode(Tag.COUNTER, -self.patch, 0.0, wall="lid"),
                ),
                left=Tag.SYMMETRY,
                right=Tag.SYMMETRY,
                length=self.patch,
            )
        return Section(
            height=self.separator_thickness,
            start=0.0,
            end=self.separator_diameter / 2,
            electrodes=(
                Electrode(Tag.WORKING, 0.0, self.working_diameter / 2),
                Electrode(Tag.COUNTER, 0.0, self.counter_diameter / 2, wall="lid"),
            ),
            left=Tag.SYMMETRY,
            axisymmetric=True,
        )
