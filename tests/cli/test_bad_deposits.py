"""Bad [deposit] tables and patches: exit code 2, one clear message each, nothing half-written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli.test_bad_inputs import MESH, assert_bad, name

CELLS = {
    "chip": 'type = "chip"\nheight = "500 nm"\nworking = { width = "4 um" }\ngap = "4 um"\n'
    'counter = { width = "4 um" }\nmargin = "2 um"',
    "coin": 'type = "coin"\nseparator_thickness = "8 um"\nporosity = 1.0\npatch = "2 um"',
    "mesh": 'type = "mesh"\nfile = "m.msh"\nunit = "1 um"\nheight = "1 um"\nlength = "1 um"\n'
    'names = { working = "w", counter = "c" }',
}

STEP = """
[cell]
{cell}
[electrolyte]
name = "LiPF6-EC-DMC"
[reactions.p]
name = "Li/Li+"
[[protocol]]
plate = "10 mA/cm^2"
for = "1 s"
"""

DEPOSIT = """
[deposit]
interface = "20 nm"
film = "80 nm"
"""

BARE = {"plain chip": "chip", "plain coin": "coin", "mesh": "mesh"}
"""Cells without a deposit at first."""

SEED = "{x='-2 um', radius='100 nm'}"
NUCLEI = "{spacing='200 nm', rate='10 1/s', barrier='20 mV'}"
NUCLEATION = f"deposit.nucleation={NUCLEI}"
SOLID = "cell.view=solid"
NO_FILM = 'deposit.film="0 nm"'
NO_CURRENT = "electrolyte.model=ohmic"
CHEN = "deposit.model='chen-2015'"
HOLD = "protocol=[{hold='-50 mV', for='1 s'}, {plate='1 mA/cm^2', for='1 s'}]"
REST = "protocol=[{rest=true, for='1 s'}, {plate='1 mA/cm^2', for='1 s'}]"

SETTINGS: list[tuple[str, str | list[str], list[str]]] = [
    # -- quantities
    ("chip", "deposit.interface=20", ["deposit.interface", "20", "no unit", "500 nm"]),
    ("chip", "deposit.interface='20'", ["deposit.interface", "'20'", "no unit"]),
    ("chip", "deposit.interface='20 s'", ["deposit.interface", "'20 s'", "dimension"]),
    ("chip", "deposit.interface='0 nm'", ["deposit.interface", "0 nm", "> 0 m"]),
    ("chip", "deposit.interface='-20 nm'", ["deposit.interface", "-20 nm", "> 0 m"]),
    ("chip", "deposit.interface='inf nm'", ["deposit.interface"]),
    ("chip", "deposit.film='-80 nm'", ["deposit.film", "-80 nm", ">= 0 m"]),
    ("chip", "deposit.film=80", ["deposit.film", "80", "no unit"]),
    ("chip", "deposit.film='80 nm^2'", ["deposit.film", "dimension"]),
    ("chip", "deposit.roughness='-1 nm'", ["deposit.roughness", "-1 nm", ">= 0 m"]),
    ("chip", "deposit.surface_energy='-1 J/m^2'", ["deposit.surface_energy", "-1 J/m^2", ">= 0"]),
    ("chip", "deposit.surface_energy='1 J'", ["deposit.surface_energy", "'1 J'", "dimension"]),
    ("chip", "deposit.surface_energy=0.5", ["deposit.surface_energy", "0.5", "no unit"]),
    ("chip", "deposit.grains='0 nm'", ["deposit.grains", "0 nm", "> 0 m"]),
    ("chip", "deposit.mobility=0", ["deposit.mobility", "0", "> 0"]),
    ("chip", "deposit.mobility=1000", ["deposit.mobility", "1000", "< 100"]),
    ("chip", "deposit.courant=0", ["deposit.courant", "0", "> 0"]),
    ("chip", "deposit.courant=5", ["deposit.courant", "5", "< 2"]),
    ("chip", "deposit.courant=nan", ["deposit.courant", "nan", "not finite"]),
    ("chip", "deposit.courant='0.2 s'", ["deposit.courant", "0.2 s"]),
    ("chip", "deposit.cells=0.1", ["deposit.cells", "0.1", ">= 0.5"]),
    ("chip", "deposit.cells=50", ["deposit.cells", "50", "< 20"]),
    ("chip", "deposit.cells=true", ["deposit.cells", "true"]),
    ("chip", "deposit.band=0.5", ["deposit.band", "0.5", ">= 2"]),
    ("chip", "deposit.band=1e6", ["deposit.band", "< 200"]),
    # -- whole tables, keys and choices
    ("chip", "deposit=5", ["deposit", "5", "not a table"]),
    ("chip", "deposit={}", ["deposit.interface", "missing"]),
    ("chip", "deposit.interfce='20 nm'", ["deposit.interfce", "unknown key", "'interface'"]),
    ("chip", "deposit.zz='20 nm'", ["deposit.zz", "known keys", "interface"]),
    ("chip", "deposit.model=chen", ["deposit.model", "'chen'", "'phase-field'"]),
    ("chip", "deposit.isolated=dead", ["deposit.isolated", "'dead'", "'floating'", "'inert'"]),
    ("chip", "deposit.guard=ignore", ["deposit.guard", "'ignore'", "'warn'", "'refuse'"]),
    ("chip", "deposit.adaptive='yes'", ["deposit.adaptive", "'yes'"]),
    ("chip", "deposit.seed=-1", ["deposit.seed", "-1"]),
    ("chip", "deposit.seed=1.5", ["deposit.seed", "1.5"]),
    ("chip", "deposit.seed='one'", ["deposit.seed", "'one'"]),
    ("chip", "deposit.waves=5", ["deposit.waves", "5", "not a list"]),
    ("chip", "deposit.waves={length='1 um', amplitude='5 nm'}", ["deposit.waves", "not a list"]),
    ("chip", "deposit.seeds=[5]", ["deposit.seeds.0", "5", "not a table"]),
    ("chip", "deposit.seeds=[{x='-2 um'}]", ["deposit.seeds.0.radius", "missing"]),
    ("chip", "deposit.seeds=[{radius='100 nm'}]", ["deposit.seeds.0.x", "missing"]),
    ("chip", "deposit.seeds=[{x='-2 um', radius='100 nm', y='1 nm'}]", ["seeds.0.y", "'plan'"]),
    ("chip", "deposit.seeds=[{x='-2 um', radius='100 nm', r='1 nm'}]", ["seeds.0.r", "unknown key"]),
    ("chip", "deposit.nucleation=true", ["deposit.nucleation", "true", "not a table"]),
    ("chip", "deposit.nucleation={spacing='1 um', rate='1/s'}", ["nucleation.barrier", "missing"]),
    ("chip", "deposit.noise={}", ["deposit.noise.strength", "missing"]),
    ("chip", "deposit.noise={strenght=1, strength=1}", ["noise.strenght", "'strength'"]),
    ("chip", "deposit.interphase={resistanc='1 ohm*m^2', growth='1 ohm*m^4/C'}",
     ["deposit.interphase.resistanc", "'resistance'"]),
    # -- lengths that do not fit each other
    ("chip", "deposit.film='50 nm'", ["deposit.film", "5e-08 m", "6e-08 m", "smaller interface"]),
    ("chip", "deposit.interface='27 nm'", ["deposit.film", "three interface thicknesses"]),
    ("chip", ["deposit.interface='26 nm'", "deposit.film='100 nm'"],
     ["deposit.interface", "twentieth", "at most 2.5e-08 m"]),
    ("chip", ["cell.working.thickness='200 nm'", "deposit.film='100 nm'"],
     ["deposit.interface", "2e-08 m", "3e-07 m of liquid above", "at most 1.5e-08 m"]),
    ("chip", "deposit.film='300 nm'", ["deposit.film", "3e-07 m", "half", "at most 2.5e-07 m"]),
    ("chip", "cell.gap='150 nm'", ["deposit.film", "gap", "wider gap"]),
    ("chip", "cell.working.width='100 nm'", ["deposit.interface", "1e-07 m wide", "1.2e-07 m"]),
    ("chip", "deposit.interface='0.01 nm'", ["deposit.interface", "0.01 nm", "1e+06", "thicker"]),
    ("coin", "deposit.film='5 um'", ["deposit.film", "half", "8e-06 m"]),
    ("coin", "deposit.interface='0.5 um'", ["deposit.film", "1.5e-06 m"]),
    # -- what there is at the start
    ("chip", NO_FILM, ["deposit.film", "no metal", "6e-08 m", "seeds", "nucleation"]),
    ("chip", "deposit.seeds=[{x='-2 um', radius='50 nm'}]",
     ["deposit.seeds.0.radius", "5e-08 m", "6e-08 m", "smaller interface"]),
    ("chip", f"deposit.seeds=[{SEED}, {{x='-1 um', radius='1 nm'}}]", ["deposit.seeds.1.radius"]),
    ("chip", "deposit.seeds=[{x='-2', radius='100 nm'}]", ["deposit.seeds.0.x", "'-2'", "no unit"]),
    ("chip", "deposit.seeds=[{x='-2 um', radius='-1 nm'}]", ["deposit.seeds.0.radius", "> 0 m"]),
    ("chip", "deposit.seeds=[{x='-8 um', radius='100 nm'}]",
     ["deposit.seeds.0.x", "outside of the liquid", "-6e-06 m to 1e-05 m"]),
    ("chip", "deposit.seeds=[{x='-2 um', z='600 nm', radius='100 nm'}]",
     ["deposit.seeds.0.z", "outside of the liquid", "0 to 5e-07 m"]),
    ("chip", "deposit.seeds=[{x='-2 um', z='-1 nm', radius='100 nm'}]", ["deposit.seeds.0.z"]),
    ("chip", "deposit.seeds=[{x='5 um', radius='100 nm'}]",
     ["deposit.seeds.0", "counter electrode", "1.2e-07 m"]),
    ("chip", "deposit.seeds=[{x='3.9 um', radius='100 nm'}]", ["deposit.seeds.0", "counter"]),
    ("coin", ["deposit.interface='0.2 um'", "deposit.film='1 um'",
              "deposit.seeds=[{x='-1 um', z='7 um', radius='0.7 um'}]"], ["seeds.0", "counter"]),
    ("chip", ["cell.working.thickness='100 nm'", "deposit.film='60 nm'", "deposit.interface='10 nm'",
              "deposit.seeds=[{x='-2 um', z='50 nm', radius='60 nm'}]"],
     ["deposit.seeds.0.z", "three interface", "enlarge the radius"]),
    ("chip", [NO_FILM, "deposit.seeds=[{x='-2 um', z='300 nm', radius='100 nm'}]"],
     ["deposit.seeds", "touches", "no current can flow"]),
    ("chip", "deposit.roughness='45 nm'", ["deposit.roughness", "4.5e-08 m", "holes", "half"]),
    ("chip", "deposit.waves=[{length='1 um', amplitude='50 nm'}]",
     ["deposit.waves", "5e-08 m", "holes", "8e-08 m"]),
    ("chip", ["deposit.roughness='25 nm'", "deposit.waves=[{length='1 um', amplitude='25 nm'}]"],
     ["deposit.roughness", "together 5e-08 m"]),
    ("chip", "deposit.waves=[{length='100 nm', amplitude='5 nm'}]",
     ["deposit.waves.0.length", "1e-07 m", "2 pi", "1.257e-07 m"]),
    ("chip", "deposit.waves=[{length='1 um', amplitude='0 nm'}]", ["waves.0.amplitude", "> 0 m"]),
    ("chip", [NO_FILM, f"deposit.seeds=[{SEED}]", "deposit.roughness='5 nm'"],
     ["deposit.roughness", "film"]),
    ("chip", [NO_FILM, f"deposit.seeds=[{SEED}]", "deposit.waves=[{length='1 um', amplitude='5 nm'}]"],
     ["deposit.waves", "film"]),
    # -- nuclei
    ("chip", [NUCLEATION, "deposit.nucleation.radius='50 nm'"],
     ["deposit.nucleation.radius", "5e-08 m", "6e-08 m"]),
    ("chip", [NUCLEATION, "deposit.nucleation.radius='300 nm'"],
     ["deposit.nucleation.radius", "half", "5e-07 m"]),
    ("chip", [NUCLEATION, "deposit.nucleation.spacing='1 nm'"],
     ["deposit.nucleation.spacing", "1e-09 m", "larger spacing"]),
    ("chip", [NUCLEATION, "deposit.nucleation.spacing='1 mm'"],
     ["deposit.nucleation.spacing", "no site", "4e-06 m wide", "smaller spacing"]),
    ("chip", [NUCLEATION, "deposit.nucleation.rate='0 1/s'"], ["deposit.nucleation.rate", "> 0"]),
    ("chip", [NUCLEATION, "deposit.nucleation.rate='1 s'"], ["deposit.nucleation.rate", "'1 s'"]),
    ("chip", [NUCLEATION, "deposit.nucleation.barrier='-20 mV'"], ["nucleation.barrier", ">= 0 V"]),
    ("chip", [NUCLEATION, "deposit.nucleation.barrier=0.02"], ["nucleation.barrier", "no unit"]),
    ("chip", [NO_FILM, NUCLEATION], ["protocol.0.plate", "bare", "hold = '-50 mV'"]),
    ("chip", [NO_FILM, NUCLEATION, REST], ["protocol.1.plate", "bare", "seed"]),
    ("chip", [NO_FILM, NUCLEATION, "protocol=[{strip='1 mA/cm^2', for='1 s'}]"], ["protocol.0.strip"]),
    # -- orientations, noise, a film on the metal
    ("chip", "deposit.surface_anisotropy={kind='5-fold', strength=0.01}",
     ["deposit.surface_anisotropy.kind", "'5-fold'", "'4-fold'", "'6-fold'"]),
    ("chip", "deposit.kinetic_anisotropy={kind='4-fold', strength=1}",
     ["deposit.kinetic_anisotropy.strength", "1", "below 1"]),
    ("chip", "deposit.kinetic_anisotropy={kind='4-fold', strength=-1.5}", ["-1.5", "positive"]),
    ("chip", "deposit.kinetic_anisotropy={kind='4-fold', strength=0.1, angle=30}",
     ["deposit.kinetic_anisotropy.angle", "30", "no unit"]),
    ("chip", "deposit.surface_anisotropy={kind='4-fold', strength=0.1}",
     ["deposit.surface_anisotropy.strength", "0.1", "stiffness", "0.06667"]),
    ("chip", "deposit.surface_anisotropy={kind='6-fold', strength=0.03}", ["strength", "0.02857"]),
    ("chip", "deposit.surface_anisotropy={kind='hexagonal', strength=-0.4}", ["strength", "0.3333"]),
    ("chip", "deposit.grains='1 um'", ["deposit.grains", "anisotropy"]),
    ("chip", ["deposit.kinetic_anisotropy={kind='4-fold', strength=0.1}", "deposit.grains='10 nm'"],
     ["deposit.grains", "1e-08 m", "6e-08 m"]),
    ("chip", "deposit.noise={strength=4}", ["deposit.noise.strength", "4", "< 3"]),
    ("chip", "deposit.noise={strength=0}", ["deposit.noise.strength", "0", "> 0"]),
    ("chip", "deposit.noise={strength=0.3, length='5 nm'}",
     ["deposit.noise.length", "5e-09 m", "4e-08 m", "leave it out"]),
    ("chip", "deposit.noise={strength=0.3, time='0 s'}", ["deposit.noise.time", "> 0 s"]),
    ("chip", "deposit.interphase={}", ["deposit.interphase.resistance", "does nothing"]),
    ("chip", "deposit.interphase={resistance='1 ohm'}", ["deposit.interphase.resistance", "'1 ohm'"]),
    ("chip", "deposit.interphase={resistance='2 ohm*m^2'}",
     ["deposit.interphase.resistance", "2 ohm m^2", "largest = 1 ohm m^2"]),
    ("chip", "deposit.interphase={resistance='1 mohm*m^2', cracks_above='1 nm/s'}",
     ["deposit.interphase.cracks_above", "growth"]),
    ("chip", "deposit.interphase={growth='1e-6 ohm*m^4/C', cracks_above='0 m/s'}", ["cracks_above"]),
    # -- in space
    ("chip", [SOLID, "deposit.adaptive=true"], ["deposit.adaptive", "reach", "'section'"]),
    ("chip", [SOLID, NUCLEATION], ["deposit.nucleation", "leave it out", "'section'"]),
    ("chip", [SOLID, "deposit.waves=[{length='1 um', amplitude='5 nm'}]"], ["deposit.waves"]),
    ("chip", [SOLID, CHEN], ["deposit.model", "chen-2015", "'section'"]),
    ("chip", [SOLID, "deposit.kinetic_anisotropy={kind='4-fold', strength=0.1}"],
     ["deposit.kinetic_anisotropy", "plane"]),
    ("chip", [SOLID, "deposit.interphase={resistance='1 mohm*m^2'}"], ["deposit.interphase"]),
    ("chip", [SOLID, "cell.working.thickness='50 nm'"], ["cell.working.thickness", "flush", "'0 nm'"]),
    ("chip", [SOLID, "deposit.interface='60 nm'", "deposit.film='200 nm'"],
     ["deposit.interface", "tenth", "at most 5e-08 m"]),
    ("chip", [SOLID, "deposit.film='300 nm'"], ["deposit.film", "half", "at most 2.5e-07 m"]),
    ("chip", [SOLID, "cell.gap='150 nm'"], ["deposit.film", "gap", "wider gap"]),
    ("chip", [SOLID, "cell.length='100 nm'"], ["deposit.interface", "1e-07 m", "1.2e-07 m"]),
    ("chip", [SOLID, "deposit.seeds=[{x='-8 um', radius='100 nm'}]"],
     ["deposit.seeds.0", "outside of the liquid"]),
    ("chip", [SOLID, "deposit.seeds=[{x='-2 um', y='90 um', radius='100 nm'}]"],
     ["deposit.seeds.0", "y = 9e-05 m", "outside of the liquid"]),
    ("chip", [SOLID, "deposit.seeds=[{x='3.9 um', radius='100 nm'}]"],
     ["deposit.seeds.0", "next electrode", "1.2e-07 m"]),
    ("chip", [SOLID, NO_FILM, "deposit.seeds=[{x='-2 um', z='300 nm', radius='100 nm'}]"],
     ["deposit.seeds", "touches", "no current can flow"]),
    ("chip", [SOLID, "deposit.reach='150 nm'"], ["deposit.reach", "at least 2e-07 m"]),
    ("chip", [SOLID, "deposit.interface='1 nm'"], ["deposit.interface", "1 nm", "1e+06", "thicker"]),
    # -- meshes
    ("chip", "deposit.reach='200 nm'", ["deposit.reach", "adaptive = false"]),
    ("chip", ["deposit.adaptive=false", "deposit.reach='150 nm'"],
     ["deposit.reach", "1.5e-07 m", "at least 2e-07 m"]),
    ("chip", "mesh.order=2", ["mesh.order", "2", "linear", "leave it out"]),
    ("chip", "mesh.order=3", ["mesh.order", "3", "linear"]),
    # -- the rest of the case
    ("chip", NO_CURRENT, ["electrolyte.model", "'electroneutral'", "'ohmic'"]),
    ("chip", "electrolyte.model=nernst-planck-poisson", ["electrolyte.model", "nernst-planck-poisson"]),
    ("chip", "double_layer={}", ["double_layer", "leave [double_layer] or [deposit] out"]),
    ("chip", "impedance={from='1 Hz', to='1 kHz'}", ["impedance", "leave [impedance] or [deposit] out"]),
    ("chip", "compare.models=['electroneutral', 'nernst-planck-poisson']", ["compare.models", "deposit"]),
    ("chip", "solver.linear=collapse", ["solver.linear", "'collapse'", "'split'"]),
    ("chip", ["reactions.p.metal=Xx"], ["reactions.p.metal", "Xx"]),
    ("chip", "compare.vary={'deposit.interface'=['20 nm', '200 nm']}",
     ["compare.vary", "deposit", "interface"]),
    ("mesh", "deposit={interface='20 nm', film='80 nm'}", ["cell.type", "'chip'", "'coin'"]),
    # -- what Chen et al. 2015 do not define
    ("chip", [CHEN, NUCLEATION], ["deposit.nucleation", "'chen-2015'", "leave it out"]),
    ("chip", [CHEN, "deposit.interphase={resistance='1 mohm*m^2'}"], ["interphase", "'chen-2015'"]),
    ("chip", [CHEN, "deposit.noise={strength=0.3}"], ["deposit.noise", "'chen-2015'", "leave it out"]),
    ("chip", [CHEN, "deposit.kinetic_anisotropy={kind='4-fold', strength=0.1}"],
     ["deposit.kinetic_anisotropy", "'chen-2015'"]),
    ("chip", [CHEN, "deposit.surface_anisotropy={kind='4-fold', strength=0.05}"],
     ["deposit.surface_anisotropy", "'chen-2015'"]),
    ("chip", [CHEN, "deposit.isolated=inert"], ["deposit.isolated", "'chen-2015'"]),
    ("chip", [CHEN, "deposit.mobility=3"], ["deposit.mobility", "'chen-2015'", "chen.mobility"]),
    ("chip", [CHEN, "deposit.guard=refuse"], ["deposit.guard", "'chen-2015'"]),
    ("chip", [CHEN, NO_FILM, f"deposit.seeds=[{SEED}]"], ["deposit.film", "bare", "three"]),
    ("chip", [CHEN, "deposit.surface_energy='0 J/m^2'"], ["deposit.surface_energy", "0 J/m^2"]),
    ("chip", [CHEN, "electrolyte.kind=supported"], ["electrolyte", "binary salt"]),
    ("coin", [CHEN, "cell.porosity=0.4"], ["cell.porosity", "0.4", "use 1"]),
    ("chip", [CHEN, "reactions.q={name='Li/Li+'}"], ["reactions.p", "one plating reaction"]),
    ("chip", [CHEN, "reactions.p.kinetics.cathodic_transfer_coefficient=0.7"],
     ["reactions.p.kinetics", "add up", "electrons"]),
    ("chip", "deposit.chen={}", ["deposit.chen", "'chen-2015'", "leave the table out"]),
    ("chip", [CHEN, "deposit.chen={mobility='0 m^3/(J*s)'}"], ["deposit.chen.mobility", "> 0"]),
    ("chip", [CHEN, "deposit.chen={mobility='1 m/s'}"], ["deposit.chen.mobility", "dimension"]),
    ("chip", [CHEN, "deposit.chen={metal_conductivity=1e7}"], ["chen.metal_conductivity", "no unit"]),
    ("chip", [CHEN, "deposit.chen={barrier='1 J/m^3'}"], ["deposit.chen.barrier", "unknown key"]),
    # -- strips of a coin cell
    ("plain chip", "cell.patch='2 um'", ["cell.patch", "unknown key"]),
    ("plain coin", "cell.patch=2", ["cell.patch", "2", "no unit"]),
    ("plain coin", "cell.patch='0 um'", ["cell.patch", "0 um", "> 0 m"]),
    ("plain coin", "cell.patch='-2 um'", ["cell.patch", "-2 um", "> 0 m"]),
    ("plain coin", "cell.patch='2 s'", ["cell.patch", "'2 s'", "dimension"]),
    ("plain coin", "cell.patch='2 nm'", ["cell.patch", "2e-09 m", "0.01", "units"]),
    ("plain coin", "cell.patch='13 mm'", ["cell.patch", "0.013 m", "disc", "0.012 m"]),
]  # fmt: skip

#: The same things as they should be.
GOOD: list[tuple[str, str | list[str]]] = [
    ("chip", "deposit.seed=7"),
    ("chip", "deposit.interface='25 nm'"),
    ("chip", [NO_FILM, f"deposit.seeds=[{SEED}]"]),
    ("chip", [NO_FILM, NUCLEATION, HOLD]),
    ("chip", "deposit.seeds=[{x='-2 um', z='300 nm', radius='100 nm'}]"),
    ("chip", "deposit.waves=[{length='126 nm', amplitude='40 nm'}]"),
    ("chip", ["deposit.adaptive=false", "deposit.reach='200 nm'"]),
    ("chip", "deposit.surface_anisotropy={kind='4-fold', strength=0.05, angle='30 degree'}"),
    ("chip", "deposit.noise={strength=0.3, length='200 nm', time='1 s'}"),
    ("chip", "deposit.interphase={resistance='1 mohm*m^2', growth='1e-6 ohm*m^4/C'}"),
    ("chip", "mesh.order=1"),
    ("chip", "cell.ends=reservoir"),
    ("chip", "solver.linear=split"),
    ("coin", "deposit.guard='refuse'"),
    ("chip", [CHEN, "deposit.chen={mobility='1e-5 m^3/(J*s)', conductivity='1.19 S/m'}"]),
    ("coin", CHEN),
    ("plain coin", "mesh.order=3"),
]


@pytest.fixture
def case(tmp_path: Path) -> Callable[[str], Path]:
    """Writes the case that a row of the table changes."""

    def write(base: str) -> Path:
        (tmp_path / "m.msh").write_text(MESH)
        path = tmp_path / "case.toml"
        text = STEP.format(cell=CELLS[BARE.get(base, base)])
        path.write_text(text + ("" if base in BARE else DEPOSIT))
        return path

    return write


def settings(changes: str | list[str]) -> list[str]:
    listed = [changes] if isinstance(changes, str) else changes
    return [part for text in listed for part in ("--set", text)]


@pytest.mark.parametrize(("base", "changes", "fragments"), SETTINGS, ids=[name(i[1]) for i in SETTINGS])
def test_bad_deposit(
    thincell: Callable[..., Any],
    case: Callable[[str], Path],
    base: str,
    changes: str | list[str],
    fragments: list[str],
) -> None:
    path = case(base)
    before = sorted(path.parent.rglob("*"))
    assert_bad(thincell("check", path, *settings(changes)), fragments)
    assert sorted(path.parent.rglob("*")) == before


@pytest.mark.parametrize(("base", "changes"), GOOD, ids=[name(i[1]) for i in GOOD])
def test_good_deposit(
    thincell: Callable[..., Any], case: Callable[[str], Path], base: str, changes: str | list[str]
) -> None:
    answer = thincell("check", case(base), *settings(changes))
    assert answer.code == 0, answer.err


def test_coin_without_a_patch(thincell: Callable[..., Any], case: Callable[[str], Path]) -> None:
    path = case("coin")
    path.write_text(path.read_text().replace('patch = "2 um"', ""))
    assert_bad(thincell("check", path), ["cell.patch", "whole disc", "'10 um'"])


def test_several_mistakes_have_a_line_each(
    thincell: Callable[..., Any], case: Callable[[str], Path]
) -> None:
    changes = ["deposit.film=1", "deposit.courant=9", "deposit.noise={strength=7}"]
    answer = thincell("check", case("chip"), *settings(changes))
    assert_bad(answer, ["deposit.film", "deposit.courant", "deposit.noise.strength"], lines=3)


def test_guard_refuses_a_run(thincell: Callable[..., Any], case: Callable[[str], Path]) -> None:
    path = case("coin")
    out = path.parent / "out"
    changes = ["deposit.guard=refuse", "deposit.interface='200 nm'", "deposit.film='1 um'"]
    answer = thincell("run", path, "--out", out, *settings([*changes, "protocol.0.plate='90 mA/cm^2'"]))
    assert_bad(answer, ["deposit.interface", "200 nm", "too thick", "honest"])
    assert not out.exists()


def test_chen_warns_once(thincell: Callable[..., Any], case: Callable[[str], Path]) -> None:
    path = case("coin")
    quick = ["deposit.adaptive=false", "protocol=[{hold='-10 mV', for='1 ms'}]", "output.figures=false"]
    for command in (["check", path], ["run", path, "--out", path.parent / "out"]):
        answer = thincell(*command, *settings([CHEN, *quick]))
        assert answer.code == 0, answer.err
        told = " ".join((answer.out + answer.err).split())
        assert told.lower().count("warning: deposit.model = 'chen-2015'") == 1
        assert "3 to 5 times too fast" in told
        assert "0.02 to 90 times" in told
    assert "Fault of chen-2015" in (path.parent / "out" / "summary.json").read_text()


def test_impedance_of_a_deposit_is_refused(
    thincell: Callable[..., Any], case: Callable[[str], Path]
) -> None:
    path = case("chip")
    answer = thincell("impedance", path, "--out", path.parent / "out")
    assert_bad(answer, ["impedance", "deposit"])
    assert not (path.parent / "out").exists()


def test_a_patch_without_a_deposit_is_a_plain_cell(
    thincell: Callable[..., Any], case: Callable[[str], Path]
) -> None:
    path = case("plain coin")
    out = path.parent / "out"
    answer = thincell(
        "run", path, "--out", out, "--set", "output.figures=false", "--set", "mesh.columns=1"
    )
    assert answer.code == 0, answer.err
    assert (out / "summary.json").is_file()
    assert "Metal imbalance" not in (out / "history.csv").read_text()
