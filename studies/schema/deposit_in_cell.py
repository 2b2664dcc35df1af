"""What a deposit needs of the rest of its case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thincell.geometry.section import Electrode, Section
from thincell.geometry.tags import Tag
from thincell.studies.schema.base import fault
from thincell.studies.schema.cell import CoinCell, MeshCell
from thincell.studies.schema.deposit import LEAST, WIDTH, DepositTable
from thincell.studies.schema.deposit_chen import CHEN, check_chen
from thincell.studies.schema.deposit_from_above import check_from_above
from thincell.studies.schema.deposit_in_box import check_in_box
from thincell.studies.schema.deposit_parts import SeedTable

if TYPE_CHECKING:
    from thincell.studies.schema.case import Case

#: Interface thicknesses that fit into the height of the liquid at least.
FLAT = 20

#: Share of the height above the electrode that is metal at the start at most.
FULL = 0.5

#: Share of a length by which it may be too short.
ROUNDING = 1e-9


def with_its_defaults(data: Any) -> Any:
    """The data of a case with a deposit, with linear elements, and in space with a mesh that stays."""
    if not isinstance(data, dict) or data.get("deposit") is None:
        return data
    mesh, cell, deposit = data.get("mesh", {}), data.get("cell"), data["deposit"]
    if isinstance(mesh, dict):
        data = data | {"mesh": {"order": 1, **mesh}}
    if isinstance(cell, dict) and isinstance(deposit, dict) and cell.get("view") == "solid":
        data = data | {"deposit": {"adaptive": False, **deposit}}
    return data


def check_deposit(case: Case) -> None:
    """A fault for what a deposit cannot do, or cannot be part of."""
    assert case.deposit is not None
    _check_model(case)
    _check_tables(case)
    if case.deposit.model == CHEN:
        check_chen(case)
    if isinstance(case.cell, MeshCell):
        raise fault(
            "deposit",
            "a deposit cannot grow in a mesh of one's own, which would have to follow it; use a cell of"
            " type 'chip' or 'coin'",
            {},
            at="cell.type",
        )
    if isinstance(case.cell, CoinCell) and case.cell.patch is None:
        raise fault(
            "deposit",
            "a deposit on a whole disc cannot be resolved; set cell.patch to the width of a strip of"
            " the cell, such as '10 um'",
            {},
            at="cell.patch",
        )
    if case.cell.view == "plan":
        check_from_above(case)
    elif case.cell.view == "solid":
        check_in_box(case)
    else:
        section = case.cell.section()
        _check_lengths(case.deposit, section)
        _check_seeds(case.deposit, section)
        _check_nucleation(case.deposit, section)
    _check_beginning(case)


def _check_model(case: Case) -> None:
    if case.electrolyte.model != "electroneutral":
        raise fault(
            "deposit",
            "a deposit needs electrolyte.model = 'electroneutral'; this case has {model!r}",
            {"model": case.electrolyte.model},
            at="electrolyte.model",
        )
    if not any(
        r.type == "plating" and r.metal and "working" in r.electrodes for r in case.reactions.values()
    ):
        raise fault(
            "deposit",
            "no reaction plates a metal of known volume on the working electrode; give a reaction of"
            " type = 'plating' its metal, such as metal = 'Li'",
            {},
        )


def _check_tables(case: Case) -> None:
    """Tables and keys that a deposit has no use for."""
    bad: list[tuple[str, bool, str]] = [
        (
            "deposit.chen",
            case.deposit is not None and case.deposit.model != CHEN and case.deposit.chen is not None,
            "these are the constants of deposit.model = 'chen-2015'; set that, or leave the table out",
        ),
        (
            "double_layer",
            case.double_layer is not None,
            "the closure is for electrodes that stay in place; leave [double_layer] or [deposit] out",
        ),
        (
            "impedance",
            case.impedance is not None,
            "the impedance of a growing deposit is not known; leave [impedance] or [deposit] out",
        ),
        (
            "compare.models",
            bool(case.compare.models),
            "a deposit grows in one of these models only; leave compare.models or [deposit] out",
        ),
        (
            "mesh.order",
            case.mesh.order != 1,
            f"{case.mesh.order} is not possible with a deposit, whose elements are linear; leave it out",
        ),
        (
            "solver.linear",
            case.solver.linear == "collapse",
            "'collapse' is for meshes of columns, and that of a deposit has none; use 'auto', 'direct' or"
            " 'split'",
        ),
    ]
    for key, is_bad, text in bad:
        if is_bad:
            raise fault("deposit", "{text}", {"text": text}, at=key)


def _check_lengths(table: DepositTable, section: Section) -> None:
    electrode = section.electrode(Tag.WORKING)
    free = section.height - electrode.thickness
    if table.interface * FLAT > free * (1 + 1e-9):
        raise fault(
            "deposit",
            "{delta:.4g} m is more than a twentieth of the {free:.4g} m of liquid above the electrode;"
            " use at most {most:.4g} m",
            {"delta": table.interface, "free": free, "most": free / FLAT},
            at="deposit.interface",
        )
    if table.film > FULL * free * (1 + 1e-9):
        raise fault(
            "deposit",
            "{film:.4g} m is more than half of the {free:.4g} m of liquid above the electrode; use at"
            " most {most:.4g} m",
            {"film": table.film, "free": free, "most": FULL * free},
            at="deposit.film",
        )
    if electrode.width < 2 * LEAST * table.interface:
        raise fault(
            "deposit",
            "the working electrode is {width:.4g} m wide, less than six interface thicknesses ({least:.4g}"
            " m): nothing would be seen on it; use a smaller interface",
            {"width": electrode.width, "least": 2 * LEAST * table.interface},
            at="deposit.interface",
        )
    counter = section.electrode(Tag.COUNTER)
    gap = counter.start - electrode.end
    margin = WIDTH * table.interface
    if counter.wall == "floor" and table.film > 0 and table.film + margin > gap:
        raise fault(
            "deposit",
            "{film:.4g} m and the interface's {margin:.4g} m reach over the gap of {gap:.4g} m to the"
            " counter electrode; use a thinner film or a wider gap",
            {"film": table.film, "margin": margin, "gap": gap},
            at="deposit.film",
        )


def _check_seeds(table: DepositTable, section: Section) -> None:
    electrode, counter = section.electrode(Tag.WORKING), section.electrode(Tag.COUNTER)
    for number, seed in enumerate(table.seeds):
        if seed.y != 0:
            raise fault(
                "deposit",
                "a section has no y; give z, the height above the floor, or use cell.view = 'plan'",
                {},
                at=f"deposit.seeds.{number}.y",
            )
        inside = section.start <= seed.x <= section.end and 0 <= seed.z <= section.height
        if not inside:
            raise fault(
                "deposit",
                "the seed at x = {x:.4g} m, z = {z:.4g} m lies outside of the liquid ({a:.4g} m to"
                " {b:.4g} m, 0 to {h:.4g} m)",
                {"x": seed.x, "z": seed.z, "a": section.start, "b": section.end, "h": section.height},
                at=f"deposit.seeds.{number}.{'z' if section.start <= seed.x <= section.end else 'x'}",
            )
        over = electrode.start <= seed.x <= electrode.end
        least = electrode.thickness + LEAST * table.interface
        if over and seed.z + seed.radius < (1 - ROUNDING) * least:
            raise fault(
                "deposit",
                "the seed of radius {r:.4g} m at z = {z:.4g} m does not reach {least:.4g} m, three interface"
                " thicknesses above the electrode; raise z, or enlarge the radius",
                {"r": seed.radius, "z": seed.z, "least": least},
                at=f"deposit.seeds.{number}.z",
            )
        distance = _distance(seed, counter, section.height) - seed.radius
        if distance < WIDTH * table.interface:
            raise fault(
                "deposit",
                "the seed at x = {x:.4g} m, z = {z:.4g} m is {d:.4g} m away from the counter electrode;"
                " leave six interface thicknesses, {least:.4g} m, between them",
                {"x": seed.x, "z": seed.z, "d": distance, "least": WIDTH * table.interface},
                at=f"deposit.seeds.{number}",
            )


def _distance(seed: SeedTable, electrode: Electrode, height: float) -> float:
    """From the centre of a seed to an electrode [m]."""
    z = seed.z if electrode.wall == "floor" else height - seed.z
    beside = max(electrode.start - seed.x, seed.x - electrode.end, 0.0)
    return float((beside**2 + max(z - electrode.thickness, 0.0) ** 2) ** 0.5)


def _check_nucleation(table: DepositTable, section: Section) -> None:
    """A nucleus has to fit, and at least one site to fall on the electrode."""
    if table.nucleation is None:
        return
    from thincell.studies.growth.nucleation import Nucleation

    electrode = section.electrode(Tag.WORKING)
    radius, free = table.nucleus_radius, section.height - electrode.thickness
    if radius > FULL * free:
        raise fault(
            "deposit",
            "{r:.4g} m is more than half of the {free:.4g} m of liquid above the electrode; use a smaller"
            " radius or interface",
            {"r": radius, "free": free},
            at="deposit.nucleation.radius",
        )
    ends = electrode.start, electrode.end
    if not len(Nucleation.on(ends, table.nucleation, table.seed).places):
        raise fault(
            "deposit",
            "no site falls on the electrode, which is {width:.4g} m wide and has one per {spacing:.4g} m"
            " on average; use a smaller spacing or another deposit.seed",
            {"width": electrode.width, "spacing": table.nucleation.spacing},
            at="deposit.nucleation.spacing",
        )


def _check_beginning(case: Case) -> None:
    """A current needs metal, or another reaction, that can carry it."""
    from thincell.studies.growth.ground import ground_of

    table, ground = case.deposit, ground_of(case)
    assert table is not None
    touching = any(ground.distance(ground.centre(s)[None])[0] < s.radius for s in table.seeds)
    working = [r for r in case.reactions.values() if "working" in r.electrodes]
    others = [r for r in working if not (r.type == "plating" and r.metal)]
    if table.film > 0 or touching or others:
        return
    if table.nucleation is None:
        raise fault(
            "deposit",
            "none of the seeds touches the working electrode, so that no current can flow; put one onto"
            " it, or give a film or nucleation",
            {},
            at="deposit.seeds",
        )
    active = next((k for k, step in enumerate(case.protocol) if step.kind != "rest"), None)
    if active is not None and case.protocol[active].kind in ("plate", "strip"):
        kind = case.protocol[active].kind
        raise fault(
            "deposit",
            "the electrode is bare, so that no current can flow before the first nucleus has formed; begin"
            " with a step such as {{ hold = '-50 mV', for = '0.1 s' }}, or give a film or a seed",
            {},
            at=f"protocol.{active}.{kind}",
        )
