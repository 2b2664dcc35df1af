"""The [flow] table: solvent that is pumped through a chip, and what it cannot be combined with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from thincell.studies.schema.base import Table, fault
from thincell.studies.schema.quantities import FlowRate, Length, Viscosity

if TYPE_CHECKING:
    from thincell.studies.schema.case import Case


class BypassTable(Table):
    """A straight channel beside the thin layer, as long as it is and between the same two pressures."""

    height: Length = Field(description="Height of the channel.")
    width: Length = Field(description="Width of the channel across the flow.")


class FlowTable(Table):
    """Solvent pumped through the chip, from the end beyond the working electrode to the other one."""

    rate: FlowRate = Field(description="Flow through the whole chip.")
    bypass: BypassTable | None = Field(
        default=None,
        description="A channel beside the thin layer; the layer's share of the flow follows from the"
        " hydraulic resistances. Without it all flow passes the layer.",
    )
    width: Length | None = Field(
        default=None,
        description="Width of the thin layer across the flow; default: that of the model, cell.length in a"
        " section.",
    )
    viscosity: Viscosity | None = Field(
        default=None,
        description="Viscosity of the electrolyte. It sets the pressure alone, neither the velocity nor the"
        " share of a bypass; default: 0.89 mPa s where the solvent is water, else the pressure is not told.",
    )


def check_flow(case: Case) -> None:
    """What flow cannot be combined with."""
    if case.flow is None:
        return
    if case.cell.type != "chip":
        raise fault(
            "flow",
            "liquid flows through the layer of a chip only; use cell.type = 'chip', or leave out [flow]",
            {},
        )
    if case.cell.ends != "reservoir":
        raise fault(
            "flow",
            "the ends of the layer are walls, through which nothing flows; set cell.ends = 'reservoir', or"
            " leave out [flow]",
            {},
            at="cell.ends",
        )
    if case.cell.view == "solid":
        raise fault(
            "flow",
            "flow is not offered in three dimensions; use cell.view = 'section' or 'plan', or leave out"
            " [flow]",
            {},
            at="cell.view",
        )
    without = {
        "deposit": case.deposit is not None,
        "electrolyte.species": case.electrolyte.ionic and case.electrolyte.model == "electroneutral",
        "electrolyte.model": case.electrolyte.model != "electroneutral",
        "electrolyte.fixed_charge": case.electrolyte.fixed_charge is not None,
    }
    remedies = {
        "electrolyte.model": "use electrolyte.model = 'electroneutral', or leave out [flow]",
        "deposit": "leave out [deposit] or [flow]",
    }
    found = [key for key, there in without.items() if there]
    if found:
        raise fault(
            "flow",
            "flow carries one salt over electrodes that keep their shape, and does not go with {key};"
            " {remedy}",
            {
                "key": found[0] if found[0] != "electrolyte.model" else repr(case.electrolyte.model),
                "remedy": remedies.get(found[0], f"leave out {found[0]} or [flow]"),
            },
            at=found[0],
        )
