"""The deposit of Chen et al. 2015: its own constants, and what it cannot be combined with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from thincell.studies.schema.base import Table, fault
from thincell.studies.schema.cell import CoinCell
from thincell.studies.schema.quantities import Diffusivity, Quantity
from thincell.studies.schema.reactions import ButlerVolmerTable

if TYPE_CHECKING:
    from thincell.studies.schema.case import Case

Conductivity = Quantity("S/m", gt=0)

#: Value of deposit.model.
CHEN = "chen-2015"

#: Default of deposit.mobility.
PROFILE_MOBILITY = 1.5


class ChenTable(Table):
    """Constants that do not follow from the rest of the case.

    kappa = 6 gamma delta and W = 3 gamma/delta come from the surface energy and the interface, L_e from the
    exchange current density at the initial concentration.
    """

    mobility: Quantity("m^3/(J*s)", gt=0) = Field(  # type: ignore[valid-type]
        default=2.5e-6,
        description="Mobility L_s of the interface (Chen 2015 and Hong & Viswanathan 2018: 2.5e-6, seen in"
        " the latter's input). Has to be so large that L_s W exceeds the reaction's rate twentyfold.",
    )
    diffusivity: Diffusivity | None = Field(
        default=None,
        description="Of the cations (default: the salt's at the initial concentration; Chen 2015: 7.5e-10,"
        " recalled, Hong & Viswanathan 2018: 3.2e-10 m^2/s).",
    )
    metal_diffusivity: Quantity("1", gt=0, lt=1) = Field(  # type: ignore[valid-type]
        default=1e-3,
        description="Diffusivity in the metal over that in the liquid (Chen 2015, recalled).",
    )
    conductivity: Conductivity | None = Field(  # type: ignore[valid-type]
        default=None,
        description="Of the liquid (default: the electrolyte's at the initial concentration; both papers:"
        " 1.19 S/m).",
    )
    metal_conductivity: Conductivity = Field(  # type: ignore[valid-type]
        default=1e7, description="Of the metal (Chen 2015: 1e7 S/m, recalled)."
    )


def check_chen(case: Case) -> None:
    """A fault for what the equations do not define."""
    assert case.deposit is not None
    table = case.deposit
    for key, value, unused in (
        ("nucleation", table.nucleation, None),
        ("interphase", table.interphase, None),
        ("noise", table.noise, None),
        ("grains", table.grains, None),
        ("surface_anisotropy", table.surface_anisotropy, None),
        ("kinetic_anisotropy", table.kinetic_anisotropy, None),
        ("isolated", table.isolated, "floating"),
        ("guard", table.guard, "warn"),
    ):
        if value != unused:
            raise _not_defined(f"deposit.{key}", "it is not part of these equations; leave it out")
    if table.mobility != PROFILE_MOBILITY:
        raise _not_defined(
            "deposit.mobility", "it is that of another profile; use deposit.chen.mobility instead"
        )
    if table.surface_energy == 0:
        raise _not_defined(
            "deposit.surface_energy",
            "0 J/m^2 leaves no interface, whose energy it is; use about 0.5 J/m^2, or leave it out",
        )
    if table.film == 0:
        raise _not_defined(
            "deposit.film",
            "0 m leaves the electrode bare, and current would leave it without a reaction; give a film of"
            " at least three interface thicknesses",
        )
    _check_electrolyte(case)
    _check_reactions(case)


def _check_electrolyte(case: Case) -> None:
    electrolyte = case.electrolyte
    if electrolyte.ionic or electrolyte.kind == "supported":
        raise _not_defined(
            "electrolyte",
            "the cation of a binary salt is followed and nothing else; leave supporting electrolyte and"
            " further species out, as in name = 'LiPF6-EC-DMC'",
        )
    if isinstance(case.cell, CoinCell) and case.cell.porosity != 1:
        raise _not_defined(
            "cell.porosity",
            f"{case.cell.porosity:g} stands for a separator, which the equations do not know; use 1",
        )


def _check_reactions(case: Case) -> None:
    for name, reaction in case.reactions.items():
        if reaction.type != "plating" or len(case.reactions) > 1:
            raise _not_defined(
                f"reactions.{name}",
                "one plating reaction on both electrodes is allowed, and nothing beside it; leave the"
                " others out",
            )
        law = reaction.kinetics
        whole = isinstance(law, ButlerVolmerTable) and (
            abs(law.anodic_transfer_coefficient + law.cathodic_transfer_coefficient - reaction.electrons)
            < 1e-9
        )
        if not whole:
            raise _not_defined(
                f"reactions.{name}.kinetics",
                f"{law.law!r} as given is not the law of these equations; use 'butler-volmer' with"
                " transfer coefficients that add up to the number of electrons",
            )


def _not_defined(key: str, text: str) -> Exception:
    return fault("deposit", "with deposit.model = 'chen-2015' {text}", {"text": text}, at=key)
