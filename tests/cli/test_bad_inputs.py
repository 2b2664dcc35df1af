"""Bad inputs: exit code 2, one clear message each, no traceback, nothing half-written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BASES = {
    "chip": ["electrolyte.name=LiPF6-EC-DMC", "reactions.p.name=Li/Li+"],
    "coin": ["cell.type=coin", "electrolyte.name=LiPF6-EC-DMC", "reactions.p.name=Li/Li+"],
    "zinc": ["electrolyte.name=ZnSO4-aq", "reactions.p.name=Zn/Zn2+"],
    "redox": [
        "electrolyte.name=RuNH3-KCl-aq",
        "reactions.p.name=RuNH3",
        "reactions.q.name=ideal-counter",
    ],
    "ohmic": [
        "electrolyte.name=LiPF6-EC-DMC",
        "electrolyte.model=ohmic",
        "reactions.p.name=Li/Li+",
    ],
    "mesh": [
        'cell={type="mesh", file="m.msh", unit="1 um", height="1 um", length="1 um",'
        ' names={working="w", counter="c"}}',
        "electrolyte.name=LiPF6-EC-DMC",
        "reactions.p.name=Li/Li+",
    ],
}
"""Good cases as settings on top of a plain step; a mesh file beside each case is called m.msh."""

STEP = """
[cell]
type = "chip"
[electrolyte]
[reactions]
[[protocol]]
plate = "1 mA/cm^2"
for = "1 s"
"""

MESH = """$MeshFormat
2.2 0 8
$EndMeshFormat
$PhysicalNames
3
1 1 "w"
1 2 "c"
2 3 "liquid"
$EndPhysicalNames
$Nodes
4
1 0 0 0
2 1 0 0
3 1 1 0
4 0 1 0
$EndNodes
$Elements
4
1 1 2 1 1 1 2
2 1 2 2 2 3 4
3 2 2 3 3 1 2 3
4 2 2 3 3 1 3 4
$EndElements
"""

LI = "[{name='Li+', charge=1}, {name='PF6-', charge=-1}]"
POISSON = "electrolyte.model=nernst-planck-poisson"
LAW = "electrolyte.diffusivity"
PLATE, KINETICS = "protocol.0.plate", "reactions.p.kinetics"

SETTINGS: list[tuple[str, str | list[str], list[str]]] = [
    # -- units and dimensions
    ("chip", "cell.height=500", ["cell.height", "500", "no unit", "500 nm"]),
    ("chip", "cell.height=0.5", ["cell.height", "0.5", "no unit"]),
    ("chip", 'cell.height="500"', ["cell.height", "'500'", "no unit"]),
    ("chip", 'cell.height="500 nanometers_"', ["cell.height", "nanometers_"]),
    ("chip", 'cell.height="500 nmm"', ["cell.height", "nmm"]),
    ("chip", 'cell.height="500 s"', ["cell.height", "'500 s'", "500 nm"]),
    ("chip", 'cell.height="500 nm^2"', ["cell.height", "dimension"]),
    ("chip", 'cell.height="five nm"', ["cell.height", "five"]),
    ("chip", 'cell.height=""', ["cell.height", "''"]),
    ("chip", 'cell.height=" "', ["cell.height"]),
    ("chip", 'cell.height="nm"', ["cell.height", "'nm'"]),
    ("chip", 'cell.height="500 nm; 3"', ["cell.height", "500 nm; 3"]),
    ("chip", 'cell.height="[1, 2] nm"', ["cell.height", "[1, 2] nm"]),
    ("chip", 'cell.height="1/0 nm"', ["cell.height", "1/0 nm"]),
    ("chip", 'cell.height="1 500 nm"', ["cell.height", "one number"]),
    ("chip", 'cell.height="10**10**10 nm"', ["cell.height", "one number"]),
    ("chip", 'cell.height="1 nm^99999"', ["cell.height", "one number"]),
    ("chip", 'cell.height="0x10 nm"', ["cell.height", "0x10 nm"]),
    ("chip", 'cell.gap="20 kg"', ["cell.gap", "20 kg", "dimension"]),
    ("chip", 'cell.length="50 V"', ["cell.length", "50 V"]),
    ("chip", 'cell.working.width="10 mol/L"', ["cell.working.width", "10 mol/L"]),
    ("chip", f'{PLATE}="10 mA"', []),  # a total current is good
    ("chip", f'{PLATE}="10 mA/cm"', [PLATE, "10 mA/cm", "10 mA/cm^2"]),
    ("chip", f'{PLATE}="10"', [PLATE, "'10'"]),
    ("chip", f"{PLATE}=10", [PLATE, "10", "no unit"]),
    ("chip", f'{PLATE}="10 V"', [PLATE, "10 V"]),
    ("chip", 'protocol.0.for="1 m"', ["protocol.0.for", "'1 m'", "5 s"]),
    ("chip", "protocol.0.for=1", ["protocol.0.for", "no unit"]),
    ("chip", 'electrolyte.concentration="1 mol"', ["electrolyte.concentration", "1 mol"]),
    ("chip", "electrolyte.concentration=1", ["electrolyte.concentration", "no unit"]),
    ("chip", 'electrolyte.temperature="25 s"', ["electrolyte.temperature", "25 s"]),
    ("chip", f'{LAW}="3e-10 m/s"', [LAW, "3e-10 m/s"]),
    ("chip", f"{LAW}=3e-10", [LAW, "no unit", "m^2/s"]),
    ("chip", 'electrolyte.conductivity="1 S"', ["electrolyte.conductivity", "1 S"]),
    ("chip", 'electrolyte.transference_number="0.3 m"', ["electrolyte.transference_number"]),
    ("chip", 'protocol.0.compliance="2 A"', ["protocol.0.compliance", "2 A"]),
    ("chip", 'output.every="1 m"', ["output.every", "1 m"]),
    ("chip", 'output.times=["1 s", "2"]', ["output.times.1", "'2'"]),
    ("chip", 'mesh.edge="2 nm"', ["mesh.edge", "2 nm"]),
    ("coin", 'cell.separator_thickness="25 L"', ["cell.separator_thickness", "25 L"]),
    ("chip", f'{KINETICS}.exchange_current_density="1 A"', ["exchange_current_density", "1 A"]),
    # -- negative, zero, infinite, not a number
    ("chip", 'cell.height="-500 nm"', ["cell.height", "-500 nm", "> 0"]),
    ("chip", 'cell.height="0 nm"', ["cell.height", "0 nm", "> 0"]),
    ("chip", 'cell.height="inf nm"', ["cell.height"]),
    ("chip", 'cell.height="nan nm"', ["cell.height"]),
    ("chip", 'cell.height="1e999 m"', ["cell.height", "1e999 m"]),
    ("chip", "cell.height=nan", ["cell.height", "nan"]),
    ("chip", 'cell.gap="-1 um"', ["cell.gap", "-1 um"]),
    ("chip", 'cell.margin="-1 um"', ["cell.margin", "-1 um", ">= 0"]),
    ("chip", 'cell.working.thickness="-1 nm"', ["cell.working.thickness", ">= 0"]),
    ("chip", 'cell.counter.width="0 um"', ["cell.counter.width", "0 um"]),
    ("chip", f'{PLATE}="-10 mA/cm^2"', [PLATE, "-10 mA/cm^2", "strip"]),
    ("chip", f'{PLATE}="0 mA/cm^2"', [PLATE, "0 mA/cm^2"]),
    ("chip", f'{PLATE}="1e999 A/m^2"', [PLATE, "not finite"]),
    ("chip", 'protocol.0.for="0 s"', ["protocol.0.for", "0 s"]),
    ("chip", 'protocol.0.for="-5 s"', ["protocol.0.for", "-5 s"]),
    ("chip", 'protocol.0.compliance="-2 V"', ["protocol.0.compliance", "above 0 V"]),
    ("chip", 'electrolyte.concentration="0 mol/L"', ["electrolyte.concentration", "> 0"]),
    ("chip", 'electrolyte.concentration="-1 mol/L"', ["electrolyte.concentration", "-1 mol/L"]),
    ("chip", 'electrolyte.temperature="0 K"', ["electrolyte.temperature", "0 K"]),
    ("chip", "electrolyte.relative_permittivity=0", ["electrolyte.relative_permittivity", "> 0"]),
    ("chip", "electrolyte.relative_permittivity=inf", ["relative_permittivity", "not finite"]),
    ("chip", f'{LAW}="0 m^2/s"', [LAW, "positive"]),
    ("chip", f'{LAW}="-1 m^2/s"', [LAW, "positive"]),
    ("chip", f'{LAW}="1e999 m^2/s"', [LAW, "not finite"]),
    ("chip", "electrolyte.transference_number=1", ["electrolyte.transference_number", "[0, 1)"]),
    ("chip", "electrolyte.transference_number=-0.1", ["transference_number", "-0.1"]),
    ("chip", "electrolyte.transference_number=nan", ["transference_number", "nan"]),
    ("chip", "electrolyte.thermodynamic_factor=0", ["electrolyte.thermodynamic_factor"]),
    ("chip", f'{KINETICS}.exchange_current_density="0 A/m^2"', ["exchange_current_density", "> 0"]),
    ("chip", f"{KINETICS}.anodic_transfer_coefficient=0", ["anodic_transfer_coefficient", "> 0"]),
    ("chip", f"{KINETICS}.cathodic_transfer_coefficient=-1", ["cathodic_transfer_coefficient"]),
    ("chip", f"{KINETICS}.concentration_exponent=inf", ["concentration_exponent", "not finite"]),
    ("chip", "mesh.edge=0", ["mesh.edge", "> 0"]),
    ("chip", "mesh.edge=1", ["mesh.edge", "< 1"]),
    ("chip", "mesh.growth=1", ["mesh.growth", "> 1"]),
    ("chip", "mesh.columns=0", ["mesh.columns", "0"]),
    ("chip", "mesh.columns=1000000", ["mesh.columns", "1000000"]),
    ("chip", "mesh.layers=-4", ["mesh.layers", "-4"]),
    ("chip", "mesh.order=0", ["mesh.order", "0"]),
    ("chip", "mesh.order=9", ["mesh.order", "9"]),
    ("chip", "solver.tolerance=0", ["solver.tolerance", "> 0"]),
    ("chip", "solver.tolerance=1", ["solver.tolerance", "< 0.1"]),
    ("chip", 'output.every="0 s"', ["output.every", "0 s"]),
    ("coin", "cell.porosity=0", ["cell.porosity", "> 0"]),
    ("coin", "cell.porosity=1.2", ["cell.porosity", "1.2", "above 1"]),
    ("coin", "cell.bruggeman_exponent=-1", ["cell.bruggeman_exponent", ">= 0"]),
    ("coin", 'cell.working_diameter="-12 mm"', ["cell.working_diameter", "-12 mm"]),
    # -- geometry that cannot be
    ("chip", 'cell.working.thickness="500 nm"', ["cell.working.thickness", "lid"]),
    ("chip", 'cell.counter.thickness="2 um"', ["cell.counter.thickness", "lid"]),
    ("chip", 'cell.gap="20 m"', ["cell.gap", "20 m", "units"]),
    ("chip", 'cell.gap="20 fm"', ["cell.gap", "units"]),
    ("chip", 'cell.margin="1 fm"', ["cell.margin", "units"]),
    ("chip", 'cell.margin_working="1 km"', ["cell.margin_working", "units"]),
    ("chip", 'cell.height="1 km"', ["cell.gap", "height"]),
    ("chip", ['cell.ends="reservoir"', 'cell.margin="0 um"'], ["cell.margin", "reservoir"]),
    ("chip", ['cell.ends="reservoir"', 'cell.margin_counter="0 um"'], ["cell.margin", "> 0"]),
    ("chip", 'cell.reference={width="1 um"}', ["cell.reference.gap", "missing"]),
    ("chip", 'cell.reference={width="1 um", gap="0 um"}', ["cell.reference.gap", "0 um"]),
    ("coin", 'cell.working_diameter="30 mm"', ["cell.separator_diameter", "0.03 m"]),
    ("coin", 'cell.counter_diameter="19.1 mm"', ["cell.separator_diameter", "0.0191 m"]),
    ("coin", 'cell.separator_thickness="25 m"', ["cell.working_diameter", "units"]),
    # -- unknown keys, at every level
    ("chip", "titel=x", ["titel", "unknown key", "'title'"]),
    ("chip", "cel.height=1", ["cel", "unknown key", "'cell'"]),
    ("chip", 'cell.heigth="1 um"', ["cell.heigth", "'height'"]),
    ("chip", 'cell.working.widht="1 um"', ["cell.working.widht", "'width'"]),
    ("chip", 'cell.separator_thickness="1 um"', ["cell.separator_thickness", "unknown key"]),
    ("coin", 'cell.height="1 um"', ["cell.height", "unknown key", "separator_thickness"]),
    ("coin", "cell.porosty=0.4", ["cell.porosty", "'porosity'"]),
    ("mesh", "cell.nmaes=0.4", ["cell.nmaes", "'names'"]),
    ("chip", "electrolyte.concentraton=1", ["electrolyte.concentraton", "'concentration'"]),
    ("chip", "electrolyte.salt.cations=1", ["electrolyte.salt.cations", "'cation'"]),
    ("chip", f"{LAW}.foo=1", [f"{LAW}.foo", "unknown key", "coefficients"]),
    ("chip", "reactions.p.metall=Li", ["reactions.p.metall", "'metal'"]),
    ("chip", f"{KINETICS}.alpha=1", [f"{KINETICS}.alpha", "unknown key"]),
    ("chip", f"{KINETICS}.anodic_transfer=1", ["'anodic_transfer_coefficient'"]),
    ("chip", "protocol.0.plat=1", ["protocol.0.plat", "'plate'"]),
    ("chip", "protocol.0.foor=1", ["protocol.0.foor", "'for'"]),
    ("chip", "protocol.0.duration.x=1", ["protocol.0.duration", "unknown key", "for"]),
    ("chip", "mesh.edges=1", ["mesh.edges", "'edge'"]),
    ("chip", "solver.tol=1", ["solver.tol", "'tolerance'"]),
    ("chip", "output.evry=1", ["output.evry", "'every'"]),
    ("chip", "compare.coins=1", ["compare.coins", "'coin'"]),
    # -- choices
    ("chip", "cell.type=ship", ["cell", "'ship'", "'chip'"]),
    ("chip", 'cell={chip="generic-coplanar"}', ["cell", "type is missing", "coin"]),
    ("chip", "cell.ends=open", ["cell.ends", "'open'", "reservoir"]),
    ("chip", "cell.view=above", ["cell.view", "'solid'"]),
    ("chip", "electrolyte.model=electronutral", ["electrolyte.model", "'electroneutral'"]),
    ("chip", "electrolyte.kind=acid", ["electrolyte.kind", "'acid'"]),
    ("chip", f"{LAW}.law=polynomial", [LAW, "'polynomial'", "power-series"]),
    ("chip", f'{LAW}={{value="1 m^2/s"}}', []),  # completes the library's law by an unknown key
    ("chip", f"{LAW}.law=valoen-reimers-conductivity", [f"{LAW}.law", "conductivity"]),
    ("chip", f"{LAW}={{law='landesfeind-diffusivity', coefficients=[1]}}", [LAW, "takes 4"]),
    ("chip", f"{LAW}={{law='power-series', coefficients=[1], exponents=[1, 2]}}", [LAW, "match"]),
    ("chip", f"{LAW}={{law='power-series', coefficients=[], exponents=[1]}}", [LAW, "[]"]),
    ("chip", f"{LAW}={{law='power-series', coefficients=['1'], exponents=[0]}}", [LAW, "'1'"]),
    ("chip", f"{LAW}={{law='exponential', prefactor='1 m^2/s', rate=nan}}", [f"{LAW}.rate"]),
    ("chip", f"{LAW}={{law='exponential', prefactor='1 m', rate=1}}", [LAW, "1 m"]),
    ("chip", "electrolyte.thermodynamic_factor={law='dilute', cation_diffusivity='1 m^2/s',"
     " anion_diffusivity='1 m^2/s'}", ["electrolyte.thermodynamic_factor", "dilute"]),
    ("chip", "reactions.p.type=plate", ["reactions.p.type", "'plating'"]),
    ("chip", f"{KINETICS}.law=butler", [KINETICS, "'butler-volmer'"]),
    ("chip", f"{KINETICS}={{law='marcus-hush-chidsey', exchange_current_density='1 A/m^2'}}",
     ["reorganisation_energy", "missing"]),
    ("chip", f"{KINETICS}={{law='tafel', exchange_current_density='1 A/m^2', direction='up'}}",
     [f"{KINETICS}.direction", "'up'"]),
    ("chip", "reactions.p.electrodes=['workin']", ["reactions.p.electrodes.0", "'working'"]),
    ("chip", "reactions.p.electrodes=[]", ["reactions.p.electrodes", "[]"]),
    ("chip", "reactions.p.electrodes=['working', 'working']", ["reactions.p.electrodes", "twice"]),
    ("chip", "reactions.p.electrodes=['working']", ["reactions", "counter"]),
    ("chip", "reactions.p.electrodes=['counter']", ["reactions", "working"]),
    ("chip", "protocol.0.on_compliance=stop", ["protocol.0.on_compliance", "'stop'"]),
    # -- wrong types
    ("chip", "title=5", ["title", "5", "not text"]),
    ("chip", "title=['a']", ["title", "not text"]),
    ("chip", "cell=chip", ["cell", "'chip'", "not a table"]),
    ("chip", "cell=[]", ["cell", "[]", "not a table"]),
    ("chip", "cell.working=5", ["cell.working", "5", "not a table"]),
    ("chip", "cell.height=[1]", ["cell.height", "[1]"]),
    ("chip", "cell.height=true", ["cell.height"]),
    ("chip", "cell.height={value='1 um'}", ["cell.height", "value"]),
    ("chip", "cell.chip=5", ["cell.chip", "5"]),
    ("chip", "electrolyte=5", ["electrolyte", "5", "not a table"]),
    ("chip", "electrolyte.name=5", ["electrolyte.name", "5"]),
    ("chip", "electrolyte.salt=5", ["electrolyte.salt", "not a table"]),
    ("chip", "electrolyte.salt.cation_charge=1.5", ["electrolyte.salt.cation_charge", "1.5"]),
    ("chip", "electrolyte.salt.cation_charge=-1", ["electrolyte.salt.cation_charge", "-1"]),
    ("chip", "electrolyte.salt.anion_charge=1", ["electrolyte.salt.anion_charge", "1"]),
    ("chip", f"{LAW}=true", [LAW, "true"]),
    ("chip", f"{LAW}=[1]", [LAW, "[1]"]),
    ("chip", f"{LAW}={{law='constant', value=[1]}}", [f"{LAW}.value", "[1]"]),
    ("chip", "electrolyte.concentration_range=5", ["electrolyte.concentration_range", "5"]),
    ("chip", "electrolyte.concentration_range=['0 mol/L']", ["concentration_range"]),
    ("chip", "electrolyte.concentration_range=['0 m', '1 m']", ["concentration_range", "0 m"]),
    ("chip", "electrolyte.concentration_range=['2 mol/L', '1 mol/L']", ["must rise", "2 mol/L"]),
    ("chip", "reactions=5", ["reactions", "5", "not a table"]),
    ("chip", "reactions.p=5", ["reactions.p", "5", "not a table"]),
    ("chip", "reactions.p.electrons='one'", ["reactions.p.electrons", "'one'"]),
    ("chip", "reactions.p.electrons=0", ["reactions.p.electrons", "0"]),
    ("chip", "reactions.p.electrons=true", ["reactions.p.electrons", "true"]),
    ("chip", "reactions.p.electrodes=working", ["reactions.p.electrodes", "'working'"]),
    ("chip", "protocol=5", ["protocol", "5", "not a list"]),
    ("chip", "protocol=[]", ["protocol", "[]"]),
    ("chip", "protocol=[5]", ["protocol.0", "5", "not a table"]),
    ("chip", "protocol={plate='1 mA/cm^2'}", ["protocol", "not a list"]),
    ("chip", "mesh=fine", ["mesh", "'fine'", "not a table"]),
    ("chip", "mesh.columns=8.5", ["mesh.columns", "8.5"]),
    ("chip", "mesh.columns='8'", ["mesh.columns", "'8'"]),
    ("chip", "output.fields='yes'", ["output.fields", "'yes'"]),
    ("chip", "output.figures=1", ["output.figures", "1"]),
    ("chip", "output.times='1 s'", ["output.times", "not a list"]),
    # -- protocols that cannot be
    ("chip", "protocol=[{}]", ["protocol.0", "exactly one"]),
    ("chip", "protocol=[{for='1 s'}]", ["protocol.0", "none"]),
    ("chip", f"{PLATE[:-5]}strip='1 mA/cm^2'", ["protocol.0", "plate, strip"]),
    ("chip", "protocol=[{plate='1 mA/cm^2'}]", ["protocol.0", "'for'", "'until'"]),
    ("chip", "protocol=[{rest=true}]", ["protocol.0", "rest", "'for'"]),
    ("chip", "protocol=[{rest=false, for='1 s'}]", ["protocol.0.rest", "false"]),
    ("chip", "protocol=[{rest='1 s'}]", ["protocol.0.rest", "'1 s'"]),
    ("chip", "protocol=[{hold='-0.1 V'}]", ["protocol.0", "hold"]),
    ("chip", "protocol=[{hold=-0.1, for='1 s'}]", ["protocol.0.hold", "-0.1", "no unit"]),
    ("chip", "protocol=[{hold='1 V', for='1 s', compliance='1 V'}]", ["protocol.0.compliance"]),
    ("chip", "protocol=[{rest=true, for='1 s', on_compliance='end'}]", ["on_compliance", "rest"]),
    ("chip", "protocol=[{rest=true, until='charge > 1 C/m^2'}]", ["protocol.0.until", "in vain"]),
    ("chip", "protocol=[{hold='1 V', until='voltage > 2 V'}]", ["protocol.0.until", "in vain"]),
    ("chip", "protocol.0.until='voltage'", ["protocol.0", "'voltage'", "voltage < -0.5 V"]),
    ("chip", "protocol.0.until='volts < 1 V'", ["protocol.0", "'volts'", "voltage, current"]),
    ("chip", "protocol.0.until='voltage = 1 V'", ["protocol.0", "voltage = 1 V"]),
    ("chip", "protocol.0.until='voltage < 1 s'", ["protocol.0", "1 s"]),
    ("chip", "protocol.0.until='voltage < 1'", ["protocol.0", "'1'", "no unit"]),
    ("chip", "protocol.0.until='charge > -1 C/m^2'", ["protocol.0", "never negative"]),
    ("chip", "protocol.0.until='charge > 1e999 C/m^2'", ["protocol.0", "not finite"]),
    ("chip", "protocol.0.until=5", ["protocol.0.until", "5"]),
    ("chip", "protocol.0.until=[5]", ["protocol.0.until.0", "5"]),
    ("chip", "protocol=[{sweep={vertices=['0 V'], rate='1 V/s'}}]", ["sweep.vertices", "0 V"]),
    ("chip", "protocol=[{sweep={vertices=['0 V', '0 V'], rate='1 V/s'}}]", ["vertices", "same"]),
    ("chip", "protocol=[{sweep={vertices=['0 V', '1 V']}}]", ["protocol.0.sweep.rate", "missing"]),
    ("chip", "protocol=[{sweep={vertices=['0 V', '1 V'], rate='-1 V/s'}}]", ["rate", "-1 V/s"]),
    ("chip", "protocol=[{sweep={vertices=['0 V', '1 V'], rate='1 V'}}]", ["sweep.rate", "1 V"]),
    ("chip", "protocol=[{sweep={vertices=['0 V', '1 V'], rate='1 V/s', cycles=0}}]", ["cycles"]),
    ("chip", "protocol=[{sweep={vertices=['0 V', '1 V'], rate='1 V/s'}, for='1 s'}]",
     ["protocol.0.for", "remove 'for'"]),
    ("chip", "protocol=[{sweep={vertex=['0 V', '1 V'], rate='1 V/s', vertices=['0 V', '1 V']}}]",
     ["protocol.0.sweep.vertex", "'vertices'"]),
    ("ohmic", "protocol.0.until='minimum concentration < 1 mol/m^3'",
     ["protocol.0.until", "never changes"]),
    ("chip", ['solver.first_step="2 s"', 'solver.largest_step="1 s"'], ["solver.first_step"]),
    ("chip", f"{KINETICS}={{law='tafel', exchange_current_density='1 A/m^2'}}",
     [PLATE, "counter", "anodic"]),
    # -- reactions and electrolytes that do not belong together
    ("redox", "electrolyte.name=ZnSO4-aq", ["reactions.p.type", "binary salt"]),
    ("chip", "reactions.p.name=Zn/Zn2+", ["reactions.p", "charge 1"]),
    ("zinc", "reactions.p.name=Li/Li+", ["reactions.p.electrons", "charge 2"]),
    ("chip", "reactions.p.name=Na/Na+", ["reactions.p.metal", "Na", "Li+"]),
    ("zinc", "reactions.p.electrons=1", ["reactions.p.electrons", "Zn2+"]),
    ("chip", f"{KINETICS}={{law='equipotential'}}", ["electrolyte.model", "ohmic"]),
    ("redox", f"{KINETICS}={{law='linear', exchange_current_density='1 A/m^2'}}",
     ["reactions.p.kinetics.law", "butler-volmer"]),
    ("ohmic", [f"{KINETICS}={{law='equipotential'}}", "reactions.q.name=Li/Li+"],
     ["reactions", "second"]),
    ("ohmic", [f"{KINETICS}={{law='equipotential'}}",
               "protocol=[{sweep={vertices=['0 V', '1 V'], rate='1 V/s'}}]"], ["protocol", "hold"]),
    # -- ions one by one
    ("zinc", "electrolyte.model=poisson", ["electrolyte.model", "nernst-planck-poisson"]),
    ("ohmic", f"electrolyte.species={LI}", ["electrolyte.species", "ohmic"]),
    ("redox", "electrolyte.model=nernst-planck-poisson", ["electrolyte.model", "supported"]),
    ("chip", f"electrolyte.species=[{LI[1:-1]}, {{name='Na+', charge=1}}]",
     ["species.2.diffusivity", "Na+", "give it a value"]),
    ("chip", "electrolyte.species=[{name='Li+', charge=2}]", ["species.0.charge", "2", "charge 1"]),
    ("chip", "electrolyte.species=[{name='Li+', charge=1}]", ["species", "not neutral", "+1000"]),
    ("chip", f"electrolyte.species=[{LI[1:-1]}, {{name='Li+', charge=1}}]", ["species", "twice"]),
    ("chip", "electrolyte.species=[{name='PF6-', charge=-1}]", ["species", "Li+"]),
    ("chip", "electrolyte.species=[{name='Li+', charge=1, diameter='2 nm'},"
     " {name='PF6-', charge=-1, diameter='1 nm'}]", ["species", "fill", "diameter"]),
    ("chip", "electrolyte.species=[{name='Li+', charge=1, diameter='-1 nm'}]", ["diameter", "-1 nm"]),
    ("chip", "electrolyte.homogeneous=[{equation='A = B', equilibrium_constant=1,"
     " forward_rate='1/s'}]", ["homogeneous", "electrolyte.species"]),
    ("chip", [POISSON, "electrolyte.homogeneous=[{equation='Li+ = B', equilibrium_constant=1,"
              " forward_rate='1/s'}]"], ["equation", "conserve charge"]),
    ("chip", [POISSON, "electrolyte.homogeneous=[{equation='Li+ > PF6-', equilibrium_constant=1,"
              " forward_rate='1/s'}]"], ["equation", "exactly one ' = '"]),
    ("chip", [POISSON, "electrolyte.homogeneous=[{equation='A = B', equilibrium_constant=1,"
              " forward_rate='1/s'}]"], ["equation", "none of the species"]),
    ("chip", [POISSON, "electrolyte.homogeneous=[{equation='Li+ + PF6- = LiPF6',"
              " equilibrium_constant=1, forward_rate='1/s'}]"], ["forward_rate", "1/s"]),
    ("chip", [POISSON, "electrolyte.homogeneous=[{equation='Li+ + PF6- = LiPF6',"
              " equilibrium_constant=0, forward_rate='1 L/mol/s'}]"], ["equilibrium_constant", "> 0"]),
    ("chip", [POISSON, "electrolyte.fixed_charge={charge=0, concentration='1 mol/L'}"],
     ["fixed_charge.charge", "counter-ion"]),
    ("chip", ["electrolyte.fixed_charge={charge=-1, concentration='1 mol/L'}"], ["fixed_charge"]),
    ("chip", [f"electrolyte.species={LI}", "electrolyte.fixed_charge={charge=-1,"
              " concentration='1 mmol/L', thickness='10 nm'}"],
     ["fixed_charge.thickness", "nernst-planck-poisson"]),
    ("chip", "electrolyte.permittivity=linear", ["electrolyte.permittivity", "'booth'"]),
    ("chip", [f"electrolyte.species={LI}", "electrolyte.fixed_charge={charge=-1,"
              " concentration='1 mol/L'}", "double_layer={}"], ["double_layer", "immobile charge"]),
    ("chip", [f"electrolyte.species={LI}", "electrolyte.fixed_charge={charge=-1,"
              " concentration='1 mol/L'}", "cell.ends=reservoir", "cell.margin='1 um'"],
     ["fixed_charge", "reservoirs"]),
    ("chip", "electrolyte.species=[{name='Li+', charge=1}, {name='PF6-', charge=-1}, {name='e-',"
     " charge=0, diffusivity='1e-9 m^2/s', concentration='1 mol/L'}]", ["species.2.name", "misread"]),
    ("chip", [POISSON, "reactions.p.equation='Li+ = metal'"], ["reactions.p.equation", "charge"]),
    ("chip", [POISSON, "reactions.p.equation='Li+ + 2 e- = metal'"], ["reactions.p.equation"]),
    ("chip", [POISSON, "reactions.p.equation='PF6- = metal + e-'"], ["reactions.p.equation", "Li+"]),
    ("zinc", [POISSON, "reactions.q.name=HER-Zn"], ["reactions.q.equation", "2 H2O + 2 e-"]),
    ("redox", "double_layer={}", ["double_layer", "supported"]),
    ("ohmic", "double_layer={}", ["double_layer", "ohmic"]),
    ("chip", "double_layer={stern_thickness='0 m'}", ["double_layer.stern_thickness", "> 0"]),
    ("chip", "double_layer={stern_capacitance='1 F/m^2', stern_thickness='1 nm'}",
     ["double_layer.stern_capacitance", "either"]),
    ("chip", "double_layer={stern_capacitance='1 F'}", ["double_layer.stern_capacitance", "1 F"]),
    ("chip", "double_layer={potential_of_zero_charge=1}", ["potential_of_zero_charge", "no unit"]),
    ("chip", "double_layer=5", ["double_layer", "5", "not a table"]),
    ("chip", "solver.linear=fast", ["solver.linear", "'fast'", "'collapse'"]),
    ("chip", "solver.petsc=5", ["solver.petsc", "5"]),
    ("chip", "solver.petsc={ksp_rtol=[1]}", ["solver.petsc.ksp_rtol"]),
    # -- library entries that are not there
    ("chip", "cell.chip=generic-coplaner", ["cell.chip", "'generic-coplanar'"]),
    ("chip", "cell.chip=zzzz", ["cell.chip", "zzzz", "wittman-2024"]),
    ("chip", "cell.chip=absent.toml", ["cell.chip", "absent.toml"]),
    ("coin", "cell.coin=cr2025", ["cell.coin", "cr2025"]),
    ("chip", "electrolyte.name=lipf6-ec-dmc", ["electrolyte.name", "'LiPF6-EC-DMC'"]),
    ("chip", "electrolyte.name=LiPF6", ["electrolyte.name", "'LiPF6'"]),
    ("chip", "reactions.p.name=Lii", ["reactions.p.name", "'Lii'"]),
    ("chip", "reactions.p.name=''", ["reactions.p.name", "''"]),
    ("chip", "reactions.p.metal=Xx", ["reactions.p.metal", "Xx"]),
    ("chip", "compare.coin=cr9999", ["compare.coin", "cr9999"]),
    ("chip", "compare.vary={'protocol.0.plate'=[]}", ["compare.vary", "no values"]),
    ("chip", "compare.vary={a=[1], b=[2, 3]}", ["compare.vary", "'a' 1, 'b' 2"]),
    ("chip", "compare.vary={'cell.heigth'=['1 um']}", ["compare.vary", "'height'"]),
    ("chip", "compare.vary={'cell.height'=['1 um', '-1 um']}", ["compare.vary", "-1 um"]),
    ("chip", "compare.vary={'protocol.3.plate'=['1 A']}", ["compare.vary", "protocol.3.plate"]),
    # -- meshes of one's own
    ("mesh", "cell.file=absent.msh", ["cell.file", "absent.msh"]),
    ("mesh", "cell.file=case.toml", ["cell.file", "case.toml", "meshio"]),
    ("mesh", "cell.file=''", ["cell.file"]),
    ("mesh", "cell.names={working='w'}", ["cell.names", "'counter'"]),
    ("mesh", "cell.names={working='w', counter='w'}", ["cell.names", "same"]),
    ("mesh", "cell.names={working='w', counter='c', lid='x'}", ["cell.names.lid", "insulator"]),
    ("mesh", "cell.names={working='w', counter='x'}", ["cell.names", "'x'", "liquid"]),
    ("mesh", "cell.names={working='w', counter='liquid'}", ["cell.names.counter", "'liquid'"]),
    ("mesh", "cell.names=5", ["cell.names", "5", "not a table"]),
    ("mesh", "cell.unit=1", ["cell.unit", "no unit"]),
    ("mesh", "cell.unit='1 s'", ["cell.unit", "1 s"]),
    ("mesh", "cell.porosity=2", ["cell.porosity", "above 1"]),
    ("mesh", "cell.axisymmetric=1", ["cell.axisymmetric", "1"]),
    ("mesh", "mesh.edge=0.1", ["mesh", "only mesh.order"]),
    # -- settings on the command line
    ("chip", "cell.height", ["--set", "KEY=VALUE"]),
    ("chip", "=5", ["--set", "KEY=VALUE"]),
    ("chip", "cell..height='1 um'", ["--set", "cell..height"]),
    ("chip", "protocol.1.plate='1 A'", ["protocol.1.plate", "'1'", "1 items"]),
    ("chip", "protocol.plate='1 A'", ["protocol.plate", "'plate'"]),
    ("chip", "protocol.-1.plate='1 A'", ["protocol.-1.plate", "'-1'"]),
]  # fmt: skip

#: Settings that turned out to be good: kept above to show what is allowed, and tested as such.
ALLOWED = [item for item in SETTINGS if not item[2]]
BAD = [item for item in SETTINGS if item[2]]

FILES: list[tuple[str, bytes, list[str]]] = [
    ("empty", b"", ["cell", "missing"]),
    ("not toml", b"hello", ["case.toml", "not valid TOML"]),
    ("unclosed", b'title = "a', ["not valid TOML", "Unterminated"]),
    ("twice", b"title = 'a'\ntitle = 'b'", ["not valid TOML"]),
    ("a unit outside the quotes", b"[cell]\nheight = 500 nm", ["not valid TOML", "line 2"]),
    ("binary", bytes(range(256)), ["case.toml", "UTF-8"]),
    ("latin", "title = 'Kältezelle'".encode("latin-1"), ["UTF-8"]),
    ("utf-16", "title = 'a'".encode("utf-16"), ["UTF-8"]),
    ("zeros", b"\0" * 100, ["not valid TOML"]),
    ("deep", b"a = " + b"[" * 20000, ["case.toml"]),
    ("line break in a key", b'"a\\nb" = 1', ["a\\nb", "unknown key"]),
]

ONE_MISTAKE = {"empty": 4, "line break in a key": 5}


def assert_bad(answer: Any, fragments: list[str], lines: int = 1) -> None:
    """Exit code 2 and so many lines that start with 'error:', the first with all fragments."""
    assert answer.code == 2, answer
    assert len(answer.errors) == lines, answer.err
    assert all(line.startswith("error: ") for line in answer.errors), answer.err
    assert "Traceback" not in answer.err + answer.out
    for fragment in fragments:
        assert fragment in answer.err, answer.err


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A case file that BASES complete, with a mesh beside it."""
    (tmp_path / "m.msh").write_text(MESH)
    path = tmp_path / "case.toml"
    path.write_text(STEP)
    return path


