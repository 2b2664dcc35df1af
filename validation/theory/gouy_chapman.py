r"""Diffuse layers at rest against their first integrals: surface charge and profile.

A cell of two equal metal electrodes at open circuit. With psi = F (phi - phi_bulk)/RT, zeta its value at
the reaction plane, and the electric field E in V/m, Poisson's equation has the first integral

    int_0^E E' d[eps(E') E'] = RT P(psi)

    P = sum c_i [exp(-z_i psi) - 1]                           point ions
    P = ln(1 + v sum c_i [exp(-z_i psi) - 1])/v               ions of one molar volume v each

P is what a solution's osmotic pressure is above the bulk's: dP/dpsi = -sum z_i c_i(psi), where a lattice
gas (Bikerman 1942; Kilic, Bazant & Ajdari 2007, 10.1103/PhysRevE.75.021502) has
c_i = c_i,bulk exp(-z_i psi)/(1 + v sum c_j [exp(-z_j psi) - 1]). The metal carries sigma = -eps E at the
wall. For a 1:1 salt of point ions that is

    sigma = sqrt(8 eps RT c) sinh(zeta/2),     tanh(psi/4) = tanh(zeta/4) exp(-x/lambda_D)

and for ions of finite size, with nu = 2 v c, sigma = sgn(zeta) sqrt((4 eps RT c/nu) ln[1 + 2 nu
sinh^2(zeta/2)]). The permittivity of Booth, eps_r = n^2 + (eps_r0 - n^2) 3 L(x)/x with x = beta E, has

    int E' d[eps E'] = eps E^2 - eps_0 {n^2 E^2/2 + (eps_r0 - n^2) (3/beta^2) ln[sinh(x)/x]}.

The wanted zeta is set by the potential of zero charge, -(zeta RT/F + sigma/C_S): a metal in
equilibrium with its ions at the reference concentration has the inner potential of the bulk. The Stern
layer is a hundredth of lambda_D, so that it hides no error of the diffuse layer. What
both layers expel or attract, int (c_i - c_bulk) dx = int (c_i - c_bulk) dpsi/|dpsi/dx|, is added to the
initial concentration, so that the bulk ends at the concentration that was chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq

from thincell.studies import names
from thincell.studies.case import Case
from thincell.studies.manufactured import rate
from thincell.studies.profile import ion_profile, surface_charge
from thincell.studies.steady import Steady
from thincell.validation.rows import Row
from thincell.validation.theory.cases import FARADAY, THERMAL_VOLTAGE, column, dilute, plating
from thincell.validation.theory.plate import VACUUM_PERMITTIVITY

WATER, INDEX, BETA = 78.4, 1.33, 1.41e-8
AVOGADRO = 6.02214076e23
ENERGY = FARADAY * THERMAL_VOLTAGE

#: With the default mesh the charge is right to 3e-5, the profile to 7e-4.
MESH = {"layers": 60, "growth": 1.15, "double_layer_edge": 0.25, "double_layer_growth": 1.1}

#: Exchange current density [A.m-2]: fast, also where the layer has driven out the cations.
EXCHANGE = 1e6

#: Distance of the electrodes and thickness of the Stern layer in Debye lengths.
DISTANCE, STERN = 60.0, 1e-2

DIAMETERS = ("working_diameter", "counter_diameter", "separator_diameter")


@dataclass(frozen=True)
class Diffuse:
    """An exact diffuse layer: bulk concentrations [mol.m-3], cation first; diameter [m] of the ions."""

    charges: tuple[int, int] = (1, -1)
    concentrations: tuple[float, float] = (10.0, 10.0)
    diameter: float = 0.0
    booth: bool = False

    @property
    def volume(self) -> float:
        """v [m3.mol-1]."""
        return AVOGADRO * self.diameter**3

    @property
    def debye(self) -> float:
        """lambda_D [m]."""
        strength = sum(z**2 * c for z, c in zip(self.charges, self.concentrations, strict=True))
        return float(np.sqrt(WATER * VACUUM_PERMITTIVITY * THERMAL_VOLTAGE / (FARADAY * strength)))

    def _excess(self, psi: float) -> float:
        """sum c_i [exp(-z_i psi) - 1] [mol.m-3]."""
        pairs = zip(self.charges, self.concentrations, strict=True)
        return float(sum(c * np.expm1(-z * psi) for z, c in pairs))

    def ion(self, k: int, psi: float) -> float:
        """c_k [mol.m-3]."""
        boltzmann = self.concentrations[k] * np.exp(-self.charges[k] * psi)
        return float(boltzmann / (1 + self.volume * self._excess(psi)))

    def pressure(self, psi: float) -> float:
        """RT P [Pa]."""
        excess = self._excess(psi)
        if self.volume:
            excess = np.log1p(self.volume * excess) / self.volume
        return float(ENERGY * excess)

    def permittivity(self, field: float) -> float:
        """eps [F.m-1] at |E|."""
        x = BETA * field
        if not self.booth or x < 1e-5:
            return WATER * VACUUM_PERMITTIVITY
        share = 3 * (1 / np.tanh(x) - 1 / x) / x
        return float((INDEX**2 + (WATER - INDEX**2) * share) * VACUUM_PERMITTIVITY)

    def _maxwell(self, field: float) -> float:
        """int E' d(eps E') [Pa]."""
        energy = field**2 / 2 * WATER * VACUUM_PERMITTIVITY
        x = BETA * field
        if not self.booth or x < 1e-2:
            return energy
        logarithm = x + np.log1p(-np.exp(-2 * x)) - np.log(2 * x)
        stored = INDEX**2 * field**2 / 2 + (WATER - INDEX**2) * 3 / BETA**2 * logarithm
        return float(self.permittivity(field) * field**2 - VACUUM_PERMITTIVITY * stored)

    def field(self, psi: float) -> float:
        """|E| [V.m-1]."""
        pressure = self.pressure(psi)
        linear = np.sqrt(2 * pressure / (WATER * VACUUM_PERMITTIVITY))
        if not self.booth or BETA * linear < 1e-2:
            return float(linear)
        low, high = linear / 2, 50 * linear
        return float(brentq(lambda e: self._maxwell(e) - pressure, low, high, xtol=1e-9 * linear))

    def charge(self, zeta: float) -> float:
        """sigma of the metal [C.m-2]."""
        field = self.field(zeta)
        return float(np.sign(zeta) * self.permittivity(field) * field)

    def adsorbed(self, zeta: float) -> float:
        """int (c_anion - c_bulk) dx [mol.m-2] of one layer."""

        def integrand(psi: float) -> float:
            return (self.ion(1, psi) - self.concentrations[1]) * THERMAL_VOLTAGE / self.field(psi)

        value, _ = quad(integrand, 0.0, zeta, epsabs=0.0, epsrel=1e-10, limit=200)
        return float(np.sign(zeta) * value)


def case(layer: Diffuse, zeta: float, mesh: dict[str, Any]) -> dict[str, Any]:
    """The cell at rest with ``zeta`` at both reaction planes."""
    debye, (z, anion) = layer.debye, layer.charges
    length, capacitance = DISTANCE * debye, WATER * VACUUM_PERMITTIVITY / (STERN * debye)
    mean = layer.concentrations[1] + 2 * layer.adsorbed(zeta) / length
    crowd = 1 - layer.volume * sum(layer.concentrations)
    drop = zeta * THERMAL_VOLTAGE + layer.charge(zeta) / capacitance
    lithium = z == 1
    table = dilute(
        1e-9,
        1e-9,
        name="LiPF6-PC" if lithium else "Zn-OTf2-aq",
        concentration=f"{mean * -anion / z!r} mol/m^3",
        model="nernst-planck-poisson",
        relative_permittivity=WATER,
        permittivity="booth" if layer.booth else "constant",
    )
    ions = (("Li+", 1), ("PF6-", -1)) if lithium else (("Zn2+", 2), ("OTf-", -1))
    if layer.diameter:
        size = f"{layer.diameter!r} m"
        table["species"] = [{"name": name, "charge": charge, "diameter": size} for name, charge in ions]
    kinetics = {
        "reference_concentration": f"{layer.concentrations[0] / crowd!r} mol/m^3",
        "concentration_exponent": 0.5,
    }
    metal = {} if lithium else {"name": "Zn/Zn2+"}
    return {
        "cell": {**column(length), **dict.fromkeys(DIAMETERS, f"{1e3 * length!r} m")},
        "electrolyte": table,
        "reactions": {"plating": {**plating(EXCHANGE, kinetics=kinetics), **metal}},
        "double_layer": {
            "stern_capacitance": f"{capacitance!r} F/m^2",
            "potential_of_zero_charge": f"{-drop!r} V",
        },
        "protocol": [{"rest": True, "for": "1 s"}],
        "mesh": {
            "columns": 1,
            "diffuse_potential": f"{abs(zeta) * THERMAL_VOLTAGE!r} V",
            **mesh,
        },
    }


def at_rest(layer: Diffuse, zeta: float, mesh: dict[str, Any]) -> Steady:
    """Its equilibrium."""
    steady = Steady(Case.parse(case(layer, zeta, mesh)))
    steady.at_current(0.0)
    return steady


def charge_error(layer: Diffuse, zeta: float, mesh: dict[str, Any]) -> float:
    """Relative error of the charge of the working electrode."""
    exact = layer.charge(zeta)
    return abs(surface_charge(at_rest(layer, zeta, mesh).problem, "working") - exact) / abs(exact)


def rows() -> Iterator[Row]:
    """1:1 salt: charge, profile, bulk, orders; 2:1 salt, ions of finite size, Booth's permittivity."""
    for zeta in (1.0, 4.0, 8.0):
        yield from _symmetric(zeta)
        for order, refinements, least in ((1, (2, 4, 8), 1.85), (2, (1, 2, 4), 3.5)):
            yield _order(zeta, order, refinements, least)
    for zeta in (-3.0, 4.0):
        yield _charge("2:1 salt", Diffuse((2, -1), (5.0, 10.0)), zeta)
    for zeta in (4.0, 8.0):
        crowded = Diffuse(concentrations=(100.0, 100.0), diameter=6e-10)
        yield _charge("ions of 0.6 nm, 0.1 mol/L", crowded, zeta)
    for zeta in (4.0, -6.0):
        saturated = Diffuse(concentrations=(1000.0, 1000.0), booth=True)
        yield _charge("Booth's permittivity, 1 mol/L", saturated, zeta)


