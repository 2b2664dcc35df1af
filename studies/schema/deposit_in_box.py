"""What a deposit in space needs of its case: a flush electrode, and a box that a mesh can fill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thincell.studies.schema.base import fault
from thincell.studies.schema.cell import ChipCell
from thincell.studies.schema.deposit import LEAST, WIDTH, DepositTable
from thincell.studies.schema.deposit_chen import CHEN

if TYPE_CHECKING:
    from thincell.studies.growth.bed import Bed
    from thincell.studies.schema.case import Case

#: Interface thicknesses from floor to lid at least, and the share of the height that is metal at most.
FLAT, FULL = 10, 0.5


def check_in_box(case: Case) -> None:
    """A fault for what the solid view cannot show of a deposit, or for metal that does not fit."""
    from thincell.studies.growth.bed import Bed

    table, cell = case.deposit, case.cell
    assert table is not None
    assert isinstance(cell, ChipCell)
    _check_offered(table)
    _check_flush(cell)
    bed = Bed(cell)
    _check_lengths(table, bed)
    _check_seeds(table, bed)


def _check_offered(table: DepositTable) -> None:
    bad = {
        "model": (table.model == CHEN, "'chen-2015' is for sections"),
        "adaptive": (
            table.adaptive,
            "the mesh in space does not follow the front: it is fine up to `reach`",
        ),
        "waves": (bool(table.waves), "waves run along the floor of a section"),
        "grains": (table.grains is not None, "grains are columns above the floor of a section"),
        "nucleation": (table.nucleation is not None, "nuclei form in a section or from above"),
        "interphase": (
            table.interphase is not None,
            "a film on the metal is followed in two dimensions",
        ),
        "surface_anisotropy": (table.surface_anisotropy is not None, "anisotropy is that of a plane"),
        "kinetic_anisotropy": (table.kinetic_anisotropy is not None, "anisotropy is that of a plane"),
    }
    for key, (there, why) in bad.items():
        if there:
            raise fault(
                "deposit",
                "{why}; leave it out, or use cell.view = 'section'",
                {"why": why},
                at=f"deposit.{key}",
            )


def _check_flush(cell: ChipCell) -> None:
    for name, electrode in (("working", cell.working), ("counter", cell.counter)):
        if electrode.thickness > 0:
            raise fault(
                "deposit",
                "a deposit in space needs flush electrodes; this one is {t:.4g} m thick: use thickness ="
                " '0 nm', or cell.view = 'section'",
                {"t": electrode.thickness},
                at=f"cell.{name}.thickness",
            )


def _check_lengths(table: DepositTable, bed: Bed) -> None:
    if table.interface * FLAT > bed.room * (1 + 1e-9):
        raise fault(
            "deposit",
            "{delta:.4g} m is more than a tenth of the liquid's height, {height:.4g} m; use at most"
            " {most:.4g} m",
            {"delta": table.interface, "height": bed.room, "most": bed.room / FLAT},
            at="deposit.interface",
        )
    if table.film > FULL * bed.room * (1 + 1e-9):
        raise fault(
            "deposit",
            "{film:.4g} m is more than half of the liquid's height, {height:.4g} m; use at most {most:.4g} m",
            {"film": table.film, "height": bed.room, "most": FULL * bed.room},
            at="deposit.film",
        )
    x0, y0, x1, y1 = bed.metal.bounds
    if min(x1 - x0, y1 - y0) < 2 * LEAST * table.interface:
        raise fault(
            "deposit",
            "the working electrode measures {a:.4g} m by {b:.4g} m, less than six interface thicknesses"
            " ({least:.4g} m): nothing would be seen on it; use a smaller interface",
            {"a": x1 - x0, "b": y1 - y0, "least": 2 * LEAST * table.interface},
            at="deposit.interface",
        )
    gap = min(bed.metal.distance(other) for other in bed.others)
    if table.film > 0 and table.film + WIDTH * table.interface > gap:
        raise fault(
            "deposit",
            "{film:.4g} m and the interface's {margin:.4g} m reach over the gap of {gap:.4g} m to the next"
            " electrode; use a thinner film or a wider gap",
            {"film": table.film, "margin": WIDTH * table.interface, "gap": gap},
            at="deposit.film",
        )


def _check_seeds(table: DepositTable, bed: Bed) -> None:
    import shapely

    for number, seed in enumerate(table.seeds):
        at, place = f"deposit.seeds.{number}", shapely.Point(seed.x, seed.y)
        if not (bed.liquid.buffer(1e-12).contains(place) and 0 <= seed.z <= bed.room):
            raise fault(
                "deposit",
                "the seed at x = {x:.4g} m, y = {y:.4g} m, z = {z:.4g} m lies outside of the liquid",
                {"x": seed.x, "y": seed.y, "z": seed.z},
                at=at,
            )
        if bed.metal.contains(place) and seed.z + seed.radius < LEAST * table.interface * (1 - 1e-9):
            raise fault(
                "deposit",
                "the seed of radius {r:.4g} m at z = {z:.4g} m does not reach {least:.4g} m, three interface"
                " thicknesses above the electrode; raise z, or enlarge the radius",
                {"r": seed.radius, "z": seed.z, "least": LEAST * table.interface},
                at=f"{at}.z",
            )
        away = min((place.distance(o) ** 2 + seed.z**2) ** 0.5 for o in bed.others) - seed.radius
        if away < WIDTH * table.interface:
            raise fault(
                "deposit",
                "the seed at x = {x:.4g} m, y = {y:.4g} m, z = {z:.4g} m is {d:.4g} m away from the next"
                " electrode; leave six interface thicknesses, {least:.4g} m, between them",
                {"x": seed.x, "y": seed.y, "z": seed.z, "d": away, "least": WIDTH * table.interface},
                at=at,
            )
