"""The [cell.bulge] table: windows that bulge into the vacuum of the microscope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from thincell.geometry.bulge import Bulge
from thincell.geometry.membrane import Membrane
from thincell.studies.schema.base import Table, fault
from thincell.studies.schema.quantities import Length, Quantity

if TYPE_CHECKING:
    from thincell.studies.schema.case import Case
    from thincell.studies.schema.cell import ChipCell

Modulus = Quantity("Pa", gt=0)
Stress = Quantity("Pa", ge=0)
Pressure = Quantity("Pa")
Place = Quantity("m")


class BulgeTable(Table):
    """Window membranes of silicon nitride, unless their values say otherwise."""

    width: Length = Field(description="Width of the windows along the section, such as '50 um'.")
    length: Length | None = Field(
        default=None,
        description="Length of the windows out of the section's plane; without it they are long. The"
        " section is the cut through their middle.",
    )
    centre: Place = Field(  # type: ignore[valid-type]
        default=0.0,
        description="Place of the windows' centre along x; '0 um' is the working electrode's edge that"
        " faces the counter electrode, which is what one looks at.",
    )
    thickness: Length = Field(default=50e-9, description="Thickness of a membrane.")
    modulus: Modulus = Field(default=250e9, description="Young's modulus.")  # type: ignore[valid-type]
    poisson: Quantity("1", ge=0, lt=0.5) = Field(  # type: ignore[valid-type]
        default=0.23, description="Poisson's ratio."
    )
    stress: Stress = Field(  # type: ignore[valid-type]
        default=200e6,
        description="Residual tension; 50 to 300 MPa in low-stress nitride, about 1 GPa in stoichiometric.",
    )
    pressure: Pressure = Field(  # type: ignore[valid-type]
        default=101325.0,
        description="Pressure of the liquid over that outside; negative values press the windows in.",
    )
    windows: Literal[1, 2] = Field(default=2, description="How many windows bulge: 2, or the lid only.")

    @model_validator(mode="after")
    def _proportions(self) -> BulgeTable:
        for key in ("width", "length"):
            side = getattr(self, key)
            if side is not None and side < 20 * self.thickness:
                raise fault(
                    "geometry",
                    "{side:.4g} m is {ratio:.3g} times the thickness {t:.4g} m of the membrane: 20 and"
                    " more is possible, for a membrane without stiffness against bending; check the units",
                    {"side": side, "ratio": side / self.thickness, "t": self.thickness},
                    at=key,
                )
        return self

    def build(self, spacer: float) -> Bulge:
        """The lid over a spacer [m]."""
        window = Membrane(
            self.thickness,
            self.modulus,
            self.poisson,
            self.stress,
            self.width,
            self.length or float("inf"),
        )
        deflection = window.deflection(self.pressure)
        return Bulge(spacer, self.centre, window, deflection, deflection if self.windows == 2 else 0.0)


def check_windows(cell: ChipCell) -> None:
    """The windows leave room for liquid and electrodes, and lie over the layer."""
    table = cell.bulge
    if table is None:
        return
    section = cell.section()
    assert section.lid is not None
    left, right = section.lid.edges
    if right <= section.start or left >= section.end:
        raise fault(
            "geometry",
            "the windows from x = {left:.4g} m to {right:.4g} m are not over the liquid, which reaches from"
            " {start:.4g} m to {end:.4g} m; x = 0 is the working electrode's inner edge",
            {"left": left, "right": right, "start": section.start, "end": section.end},
            at="bulge.centre",
        )
    thickest = max(cell.working.thickness, cell.counter.thickness)
    room = section.lowest - thickest
    if table.pressure < 0 and room < 0.02 * cell.height:
        raise fault(
            "geometry",
            "{pressure:.4g} Pa presses the windows in by {w:.4g} m in all: under them {room:.4g} m of liquid"
            " would be left above the electrodes, and 0.02 of the height {h:.4g} m is the least; use a"
            " smaller negative pressure, narrower windows, or a higher spacer",
            {
                "pressure": table.pressure,
                "w": cell.height - section.lid.middle,
                "room": room,
                "h": cell.height,
            },
            at="bulge.pressure",
        )
    if section.tallest > cell.height * 100:
        raise fault(
            "geometry",
            "windows of {width:.4g} m bulge to {tallest:.4g} m of liquid, {ratio:.3g} times the height"
            " {h:.4g} m: 100 is the most; check the units",
            {
                "width": table.width,
                "tallest": section.tallest,
                "ratio": section.tallest / cell.height,
                "h": cell.height,
            },
            at="bulge.width",
        )


def check_bulge(case: Case) -> None:
    """What a curved lid cannot be combined with."""
    if case.cell.type != "chip" or case.cell.bulge is None:
        return
    if case.deposit is not None and case.cell.view != "plan":
        raise fault(
            "cell",
            "windows that bulge cannot be combined with [deposit], whose mesh and start know a flat lid"
            " only; leave one of them out, give cell.height the true height above the electrode, or use"
            " cell.view = 'plan'",
            {},
            at="cell.bulge",
        )
    film = case.electrolyte.fixed_charge
    if film is not None and film.thickness is not None and film.thickness >= case.cell.section().lowest:
        raise fault(
            "cell",
            "the film of fixed charge, {t:.4g} m, is not below the lid, which comes down to {h:.4g} m; make"
            " the film thinner, or leave out its thickness: then the charge is everywhere",
            {"t": film.thickness, "h": case.cell.section().lowest},
            at="electrolyte.fixed_charge.thickness",
        )
