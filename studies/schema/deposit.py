"""The [deposit] table: metal that grows and dissolves."""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import Field, model_validator

from thincell.model.anisotropy import Isotropic
from thincell.model.roughness import RandomField
from thincell.studies.schema.base import Table, fault
from thincell.studies.schema.deposit_chen import PROFILE_MOBILITY, ChenTable
from thincell.studies.schema.deposit_parts import (
    AnisotropyTable,
    FilmTable,
    NoiseTable,
    NucleationTable,
    SeedTable,
    WaveTable,
)
from thincell.studies.schema.quantities import Flag, Integer, Length, Quantity, Thickness

SurfaceEnergy = Quantity("J/m^2", ge=0)

#: Interface thicknesses that any piece of metal measures at least: a film, a radius, a grain.
LEAST = 3.0

#: Interface thicknesses on either side of the front within which it is not quite metal or liquid.
WIDTH = 6.0


class DepositTable(Table):
    """Growth of metal on the working electrode."""

    model: Literal["phase-field", "chen-2015"] = Field(
        default="phase-field",
        description="phase-field: conservative diffuse-domain Butler-Volmer growth; chen-2015: Chen et al."
        " 2015 with one potential for metal and liquid, for comparison with the literature only.",
    )
    chen: ChenTable | None = Field(default=None, description="Constants of chen-2015.")
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
    mobility: Quantity("1", gt=0, lt=100) = Field(  # type: ignore[valid-type]
        default=PROFILE_MOBILITY, description="Mobility of the profile-keeping term, in delta v_max."
    )
    courant: Quantity("1", gt=0, lt=2) = Field(  # type: ignore[valid-type]
        default=0.25, description="Largest advance of the front in a time step, in delta."
    )
    cells: Quantity("1", ge=0.5, lt=20) = Field(  # type: ignore[valid-type]
        default=1.5, description="Cells per delta at the front."
    )
    adaptive: Flag = Field(default=True, description="Let the mesh follow the front.")
    band: Quantity("1", ge=2, lt=200) = Field(  # type: ignore[valid-type]
        default=8.0,
        description="How far beyond the interface's profile the mesh is as fine as in it, in delta.",
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
    def _possible(self) -> DepositTable:
        self._check_thin()
        self._check_metal()
        self._check_surface()
        self._check_orientations()
        self._check_mesh()
        return self

    def _check_thin(self) -> None:
        """Nothing is thinner than the profile."""
        lengths: dict[str, float | None] = {"film": self.film or None, "grains": self.grains}
        lengths |= {f"seeds.{k}.radius": seed.radius for k, seed in enumerate(self.seeds)}
        if self.nucleation is not None:
            lengths["nucleation.radius"] = self.nucleation.radius
        least = LEAST * self.interface
        for key, length in lengths.items():
            if length is not None and length < least * (1 - 1e-9):
                raise fault(
                    "deposit",
                    "{length:.4g} m is less than three interface thicknesses ({least:.4g} m), so that the"
                    " profile would not fit; use at least that, or a smaller interface",
                    {"length": length, "least": least},
                    at=key,
                )

    def _check_metal(self) -> None:
        if self.film == 0 and not self.seeds and self.nucleation is None:
            raise fault(
                "deposit",
                "there is no metal to grow on: give a film (such as film = '{least:.3g} m'), seeds, or"
                " nucleation",
                {"least": LEAST * self.interface},
                at="film",
            )
        spacing = math.inf if self.nucleation is None else self.nucleation.spacing
        if spacing < self.interface:
            raise fault(
                "deposit",
                "{spacing:.4g} m is less than the interface's thickness {delta:.4g} m: sites that close"
                " cannot be told apart; use a larger spacing",
                {"spacing": spacing, "delta": self.interface},
                at="nucleation.spacing",
            )

    def _check_surface(self) -> None:
        """Waves and roughness."""
        for key, given in (("waves", bool(self.waves)), ("roughness", self.roughness > 0)):
            if given and self.film == 0:
                raise fault(
                    "deposit",
                    "it shapes the surface of a film, and there is none; give a film, such as film ="
                    " '{least:.3g} m'",
                    {"least": LEAST * self.interface},
                    at=key,
                )
        shortest = 2 * math.pi * self.interface
        for number, wave in enumerate(self.waves):
            if wave.length < shortest * (1 - 1e-9):
                raise fault(
                    "deposit",
                    "{length:.4g} m is less than 2 pi interface thicknesses ({least:.4g} m), so that the"
                    " interface would not follow it; use a longer wave or a smaller interface",
                    {"length": wave.length, "least": shortest},
                    at=f"waves.{number}.length",
                )
        rough = self.roughness + sum(wave.amplitude for wave in self.waves)
        if self.film - 2 * rough < 0:
            raise fault(
                "deposit",
                "roughness and the waves' amplitudes, together {rough:.4g} m, would leave holes in a film"
                " of {film:.4g} m; use less than half of it",
                {"rough": rough, "film": self.film},
                at="roughness" if self.roughness > 0 else "waves",
            )

    def _check_orientations(self) -> None:
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
        length = None if self.noise is None else self.noise.length
        if length is not None and length < 2 * self.interface * (1 - 1e-9):
            raise fault(
                "deposit",
                "{length:.4g} m is less than two interface thicknesses ({least:.4g} m), over which noise"
                " averages out; use a longer one, or leave it out",
                {"length": length, "least": 2 * self.interface},
                at="noise.length",
            )

    def _check_mesh(self) -> None:
        if self.reach is None:
            return
        if self.adaptive:
            raise fault(
                "deposit",
                "it is for a mesh that does not follow the front; set adaptive = false, or leave it out",
                {},
                at="reach",
            )
        top = max([self.film, *(seed.z + seed.radius for seed in self.seeds)])
        least = top + WIDTH * self.interface
        if self.reach < least * (1 - 1e-9):
            raise fault(
                "deposit",
                "{reach:.4g} m leaves the front of the start outside of the fine mesh; use at least"
                " {least:.4g} m",
                {"reach": self.reach, "least": least},
                at="reach",
            )

    @property
    def longest_edge(self) -> float:
        """Longest edge [m] of the triangles at the front: their legs are delta/cells or less."""
        return math.sqrt(2.0) * self.interface / self.cells

    @property
    def nucleus_radius(self) -> float:
        """Radius [m] of a nucleus: three interface thicknesses unless given."""
        given = None if self.nucleation is None else self.nucleation.radius
        return given or LEAST * self.interface

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
