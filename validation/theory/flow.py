r"""Flow through the layer: plane Poiseuille, Hele-Shaw, limiting currents of a band, orders.

The band is the working electrode, upstream; its reactant is supported, and the counter electrode makes none.
Lengths in heights, h = 1 um, D = 1e-9 m2/s. With a margin of 60 heights before the band at U h/D = 0.1,
diffusion through the margin adds exp(-6) = 0.25 % to consumption.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mpi4py import MPI

from thincell.studies import manufactured_flow
from thincell.studies.case import Case
from thincell.studies.flow import steady
from thincell.studies.flow.channel import cubes, supply
from thincell.studies.manufactured import rate
from thincell.studies.stage import Stage
from thincell.studies.steady import Steady
from thincell.validation.rows import Row
from thincell.validation.theory.cases import electrolyte, plating

#: Flow per width of the flow benchmarks, in D0.
FLOW = 2.0

#: Potentials [V] on the way to the limiting current.
POTENTIALS = (-0.1, -0.3, -0.6, -1.0)


def rows() -> Iterator[Row]:
    """All benchmarks."""
    yield from _poiseuille()
    yield from _hele_shaw()
    yield from _limits()
    for order, cells in ((1, (8, 16, 32)), (2, (8, 16, 32))):
        for aspect in (1, 8):
            errors = [manufactured_flow.error((n, n * aspect), order, 1e6) for n in cells]
            yield Row(
                f"manufactured, Pe = 1e6, P{order}, cells {aspect} : 1", "L2 of concentration", errors[-1],
                0.0, errors[0], True, rate([1 / n for n in cells], errors), order + 0.5,
            )  # fmt: skip


def chip(view: str = "section", **cell: Any) -> Case:
    """Bars from side to side, 46 heights of layer."""
    sides = {"margin_sides": "0 um"} if view == "plan" else {}
    return Case.parse(
        {
            "cell": {
                "type": "chip", "view": view, "height": "500 nm", "gap": "5 um", "margin": "4 um",
                "length": "1 um", "ends": "reservoir", "working": {"width": "5 um", "thickness": "0 nm"},
                "counter": {"width": "5 um", "thickness": "0 nm"}, **sides, **cell,
            },
            "electrolyte": {"name": "LiPF6-EC-DMC"},
            "reactions": {"lithium": {"name": "Li/Li+"}},
            "flow": {"rate": "1e-4 uL/min"},
            "protocol": [{"plate": "10 mA/cm^2", "for": "5 s"}],
            "output": {"figures": False, "fields": False},
        }
    )  # fmt: skip


def _poiseuille() -> Iterator[Row]:
    case = chip()
    found = steady.slit(Stage(case, MPI.COMM_WORLD), FLOW)
    yield Row("plane Poiseuille, section", "L2 error of u / mean", found.error, 0.0, 1e-10, True)
    wanted = 12 * FLOW * 46
    yield Row("plane Poiseuille, section", "pressure drop, 12 q l/h^3", found.drop, wanted, 1e-10)


def _hele_shaw() -> Iterator[Row]:
    window = {"width": "14 um", "centre": "2.5 um"}
    for name, bulge, tolerance in (("plane", None, 1e-10), ("h(x) of windows", window, 1e-3)):
        case = chip("plan", bulge=bulge)
        found = steady.slit(Stage(case, MPI.COMM_WORLD), FLOW)
        wanted = 12 * FLOW * cubes(case.cell) * case.cell.height**2  # type: ignore[arg-type,union-attr]
        yield Row(f"Hele-Shaw, {name}", "rms of h u - q over q", found.error, 0.0, tolerance, True)
        yield Row(f"Hele-Shaw, {name}", "pressure drop, int 12 q/h^3", found.drop, wanted, tolerance)


def band(peclet: float, width: float, gap: float, margin: float, supported: bool = True) -> Case:
    """A working electrode in a stream of U h/D = ``peclet``; lengths in heights."""
    data: dict[str, Any] = {
        "cell": {
            "type": "chip", "height": "1 um", "gap": f"{gap} um", "margin": f"{margin} um",
            "margin_counter": f"{max(3, 2 / peclet)} um", "length": "10 um", "ends": "reservoir",
            "working": {"width": f"{width} um", "thickness": "0 nm"},
            "counter": {"width": "3 um", "thickness": "0 nm"},
        },
        "electrolyte": electrolyte(diffusivity="1e-9 m^2/s"),
        "reactions": {"plating": plating(1e3, kinetics={"concentration_exponent": 0.5})},
        "flow": {"rate": f"{peclet * 1e-14!r} m^3/s"},
        "protocol": [{"hold": "-1 V", "for": "1 s"}],
        "mesh": {"edge": 0.005, "growth": 1.4},
        "output": {"figures": False, "fields": False},
    }  # fmt: skip
    if supported:
        data["electrolyte"] = {
            "name": "RuNH3-KCl-aq", "concentration": "10 mol/m^3", "conductivity": "1000 S/m",
            "concentration_range": ["0 mol/L", "1 mol/L"], "diffusivity": "1e-9 m^2/s",
        }  # fmt: skip
        couple = {"name": "RuNH3", "electrodes": ["working"]}
        data["reactions"] = {"couple": couple, "ideal": {"name": "ideal-counter"}}
    return Case.parse(data)


def limiting(case: Case) -> float:
    """Steady limiting current density [A.m-2]."""
    held = Steady(case)
    return -[held.at_potential(potential).current_density for potential in POTENTIALS][-1]


def _limits() -> Iterator[Row]:
    case = band(2e4, 2, 3, 3)
    where = "band in a stream, U h^2/(D l) = 1e4"
    yield Row(where, "Leveque's current [A/m2]", limiting(case), supply(case).leveque, 0.02)
    case = band(0.1, 20, 10, 60)
    where = "band in a stream, U h^2/(D l) = 0.005"
    yield Row(where, "consumption [A/m2]", limiting(case), supply(case).consumption, 0.02)