def settings(base: str, changes: str | list[str]) -> list[str]:
    """Arguments that make a base and change it."""
    all_ = [*BASES[base], *([changes] if isinstance(changes, str) else changes)]
    return [part for text in all_ for part in ("--set", text)]


def name(item: Any) -> str:
    """A readable test id."""
    text = item if isinstance(item, str) else " ".join(item)
    return "".join(c if c.isalnum() or c in "._=-" else "_" for c in text)[:60]


def test_there_are_enough() -> None:
    assert len(BAD) + len(FILES) >= 200


@pytest.mark.parametrize("base", BASES)
def test_bases_are_good(thincell: Callable[..., Any], plain: Path, base: str) -> None:
    answer = thincell("check", plain, *settings(base, []))
    assert answer.code == 0, answer.err


@pytest.mark.parametrize(("base", "changes", "fragments"), BAD, ids=[name(i[1]) for i in BAD])
def test_bad_setting(
    thincell: Callable[..., Any], plain: Path, base: str, changes: str, fragments: list[str]
) -> None:
    before = sorted(plain.parent.rglob("*"))
    assert_bad(thincell("check", plain, *settings(base, changes)), fragments)
    assert sorted(plain.parent.rglob("*")) == before


@pytest.mark.parametrize(("label", "content", "fragments"), FILES, ids=[i[0] for i in FILES])
def test_bad_file(
    thincell: Callable[..., Any], tmp_path: Path, label: str, content: bytes, fragments: list[str]
) -> None:
    path = tmp_path / "case.toml"
    path.write_bytes(content)
    assert_bad(thincell("check", path), fragments, ONE_MISTAKE.get(label, 1))


