"""What a deposit seen from above needs of its case: it grows sideways from the electrode's rim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thincell.geometry.tags import Tag
from thincell.studies.schema.base import fault
from thincell.studies.schema.cell import ChipCell
from thincell.studies.schema.deposit import LEAST, WIDTH, DepositTable
from thincell.studies.schema.deposit_chen import CHEN

if TYPE_CHECKING:
    from thincell.studies.growth.ground import Rim
    from thincell.studies.schema.case import Case

#: Interface thicknesses between the rim and the next electrode at least, and the share that is metal at most.
FREE, FULL = 20, 0.5


def check_from_above(case: Case) -> None:
    """A fault for what the plan view cannot show of a deposit, or for metal that does not fit."""
    from thincell.studies.growth.ground import Rim

    table, cell = case.deposit, case.cell
    assert table is not None
    assert isinstance(cell, ChipCell)
    _check_offered(table)
    try:
        plan = cell.plan((Tag.WORKING,))
    except ValueError as error:
        raise fault("geometry", "{text}", {"text": str(error)}, at="cell.working") from None
    rim = Rim(plan, cell.heights)
    _check_lengths(table, rim)
    _check_seeds(table, rim)
    _check_sites(table, rim)


def _check_offered(table: DepositTable) -> None:
    bad = {
        "model": (table.model == CHEN, "'chen-2015' is for sections"),
        "waves": (bool(table.waves), "waves run along the floor of a section"),
        "grains": (table.grains is not None, "grains are columns above the floor of a section"),
    }
    for key, (there, why) in bad.items():
        if there:
            raise fault(
                "deposit",
                "{why}; leave it out, or use cell.view = 'section'",
                {"why": why},
                at=f"deposit.{key}",
            )


def _check_lengths(table: DepositTable, rim: Rim) -> None:
    if table.interface * FREE > rim.room * (1 + 1e-9):
        raise fault(
            "deposit",
            "{delta:.4g} m is more than a twentieth of the {room:.4g} m between the working and the next"
            " electrode; use at most {most:.4g} m",
            {"delta": table.interface, "room": rim.room, "most": rim.room / FREE},
            at="deposit.interface",
        )
    most = min(FULL * rim.room, rim.room - WIDTH * table.interface)
    if table.film > most * (1 + 1e-9):
        raise fault(
            "deposit",
            "{film:.4g} m is more than half of the {room:.4g} m between the working and the next"
            " electrode; use at most {most:.4g} m",
            {"film": table.film, "room": rim.room, "most": most},
            at="deposit.film",
        )
    if rim.length < 2 * LEAST * table.interface:
        raise fault(
            "deposit",
            "the working electrode's rim is {length:.4g} m long, less than six interface thicknesses"
            " ({least:.4g} m): nothing would be seen on it; use a smaller interface",
            {"length": rim.length, "least": 2 * LEAST * table.interface},
            at="deposit.interface",
        )


def _check_seeds(table: DepositTable, rim: Rim) -> None:
    import shapely

    others = shapely.union_all([area.polygon for area in rim.plan.electrodes])
    for number, seed in enumerate(table.seeds):
        at = f"deposit.seeds.{number}"
        if seed.z != 0:
            raise fault(
                "deposit",
                "from above a seed fills the height of the liquid and has no z; give y in its place",
                {},
                at=f"{at}.z",
            )
        disc = shapely.Point(rim.centre(seed)).buffer(seed.radius)
        if disc.intersection(rim.liquid).area < LEAST * table.interface * seed.radius:
            raise fault(
                "deposit",
                "the seed at x = {x:.4g} m, y = {y:.4g} m lies outside of the liquid or within the"
                " electrode; put its centre onto the electrode's rim",
                {"x": seed.x, "y": seed.y},
                at=at,
            )
        distance = disc.distance(others)
        if distance < WIDTH * table.interface:
            raise fault(
                "deposit",
                "the seed at x = {x:.4g} m, y = {y:.4g} m is {d:.4g} m away from the next electrode; leave"
                " six interface thicknesses, {least:.4g} m, between them",
                {"x": seed.x, "y": seed.y, "d": distance, "least": WIDTH * table.interface},
                at=at,
            )


def _check_sites(table: DepositTable, rim: Rim) -> None:
    """At least one site of nucleation falls on the rim, and a nucleus fits."""
    if table.nucleation is None:
        return
    from thincell.studies.growth.nucleation import Nucleation

    if table.nucleus_radius > FULL * rim.room:
        raise fault(
            "deposit",
            "{r:.4g} m is more than half of the {room:.4g} m between the working and the next electrode;"
            " use a smaller radius or interface",
            {"r": table.nucleus_radius, "room": rim.room},
            at="deposit.nucleation.radius",
        )
    if not len(Nucleation.on(rim.ends, table.nucleation, table.seed).places):
        raise fault(
            "deposit",
            "no site falls on the rim, which is {length:.4g} m long and has one per {spacing:.4g} m on"
            " average; use a smaller spacing or another deposit.seed",
            {"length": rim.length, "spacing": table.nucleation.spacing},
            at="deposit.nucleation.spacing",
        )
