r"""Randles circuit: impedance of a cell with resolved double layers (nernst-planck-poisson).

A 1:1 salt of 10 mmol/L between two electrodes of its metal, with Stern layers of capacitance C_S and a
potential of zero charge that sets the charge of the metal. By Gouy, Chapman and Stern the potential zeta
of the diffuse layer solves C_S (E - E_pzc - phi - zeta) = sigma(zeta), and an electrode has

    C_D = (eps/lambda_D) cosh(zeta/2),   1/C_dl = 1/C_S + 1/C_D,   R_ct = RT/(F i_0 (c_s/c_ref)^gamma)

with c_s = c exp(-zeta) at the reaction plane (Frumkin). The circuit is

    Z = L/(kappa + j omega eps) + 2 / [1/(R_ct + W/2) + j omega C_dl],      W = R_d tanh(s)/s

with kappa + j omega eps for the displacement current in the bulk: 4 % of the current at 1 MHz.

The circuit takes for granted that the double layer is charged by both ions in the proportion in which
they carry the current. What thin double layers do is this: diffuse layers in equilibrium hold the excess
Gamma of each ion, c outside them obeys the diffusion equation, and

    N_i = nu_i j/F - j omega dGamma_i,   Gamma_i = 2 lambda_D c [exp(-z_i zeta/2) - 1]
    dj = (RT/F) d(eta)/R_ct,             C_S d(E - phi - zeta) = -F d(Gamma_+ - Gamma_-)

(five linear equations per frequency, from those of `model.nernst_planck`). They are exact but
for terms of the order of lambda_D/L. Salt that the layers took in is missing outside: its concentration
there follows from the number of anions, which stays.

Under current the limit at low frequency is the slope of the simulator's own steady curve.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from thincell.studies import names
from thincell.studies.impedance import Spectrum
from thincell.validation.rows import Row
from thincell.validation.theory.cases import (
    FARADAY,
    THERMAL_VOLTAGE,
    column,
    dilute,
    plating,
    solve,
)
from thincell.validation.theory.impedance import deviation, measure

Complex = NDArray[np.complex128]

CATION, ANION = 1e-9, 2e-9
DIFFUSIVITY = 2 * CATION * ANION / (CATION + ANION)
TRANSFERENCE = CATION / (CATION + ANION)
CONCENTRATION = 10.0
RELATIVE_PERMITTIVITY = 78.4
PERMITTIVITY = RELATIVE_PERMITTIVITY * 8.8541878188e-12
STERN = 0.2
EXCHANGE, EXPONENT = 100.0, 0.5
RANGE = {"from": "0.1 Hz", "to": "10 MHz", "points_per_decade": 10}


@dataclass(frozen=True)
class Cell:
    """Length [m] and potential of zero charge [V] of both electrodes."""

    length: float
    zero_charge: float

    @cached_property
    def outside(self) -> float:
        """c outside the double layers [mol/m3]."""

        def missing(c: float) -> float:
            taken = 4 * self._debye(c) * c * np.expm1(self._zeta(c) / 2)
            return float((c - CONCENTRATION) * self.length + taken)

        return float(brentq(missing, 0.3 * CONCENTRATION, 3 * CONCENTRATION, xtol=1e-14))

    @staticmethod
    def _debye(c: float) -> float:
        return float(np.sqrt(PERMITTIVITY * THERMAL_VOLTAGE / (2 * FARADAY * c)))

    def _zeta(self, c: float) -> float:
        drop = -self.zero_charge / THERMAL_VOLTAGE + np.log(c / CONCENTRATION)
        unit = np.sqrt(8 * PERMITTIVITY * THERMAL_VOLTAGE * FARADAY * c)
        stern = STERN * THERMAL_VOLTAGE
        return float(brentq(lambda z: stern * (drop - z) - unit * np.sinh(z / 2), -30, 30, xtol=1e-14))

    @property
    def zeta(self) -> float:
        """Of the diffuse layers [RT/F]."""
        return self._zeta(self.outside)

    @property
    def debye(self) -> float:
        """lambda_D [m]."""
        return self._debye(self.outside)

    @property
    def capacitance(self) -> float:
        """C_dl [F/m2]."""
        diffuse = PERMITTIVITY / self.debye * np.cosh(self.zeta / 2)
        return float(STERN * diffuse / (STERN + diffuse))

    @property
    def charge_transfer(self) -> float:
        """R_ct [ohm m2]."""
        at_plane = self.outside / CONCENTRATION * np.exp(-self.zeta)
        return float(THERMAL_VOLTAGE / (EXCHANGE * at_plane**EXPONENT))

    @property
    def conductivity(self) -> float:
        """kappa [S/m]."""
        return FARADAY * (CATION + ANION) * self.outside / THERMAL_VOLTAGE

    @property
    def diffusion(self) -> float:
        """R_d [ohm m2]."""
        share = (1 - TRANSFERENCE) ** 2
        return 2 * THERMAL_VOLTAGE * share * self.length / (FARADAY * DIFFUSIVITY * self.outside)

    def bulk(self, frequency: Any) -> Any:
        """L/(kappa + j omega eps) [ohm m2]."""
        return self.length / (self.conductivity + 2j * np.pi * frequency * PERMITTIVITY)

    def circuit(self, frequency: Any) -> Complex:
        """Z of the Randles circuit [ohm m2]."""
        omega = 2 * np.pi * frequency
        s = np.sqrt(1j * omega * self.length**2 / (4 * DIFFUSIVITY))
        faradaic = self.charge_transfer + self.diffusion * np.tanh(s) / s / 2
        return np.asarray(self.bulk(frequency) + 2 / (1 / faradaic + 1j * omega * self.capacitance))

    def thin_layers(self, frequency: Any) -> Complex:
        """Z of thin double layers [ohm m2]."""
        return np.array([self._thin_layers(float(f)) for f in frequency])

    def _thin_layers(self, frequency: float) -> complex:
        """Unknowns: c, E, phi outside, zeta, j at the left electrode, for a current density of 1.

        By symmetry all but j vanish halfway.
        """
        rate, c, zeta = 2j * np.pi * frequency, self.outside, self.zeta
        p = np.sqrt(rate / DIFFUSIVITY)
        gradient = DIFFUSIVITY * p / np.tanh(p * self.length / 2)
        up, down = np.exp(-zeta / 2), np.exp(zeta / 2)
        by_c = self.debye * (up - 1), self.debye * (down - 1)
        by_zeta = -self.debye * c * up, self.debye * c * down
        stern = STERN * THERMAL_VOLTAGE
        matrix = [
            [(CATION - ANION) / ((CATION + ANION) * c), 0, 1, 0, 0],
            [gradient + rate * by_c[0], 0, 0, rate * by_zeta[0], -1 / FARADAY],
            [gradient + rate * by_c[1], 0, 0, rate * by_zeta[1], 0],
            [1 / c, -1, 1, 0, self.charge_transfer / THERMAL_VOLTAGE],
            [
                FARADAY * (by_c[0] - by_c[1]),
                stern,
                -stern,
                FARADAY * (by_zeta[0] - by_zeta[1]) - stern,
                0,
            ],
        ]
        ohmic = self.bulk(frequency) / (2 * THERMAL_VOLTAGE)
        right = [ohmic, -TRANSFERENCE / FARADAY, (1 - TRANSFERENCE) / FARADAY, 0, 0]
        solution = np.linalg.solve(np.array(matrix, dtype=complex), np.array(right, dtype=complex))
        return complex(2 * THERMAL_VOLTAGE * solution[1])

    def case(self, potential: float | None = None) -> dict[str, Any]:
        """At rest, or held at a potential [V] until steady."""
        until = f"{10 * self.length**2 / DIFFUSIVITY!r} s"
        step: dict[str, Any] = {"rest": True} if potential is None else {"hold": f"{potential!r} V"}
        kinetics = {
            "concentration_exponent": EXPONENT,
            "reference_concentration": f"{CONCENTRATION!r} mol/m^3",
        }
        salt = {
            "concentration": f"{CONCENTRATION!r} mol/m^3",
            "relative_permittivity": RELATIVE_PERMITTIVITY,
        }
        return {
            "cell": column(self.length),
            "electrolyte": dilute(CATION, ANION, model="nernst-planck-poisson", **salt),
            "reactions": {"plating": plating(EXCHANGE, kinetics=kinetics)},
            "double_layer": {
                "stern_capacitance": f"{STERN!r} F/m^2",
                "potential_of_zero_charge": f"{self.zero_charge!r} V",
            },
            "protocol": [{**step, "for": until}],
            "mesh": {"columns": 1, "layers": 24},
            "impedance": RANGE,
        }

    def spectrum(self) -> Spectrum:
        """What the simulator says about the cell at rest."""
        return measure(self.case())


def rows() -> Iterator[Row]:
    """Uncharged and charged metal; the error of thin double layers against lambda_D/L; a current."""
    cells = [Cell(length, 0.0) for length in (3e-6, 1e-5, 3e-5)]
    found = [cell.spectrum() for cell in cells]
    yield from _circuit("Randles, uncharged metal", cells[-1], found[-1])
    errors = [deviation(s, cell.thin_layers) for s, cell in zip(found, cells, strict=True)]
    thickness = [cell.debye / cell.length for cell in cells]
    order = float(np.polyfit(np.log(thickness), np.log(errors), 1)[0])
    label = "thin double layers, L/lambda_D = 1e3 to 1e4"
    yield Row(
        label, "largest |dZ|/|Z| at 1e4", errors[-1], 0.0, 1e-3,
        absolute=True, order=order, least_order=0.9,
    )  # fmt: skip
    charged = Cell(1e-5, -0.1)
    spectrum = charged.spectrum()
    yield from _circuit(f"Randles, zeta = {charged.zeta:.3g} RT/F", charged, spectrum)
    error = deviation(spectrum, charged.thin_layers)
    label = f"thin double layers, zeta = {charged.zeta:.3g} RT/F"
    yield Row(label, "largest |dZ|/|Z|", error, 0.0, 3e-3, absolute=True)

    yield from _under_current(Cell(3e-6, -0.05), -0.05)


def _under_current(cell: Cell, potential: float) -> Iterator[Row]:
    """The low-frequency limit under current against the slope of the steady curve, of fourth order."""
    slow = {**cell.case(potential), "impedance": {"from": "0.1 Hz", "to": "0.1 Hz"}}
    found = measure(slow)
    step, current = 5e-4, {}
    for k in (-2, -1, 1, 2):
        history = solve(cell.case(potential + k * step)).history
        current[k] = float(history[names.CURRENT_DENSITY.name][-1])
    slope = 12 * step / (current[-2] - 8 * current[-1] + 8 * current[1] - current[2])
    label = f"charged metal held at {1e3 * potential:g} mV"
    yield Row(label, "Z at 0.1 Hz: dE/di [ohm m2]", float(found.area_specific[0].real), slope, 1e-5)


def _circuit(label: str, cell: Cell, found: Spectrum) -> Iterator[Row]:
    """All frequencies, and the circuit's elements read off the spectrum."""
    error = deviation(found, cell.circuit)
    yield Row(label, "largest |dZ|/|Z|, 0.1 Hz to 10 MHz", error, 0.0, 1e-2, absolute=True)
    z, f = found.area_specific, found.frequencies
    transfer = (float(z[-1].real) - cell.length / cell.conductivity - cell.diffusion) / 2
    yield Row(label, "R_ct [ohm m2] (0.1 Hz)", transfer, cell.charge_transfer, 1e-2)
    fast = int(np.argmin(np.abs(np.log(f / 1e5))))
    interface = 2 / (z[fast] - cell.bulk(f[fast]))
    capacitance = float(interface.imag) / (2 * np.pi * float(f[fast]))
    yield Row(label, "C_dl [F/m2] (100 kHz)", capacitance, cell.capacitance, 1e-2)