def _label(what: str, zeta: float) -> str:
    return f"Gouy-Chapman, {what}, zeta = {zeta:g} RT/F"


def _charge(what: str, layer: Diffuse, zeta: float) -> Row:
    steady = at_rest(layer, zeta, {**MESH, "double_layer_edge": 0.05 if layer.booth else 0.25})
    found = surface_charge(steady.problem, "working")
    return Row(_label(what, zeta), "surface charge [C/m2]", found, layer.charge(zeta), 1e-4)


def _symmetric(zeta: float) -> Iterator[Row]:
    """Charge against sinh, profile against tanh."""
    layer = Diffuse()
    steady = at_rest(layer, zeta, MESH)
    found = surface_charge(steady.problem, "working")
    energy = WATER * VACUUM_PERMITTIVITY * ENERGY * layer.concentrations[0]
    exact = float(np.sqrt(8 * energy) * np.sinh(zeta / 2))
    label = _label("1:1 salt", zeta)
    yield Row(label, "surface charge [C/m2]", found, exact, 1e-4)
    profile = ion_profile(steady.problem)
    z, psi = profile[names.Z.name], profile[names.INNER.name] / THERMAL_VOLTAGE
    near = z < 20 * layer.debye
    wanted = np.tanh(zeta / 4) * np.exp(-z[near] / layer.debye)
    deviation = float(np.max(np.abs(np.tanh(psi[near] / 4) - wanted)))
    yield Row(label, "tanh(psi/4), largest error", deviation, 0.0, 1e-4, absolute=True)
    middle = float(np.interp(z[-1] / 2, z, profile[names.concentration_of("Li+")]))
    yield Row(label, "c+ between the layers [mol/m3]", middle, layer.concentrations[0], 1e-4)


def _order(zeta: float, order: int, refinements: Sequence[int], least: float) -> Row:
    """Order in the first cell: all cells halve together, so their ratios become square roots."""
    errors = []
    for n in refinements:
        mesh = {
            "order": order,
            "layers": 16 * n,
            "growth": 1.4 ** (1 / n),
            "double_layer_edge": 1.0 / n,
            "double_layer_growth": 1.2 ** (1 / n),
        }
        errors.append(charge_error(Diffuse(), zeta, mesh))
    measured = rate([1.0 / n for n in refinements], errors)
    return Row(
        _label(f"P{order}", zeta), f"surface charge, first cell {1 / refinements[-1]:g} lambda_GC",
        errors[-1], 0.0, errors[0], True, measured, least,
    )  # fmt: skip