def test_several_mistakes_have_a_line_each(thincell: Callable[..., Any], plain: Path) -> None:
    changes = ["cell.height=1", "cell.gap=2", "mesh.edge=3", "titel=x"]
    answer = thincell("check", plain, *settings("chip", changes))
    assert_bad(answer, ["cell.height", "cell.gap", "mesh.edge", "titel"], lines=4)


USAGE: list[tuple[list[str], list[str]]] = [
    (["chek"], ["chek", "check"]),
    (["check"], ["CASE"]),
    (["check", "{case}", "--sett", "a=b"], ["--sett"]),
    (["check", "{case}", "{case}"], ["thincell check"]),
    (["check", "{case}", "--set"], ["--set"]),
    (["check", "{folder}/absent.toml"], ["CASE", "no file"]),
    (["check", "{folder}"], ["CASE", "folder"]),
    (["check", ""], ["CASE"]),
    (["check", "{case}/x.toml"], ["CASE"]),
    (["mesh", "{case}"], ["--to"]),
    (["mesh", "{case}", "--to", "{folder}"], ["--to", "folder"]),
    (["mesh", "{case}", "--to", "{folder}/absent/m.msh"], ["--to", "m.msh"]),
    (["mesh", "{case}", "--to", "{folder}/m.unheard"], ["--to", "m.unheard"]),
    (["run", "{case}", "--out", "{case}"], ["--out", "file"]),
    (["run", "{case}", "--out", "{folder}"], ["--out", "not a run"]),
    (["run", "{case}", "--out", "{folder}/done"], ["--out", "--force"]),
    (["run", "{case}", "--out", "{case}/below"], ["--out"]),
    (["run", "{case}", "--out", "/proc/thincell"], ["--out", "/proc/thincell"]),
    (["run", "{case}", "--out", ""], ["--out"]),
    (["run", "{case}", "--force=yes"], ["--force"]),
    (["run", "{folder}/absent.toml"], ["CASE"]),
    (["compare", "{case}", "--out", "{case}"], ["--out"]),
    (["compare", "{case}", "--set", "cell.type=coin", "--out", "{folder}/new"], ["coin"]),
    (["report"], ["DIR"]),
    (["report", "{folder}"], ["not the folder of a run"]),
    (["report", "{folder}/absent"], ["absent"]),
    (["report", "{folder}/done"], ["done", "incomplete"]),
    (["list", "chps"], ["KIND", "'chips'"]),
    (["list", "x"], ["KIND", "electrolytes"]),
    (["list"], ["kind"]),
    (["show", "chip", "generic"], ["generic"]),
    (["show", "electrolyte", "absent.toml"], ["absent.toml"]),
    (["show", "metal", "li"], ["'Li'"]),
    (["show", "chip", "{folder}/bad.toml"], ["bad.toml"]),
    (["--unheard"], ["--unheard"]),
]


