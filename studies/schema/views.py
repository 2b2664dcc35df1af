"""The view of a chip from above: outlines that fit, and what it cannot show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thincell.studies.schema.base import fault

if TYPE_CHECKING:
    from thincell.studies.schema.case import Case
    from thincell.studies.schema.cell import ChipCell


def check_outlines(cell: ChipCell) -> None:
    """Electrodes seen from above do not overlap and lie in the liquid; a section has no outlines."""
    named = {"working": cell.working, "counter": cell.counter, "reference": cell.reference}
    drawn = [name for name, table in named.items() if table is not None and table.outline is not None]
    if cell.view == "section":
        if drawn:
            raise fault(
                "geometry",
                "an outline is seen from above only: use cell.view = 'plan' or 'solid', or leave it out",
                {},
                at=f"{drawn[0]}.outline",
            )
        return
    missing = [name for name in named if named[name] is not None and name not in drawn]
    if drawn and missing:
        raise fault(
            "geometry",
            "{drawn} has an outline and {missing} has none; give all electrodes one, or none of them",
            {"drawn": drawn[0], "missing": missing[0]},
            at=f"{missing[0]}.outline",
        )
    try:
        cell.plan()
    except ValueError as error:
        raise fault("geometry", "{text}", {"text": str(error)}, at="working") from None


def check_view(case: Case) -> None:
    """What a view from above cannot be combined with."""
    if case.cell.type != "chip" or case.cell.view == "section":
        return
    without = {
        "double_layer": case.double_layer is not None,
        "electrolyte.species": case.electrolyte.ionic,
        "electrolyte.model": case.electrolyte.model == "nernst-planck-poisson",
        "electrolyte.fixed_charge": case.electrolyte.fixed_charge is not None,
    }
    found = [key for key, there in without.items() if there]
    if found:
        raise fault(
            "cell",
            "view = '{view}' cannot show {key}; use view = 'section', or leave {key} out",
            {"view": case.cell.view, "key": found[0]},
            at="cell.view",
        )
    if any(r.kinetics.law == "equipotential" for r in case.reactions.values()):
        raise fault(
            "cell",
            "view = '{view}' needs reactions of finite speed on both electrodes; give them another law of"
            " kinetics, or use view = 'section'",
            {"view": case.cell.view},
            at="cell.view",
        )
