"""Tables within the [deposit] table: seeds, waves, nucleation, anisotropy, noise, a film on the metal."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from thincell.model.anisotropy import KINDS
from thincell.studies.schema.base import Table, fault
from thincell.studies.schema.quantities import (
    Duration,
    Length,
    Number,
    Quantity,
)

Place = Quantity("m")
Angle = Quantity("rad")
AreaResistance = Quantity("ohm*m^2", ge=0)
ResistanceGrowth = Quantity("ohm*m^4/C", ge=0)
Speed = Quantity("m/s", gt=0)
NucleationRate = Quantity("1/s", gt=0)
Magnitude = Quantity("V", ge=0)


class AnisotropyTable(Table):
    """f(n) = 1 + strength cos m(theta - angle), m = 4, 6, or 2 for the axis of a hexagonal crystal."""

    kind: Literal["4-fold", "cubic", "6-fold", "hexagonal"]
    strength: Number = Field(description="Amplitude, below 1 in magnitude.")
    angle: Angle = Field(default=0.0, description="Of the crystal's axis against x.")  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _bounded(self) -> AnisotropyTable:
        if not abs(self.strength) < 1:
            raise fault(
                "deposit",
                "{s:g} is outside the allowed range: the factor 1 + strength cos m theta must stay"
                " positive, so the magnitude must be below 1",
                {"s": self.strength},
                at="strength",
            )
        return self

    @property
    def fold(self) -> int:
        """m."""
        return KINDS[self.kind][1]

    def build(self, angle: Any) -> Any:
        """The law; ``angle`` replaces the number, for grains of different orientation."""
        return KINDS[self.kind][0](float(self.strength), angle)


class NoiseTable(Table):
    """The rate of plating is multiplied with exp(strength eta - strength^2/2), eta a random field."""

    strength: Quantity("1", gt=0, lt=3) = Field(  # type: ignore[valid-type]
        description="Relative standard deviation of the rate."
    )
    length: Length | None = Field(
        default=None, description="Correlation length (default: four interface thicknesses)."
    )
    time: Duration | None = Field(
        default=None,
        description="Correlation time (default: that in which the film grows by four thicknesses).",
    )


class WaveTable(Table):
    """A cosine on the film's surface."""

    length: Length = Field(description="Wavelength along x.")
    amplitude: Length = Field(description="Amplitude.")


class SeedTable(Table):
    """A disc of metal, or what of it lies in the liquid."""

    x: Place = Field(description="Centre.")  # type: ignore[valid-type]
    z: Place = Field(default=0.0, description="Centre, height above the floor.")  # type: ignore[valid-type]
    y: Place = Field(default=0.0, description="Centre, seen from above; in place of z.")  # type: ignore[valid-type]
    radius: Length = Field(description="Radius.")


class FilmTable(Table):
    """An interphase on the metal that conducts ions: a resistance in series with the reaction.

    R = resistance + growth * (charge that passed there), at most `largest`; where the front moves faster
    than `cracks_above` it falls back to `resistance`.
    """

    resistance: AreaResistance = Field(  # type: ignore[valid-type]
        default=0.0, description="Of the fresh film, times area."
    )
    growth: ResistanceGrowth = Field(  # type: ignore[valid-type]
        default=0.0, description="Increase per charge that passed per area, plating or stripping."
    )
    largest: AreaResistance = Field(  # type: ignore[valid-type]
        default=1.0, description="Resistance at which it grows no more."
    )
    cracks_above: Speed | None = Field(  # type: ignore[valid-type]
        default=None, description="Speed of the front at which the film breaks."
    )

    @model_validator(mode="after")
    def _resists(self) -> FilmTable:
        if self.resistance == 0 and self.growth == 0:
            raise fault(
                "deposit",
                "a film without resistance does nothing; give it a resistance or a growth, or leave the"
                " table out",
                {},
                at="resistance",
            )
        if float(self.resistance) > float(self.largest):
            raise fault(
                "deposit",
                "{r:.4g} ohm m^2 is above largest = {largest:.4g} ohm m^2; the fresh film must not have"
                " more than the oldest one",
                {"r": self.resistance, "largest": self.largest},
                at="resistance",
            )
        if self.cracks_above is not None and self.growth == 0:
            raise fault(
                "deposit",
                "a film that does not grow is always fresh, so that cracks change nothing; give it a"
                " growth, or leave cracks_above out",
                {},
                at="cracks_above",
            )
        return self


class NucleationTable(Table):
    """Nuclei on the bare electrode: sites at random, each with the rate J = rate exp(-(barrier/eta)^2)."""

    spacing: Length = Field(description="Mean distance of the sites along the electrode.")
    rate: NucleationRate = Field(description="Rate of a site at high overpotential.")  # type: ignore[valid-type]
    barrier: Magnitude = Field(  # type: ignore[valid-type]
        description="Overpotential at which the rate has fallen to 1/e."
    )
    radius: Length | None = Field(
        default=None, description="Of a nucleus (default and least: three interface thicknesses)."
    )