@pytest.mark.parametrize(("arguments", "fragments"), USAGE, ids=[name(i[0]) for i in USAGE])
def test_bad_usage(
    thincell: Callable[..., Any], good: Path, arguments: list[str], fragments: list[str]
) -> None:
    folder = good.parent
    (folder / "done").mkdir()
    (folder / "done" / "manifest.json").write_text("{}")
    (folder / "bad.toml").write_text("a = ")
    before = sorted(folder.rglob("*"))
    places = {"case": str(good), "folder": str(folder)}
    answer = thincell(*(argument.format(**places) for argument in arguments))
    assert_bad(answer, fragments)
    assert sorted(folder.rglob("*")) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unwritable for root")
def test_unwritable_folder(thincell: Callable[..., Any], good: Path) -> None:
    good.parent.chmod(0o500)
    assert_bad(thincell("run", good, "--out", good.parent / "new"), ["--out"])
    good.parent.chmod(0o700)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable for root")
def test_unreadable_case(thincell: Callable[..., Any], good: Path) -> None:
    good.chmod(0)
    assert_bad(thincell("check", good), ["CASE"])


def test_bad_mesh_leaves_no_folder(thincell: Callable[..., Any], plain: Path) -> None:
    (plain.parent / "m.msh").write_text(MESH.replace("3 1 1 0", "3 0 0 0"))
    out = plain.parent / "out"
    answer = thincell("run", plain, "--out", out, *settings("mesh", []))
    assert_bad(answer, ["cell.file", "m.msh"])
    assert not out.exists()


