"""Impedance: what the validation rows do not touch, and the small parts that it is made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from thincell.solvers.impedance import _blocks, _doubled, peaks
from thincell.studies import names
from thincell.studies.case import Case
from thincell.studies.impedance import impedance
from thincell.studies.run import run
from thincell.validation.theory import exact
from thincell.validation.theory.cases import electrolyte, plating, strip

PLAIN = {"output": {"fields": False, "figures": False}}
H = 1e-6


def case(data: dict[str, Any]) -> Case:
    return Case.parse({**PLAIN, **data})


def test_equipotential_electrodes_have_the_primary_resistance() -> None:
    """Where nothing is stored, Z is that resistance at every frequency."""
    found = impedance(
        case(
            {
                "cell": strip(H, 1.0, 1.0, 1.0, 5.0),
                "electrolyte": electrolyte(model="ohmic"),
                "reactions": {"plating": plating(1.0, "equipotential")},
                "protocol": [{"hold": "10 mV", "for": "1 s"}],
                "mesh": {"edge": 1e-3, "order": 3},
                "impedance": {"from": "1 Hz", "to": "1 kHz", "points_per_decade": 1},
            }
        )
    )
    held, density = (
        found.point[f"Operating point: {n}"] for n in (names.POTENTIAL, names.CURRENT_DENSITY)
    )
    resistance = held / (density * found.area)
    assert found.impedance == pytest.approx([resistance] * 4, rel=1e-10)
    kappa, length = 1.0, 1e-3
    assert resistance == pytest.approx(
        exact.strip_resistance(1.0, 1.0, 1.0) / (kappa * length), rel=5e-4
    )
    assert found.peaks == []


CHIP = {
    "cell": {
        **strip(H, 2.0, 2.0, 4.0, 3.0),
        "ends": "reservoir",
        "reference": {"width": f"{H!r} m", "gap": f"{H!r} m"},
    },
    "electrolyte": electrolyte(thermodynamic_factor=1.5),
    "reactions": {"plating": plating(3000.0, kinetics={"concentration_exponent": 0.3})},
    "mesh": {"edge": 0.1, "columns": 4, "layers": 3},
}


def steady(potential: float) -> tuple[Case, float, float]:
    """A chip with a reference electrode and open ends, held until steady: (case, E, i)."""
    held = case({**CHIP, "protocol": [{"hold": f"{potential!r} V", "for": "10 s"}]})
    end = run(held).history
    return (
        held,
        float(end[names.POTENTIAL.name][-1]),
        float(end[names.CURRENT_DENSITY.name][-1]),
    )


def test_low_frequency_limit_is_the_slope_of_the_steady_curve() -> None:
    """Against a reference electrode, in a cell with open ends, under current."""
    step = 5e-4
    held, _, _ = steady(-0.05)
    (_, above, high), (_, below, low) = steady(-0.05 + step), steady(-0.05 - step)
    slow = {"from": "0.1 mHz", "to": "0.1 mHz"}
    found = impedance(held.changed({"impedance": slow}))
    assert found.area_specific[0].real == pytest.approx((above - below) / (high - low), rel=1e-5)
    assert abs(found.area_specific[0].imag) < 1e-3 * found.area_specific[0].real
    potential = found.point["Operating point: Electrode potential [V]"]
    assert potential == pytest.approx(-0.05, abs=1e-9)


def test_steps_in_time_give_the_same_as_frequencies() -> None:
    """A small step of the current after rest: its end and its beginning are the ends of the spectrum."""
    rest = {"rest": True, "for": "1 ms"}
    table = {"from": "0.1 mHz", "to": "1 MHz", "points_per_decade": 1}
    found = impedance(case({**CHIP, "protocol": [rest], "impedance": table}))
    current = 1.0
    strip_ = {"strip": f"{current!r} A/m^2", "for": "10 s"}
    small = case({**CHIP, "protocol": [rest, strip_], "solver": {"first_step": "1 us"}})
    history = run(small).history
    potential = history[names.POTENTIAL.name][history[names.STEP.name] == 2]
    z = found.area_specific.real
    assert potential[-1] / current == pytest.approx(z[-1], rel=1e-3)
    assert z[0] < potential[0] / current < z[0] + 0.05 * (z[-1] - z[0])


def test_doubled_matrix() -> None:
    """Real and imaginary parts side by side, with an empty row among the rows."""
    dense = np.array([[1.0, 0, 2], [0, 0, 0], [3, 4, 5]])
    starts, columns = np.array([0, 2, 2, 5], dtype=np.int32), np.array([0, 2, 0, 1, 2], dtype=np.int32)
    real = dense[[0, 0, 2, 2, 2], columns]
    imaginary = 10 * real
    rows, twice = _doubled(starts, columns)
    values = _blocks(starts, real, -imaginary, imaginary, real)
    made = np.zeros((6, 6))
    for k in range(6):
        assert sorted(twice[rows[k] : rows[k + 1]]) == list(twice[rows[k] : rows[k + 1]])
        made[k, twice[rows[k] : rows[k + 1]]] = values[rows[k] : rows[k + 1]]
    assert np.array_equal(made, np.kron(dense, np.array([[1.0, -10.0], [10.0, 1.0]])))


def test_peaks_of_two_arcs() -> None:
    """R parallel to C: -Im has its maximum R/2 at 1/(2 pi R C), wherever the samples are."""

    def z(f: float) -> complex:
        return 1 + 2 / (1 + 1j * f / 3.3) + 1 / (1 + 1j * f / 4.7e4)

    f = np.geomspace(1e7, 1e-3, 41)
    found = peaks(z, f, np.array([z(value) for value in f]))
    assert found == pytest.approx([3.3, 4.7e4], rel=1e-3)
    assert peaks(lambda f: 1 + 0j, f, np.ones(41, dtype=complex)) == []


@pytest.mark.parametrize(
    ("table", "count", "lowest"),
    [
        ({}, 91, 1e-3),
        ({"from": "1 Hz", "to": "3 Hz", "points_per_decade": 10}, 6, 1.0),
        ({"from": "50 Hz", "to": "50 Hz"}, 1, 50.0),
    ],
)
def test_frequencies(table: dict[str, Any], count: int, lowest: float) -> None:
    parsed = case({**CHIP, "protocol": [{"rest": True, "for": "1 s"}], "impedance": table}).impedance
    assert parsed is not None
    found = parsed.frequencies()
    assert len(found) == count
    assert found[0] == parsed.highest
    assert found[-1] == lowest == parsed.lowest
    assert np.all(np.diff(found) < 0)
