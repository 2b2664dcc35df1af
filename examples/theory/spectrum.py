r"""The impedance of two plates: liquid, charge transfer beside a double layer, and diffusion.

    python examples/theory/spectrum.py

For a 1:1 salt between two electrodes of its metal, with s = sqrt(j omega L^2/4D),

    Z = L/(kappa + j omega eps) + 2/(1/R_ct + j omega C) + R_d tanh(s)/s,

R_ct = RT/(F i0), R_d = 2 RT (1 - t+)^2 L/(F^2 D c0), and for uncharged electrodes the Stern and the
diffuse layer in series are C = eps/lambda_D/(1 + delta).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import thincell

CELL = Path(__file__).with_name("plate-cell.toml")
DEBYE, DISTANCE, DIFFUSIVITY, DELTA, EXCHANGE = 9.614e-9, 96.14e-6, 1e-9, 0.1, 3.0
FARADAY, THERMAL_ENERGY, EPSILON = 96485.33212, 8.314462618 * 298.15, 78.4 * 8.8541878188e-12


def circuit(frequency: np.ndarray) -> np.ndarray:
    """Z [ohm m2] of the equivalent circuit."""
    omega = 2 * np.pi * frequency
    conductivity = 2 * FARADAY**2 * DIFFUSIVITY / THERMAL_ENERGY
    liquid = DISTANCE / (conductivity + 1j * omega * EPSILON)
    transfer = THERMAL_ENERGY / FARADAY**2 * FARADAY / EXCHANGE
    interface = 2 / (1 / transfer + 1j * omega * EPSILON / DEBYE / (1 + DELTA))
    s = np.sqrt(1j * omega * DISTANCE**2 / (4 * DIFFUSIVITY))
    diffusion = 2 * THERMAL_ENERGY * 0.25 * DISTANCE / (FARADAY**2 * DIFFUSIVITY) * np.tanh(s) / s
    return liquid + interface + diffusion


def main() -> float:
    """Largest deviation of the computed spectrum from the circuit, relative to |Z|."""
    settings = [
        f'reactions.plating.kinetics.exchange_current_density="{EXCHANGE} A/m^2"',
        f'cell.separator_thickness="{DISTANCE} m"',
        'impedance={from="10 mHz", to="100 kHz", points_per_decade=3}',
    ]
    spectrum = thincell.impedance(thincell.Case.load(CELL, settings))
    theory = circuit(spectrum.frequencies)
    print("  f [Hz]     Z [ohm cm2]                  circuit")
    for f, z, exact in zip(spectrum.frequencies, spectrum.area_specific, theory, strict=True):
        print(f"{f:9.3g}  {1e4 * z:24.5f}  {1e4 * exact:24.5f}")
    return float(np.max(np.abs(spectrum.area_specific - theory) / np.abs(theory)))


if __name__ == "__main__":
    print(f"largest deviation {main():.1e}")
