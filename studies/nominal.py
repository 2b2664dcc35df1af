"""The current density that a protocol step means per footprint of the working electrode."""

from __future__ import annotations

from thincell.geometry.tags import Tag
from thincell.studies.schema.case import Case
from thincell.studies.schema.cell import ChipCell, CoinCell
from thincell.studies.schema.errors import InputError
from thincell.studies.schema.protocol import Step


def nominal_density(case: Case, step: Step) -> float:
    """Magnitude of a galvanostatic step per footprint of the case's working electrode [A.m-2]."""
    value, per_area = step.current()
    if per_area:
        return value
    if not isinstance(case.cell, ChipCell | CoinCell):
        raise InputError(
            f"protocol: {step.plate or step.strip!r} is a total current; to compare a mesh of one's"
            " own with a coin cell, write it per area ('10 mA/cm^2')"
        )
    return value / case.cell.footprint(Tag.WORKING)
