"""The [deposit] table: metal that grows and dissolves."""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import Field, model_validator

from thincell.model.anisotropy import KINDS, Isotropic
from thincell.model.roughness import RandomField
from thincell.studies.schema.base import Table, fault
from thincell.studies.schema.quantities import (
    Duration,
    Flag,
    Integer,
    Length,
    Number,
    Positive,
    Potential,
    Quantity,
    Thickness,
)

Place = Quantity("m")
Angle = Quantity("rad")
SurfaceEnergy = Quantity("J/m^2", ge=0)
AreaResistance = Quantity("ohm*m^2", ge=0)
ResistanceGrowth = Quantity("ohm*m^4/C", ge=0)
Speed = Quantity("m/s", gt=0)
NucleationRate = Quantity("1/s", gt=0)


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

    strength: Positive = Field(description="Relative standard deviation of the rate.")
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
    amplitude: Thickness = Field(description="Amplitude.")


class SeedTable(Table):
    """A disc of metal, or what of it lies in the liquid."""

    x: Place = Field(description="Centre.")  # type: ignore[valid-type]
    z: Place = Field(default=0.0, description="Centre, height above the floor.")  # type: ignore[valid-type]
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


class NucleationTable(Table):
    """Nuclei on the bare electrode: sites at random, each with the rate J = rate exp(-(barrier/eta)^2)."""

    spacing: Length = Field(description="Mean distance of the sites along the electrode.")
    rate: NucleationRate = Field(description="Rate of a site at high overpotential.")  # type: ignore[valid-type]
    barrier: Potential = Field(description="Overpotential at which the rate has fallen to 1/e.")
    radius: Length | None = Field(
        default=None, description="Of a nucleus (default and least: three interface thicknesses)."
    )