def test_own_library_file_with_a_mistake(thincell: Callable[..., Any], good: Path) -> None:
    """Its values are checked as the case's own; the file is found beside the case."""
    (good.parent / "mine.toml").write_text('height = { value = "1 s", range = 5 }\n')
    answer = thincell("check", good, "--set", "cell.chip=mine.toml")
    assert answer.code == 2
    assert any("cell.height" in line and "'1 s'" in line for line in answer.errors)
    assert any("cell.gap" in line and "missing" in line for line in answer.errors)


PROGRAM = [sys.executable, "-c", "from thincell.studies.cli import main; main()"]

PROCESSES: list[tuple[list[str], list[str]]] = [
    (["check", "{case}", "--set", "cell.height=5"], ["cell.height", "no unit"]),
    (["check", "absent.toml"], ["absent.toml"]),
    (["run", "{case}", "--out", "{case}"], ["--out", "file"]),
    (["mesh", "{case}", "--to", "{folder}"], ["--to"]),
    (["unheard"], ["unheard"]),
]


@pytest.mark.parametrize(("arguments", "fragments"), PROCESSES, ids=[name(i[0]) for i in PROCESSES])
def test_bad_input_in_a_process(good: Path, arguments: list[str], fragments: list[str]) -> None:
    places = {"case": str(good), "folder": str(good.parent)}
    answer = subprocess.run(
        [*PROGRAM, *(argument.format(**places) for argument in arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert answer.returncode == 2
    assert len(answer.stderr.splitlines()) == 1
    assert answer.stderr.startswith("error: ")
    assert all(fragment in answer.stderr for fragment in fragments)


@pytest.mark.parametrize(
    ("arguments", "fragments"),
    [
        (["run", "{case}", "--out", "{folder}/new", "--set", "cell.height=5"], ["cell.height"]),
        (["run", "{case}", "--out", "{case}"], ["--out", "file"]),
        (["unheard"], ["unheard"]),
    ],
    ids=["case", "folder", "usage"],
)
def test_bad_input_on_two_ranks(good: Path, arguments: list[str], fragments: list[str]) -> None:
    """One message, from rank 0; both ranks end, with the same code."""
    places = {"case": str(good), "folder": str(good.parent)}
    answer = subprocess.run(
        ["mpiexec", "-n", "2", *PROGRAM, *(argument.format(**places) for argument in arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert answer.returncode == 2, answer.stderr
    errors = [line for line in answer.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert "Traceback" not in answer.stderr
    assert all(fragment in errors[0] for fragment in fragments)
    assert not (good.parent / "new").exists()


def test_misspelt_petsc_option(thincell: Callable[..., Any], plain: Path) -> None:
    out = plain.parent / "out"
    unknown = settings("coin", ["mesh.columns=1", "solver.petsc={mat_mumps_icntl_41x=30}"])
    answer = thincell("run", plain, "--out", out, *unknown)
    assert_bad(answer, ["solver.petsc", "mat_mumps_icntl_41x"])