class DepositTable(Table):
    """Growth of metal on the working electrode."""

    model: Literal["phase-field"] = Field(
        default="phase-field",
        description="phase-field: conservative diffuse-domain Butler-Volmer growth.",
    )
    interface: Length = Field(
        description="Thickness delta of the diffuse interface; 90 % of the change happens within 5.9"
        " delta. Well below the features that are to be seen."
    )
    film: Thickness = Field(
        default=0.0, description="Thickness of metal on the working electrode at the start."
    )
    roughness: Thickness = Field(
        default=0.0, description="Standard deviation of the film's thickness, seeded at random."
    )
    waves: list[WaveTable] = Field(default=[], description="Cosines on the film's surface.")
    seeds: list[SeedTable] = Field(default=[], description="Discs of metal at the start.")
    nucleation: NucleationTable | None = Field(
        default=None, description="Nuclei that form on the bare electrode."
    )
    surface_energy: SurfaceEnergy | None = Field(  # type: ignore[valid-type]
        default=None, description="Surface energy (default: that of the metal in the library)."
    )
    surface_anisotropy: AnisotropyTable | None = Field(
        default=None, description="How the surface energy depends on the orientation."
    )
    kinetic_anisotropy: AnisotropyTable | None = Field(
        default=None, description="How the exchange current density depends on the orientation."
    )
    grains: Length | None = Field(
        default=None,
        description="Width of grains along the electrode, each with an orientation of its own, drawn at"
        " random; the angles of the anisotropies are added.",
    )
    noise: NoiseTable | None = Field(default=None, description="Noise of the rate of plating.")
    seed: Integer = Field(
        default=1, ge=0, description="Of everything that is random: the same seed, the same deposit."
    )
    interphase: FilmTable | None = Field(
        default=None, description="A resistive film (SEI) on the metal."
    )
    isolated: Literal["floating", "inert"] = Field(
        default="floating",
        description="Metal that has lost contact with the electrode: floating (at a potential of its"
        " own, no net current) or inert (no reaction of the metal on it).",
    )
    mobility: Positive = Field(
        default=1.5, description="Mobility of the profile-keeping term, in delta v_max."
    )
    courant: Positive = Field(
        default=0.25, description="Largest advance of the front in a time step, in delta."
    )
    cells: Positive = Field(default=1.5, description="Cells per delta at the front.")
    adaptive: Flag = Field(default=True, description="Let the mesh follow the front.")
    band: Positive = Field(
        default=8.0, description="Half-width of the finest part of the mesh, in delta."
    )
    reach: Length | None = Field(
        default=None,
        description="Without adaptive: height above the electrode up to which the mesh is fine"
        " (default: the whole liquid, at most 60 delta above the film).",
    )
    guard: Literal["warn", "refuse"] = Field(
        default="warn",
        description="What to do when delta is too large for the fastest-growing wavelength or the"
        " concentration's boundary layer.",
    )

    @model_validator(mode="after")
    def _enough_metal(self) -> DepositTable:
        least = 3 * self.interface
        if 0 < self.film < least:
            raise fault(
                "deposit",
                "{film:.4g} m is less than three interface thicknesses ({least:.4g} m), so that the"
                " profile would not fit; use a thicker film or a smaller interface",
                {"film": self.film, "least": least},
                at="film",
            )
        for number, seed in enumerate(self.seeds):
            if seed.radius < least:
                raise fault(
                    "deposit",
                    "{r:.4g} m is less than three interface thicknesses ({least:.4g} m); use a larger"
                    " radius or a smaller interface",
                    {"r": seed.radius, "least": least},
                    at=f"seeds.{number}.radius",
                )
        if self.film == 0 and not self.seeds and self.nucleation is None:
            raise fault(
                "deposit",
                "there is no metal to grow on: give a film (such as film = '{least:.3g} m'), seeds, or"
                " nucleation",
                {"least": least},
                at="film",
            )
        if self.film == 0 and (self.waves or self.roughness > 0):
            raise fault("deposit", "roughness and waves need a film", {}, at="film")
        rough = self.roughness + sum(wave.amplitude for wave in self.waves)
        if rough > 0 and self.film - 2 * rough < 0:
            raise fault(
                "deposit",
                "{rough:.4g} m would leave holes in a film of {film:.4g} m; use less than half of it",
                {"rough": rough, "film": self.film},
                at="roughness",
            )
        if self.nucleation is not None and (self.nucleation.radius or least) < least:
            raise fault(
                "deposit",
                "{r:.4g} m is less than three interface thicknesses ({least:.4g} m)",
                {"r": self.nucleation.radius, "least": least},
                at="nucleation.radius",
            )
        return self._stiff()

    def _stiff(self) -> DepositTable:
        table = self.surface_anisotropy
        if table is not None and abs(table.strength) * (table.fold**2 - 1) >= 1:
            raise fault(
                "deposit",
                "{s:g} makes orientations of negative stiffness, which phase separate; the magnitude"
                " must be below 1/(m^2 - 1) = {most:.4g}",
                {"s": table.strength, "most": 1 / (table.fold**2 - 1)},
                at="surface_anisotropy.strength",
            )
        if self.grains is not None and not (self.surface_anisotropy or self.kinetic_anisotropy):
            raise fault(
                "deposit",
                "grains differ in their orientation: give an anisotropy as well, or leave them out",
                {},
                at="grains",
            )
        return self

    @property
    def longest_edge(self) -> float:
        """Longest edge [m] of the triangles at the front: their legs are delta/cells or less."""
        return math.sqrt(2.0) * self.interface / self.cells

    def field(self, speed: float) -> RandomField | None:
        """The noise; ``speed`` [m.s-1] of the film sets the default correlation time."""
        if self.noise is None:
            return None
        length = self.noise.length or 4 * self.interface
        time = self.noise.time or 4 * self.interface / speed
        return RandomField(self.noise.strength, length, time, self.seed)

    def anisotropy(self, table: AnisotropyTable | None, angle: Any) -> Any:
        """The law of one of the two tables; ``angle`` of the grains is added to its own."""
        if table is None:
            return Isotropic()
        return table.build(angle + table.angle)
