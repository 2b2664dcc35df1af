"""Electrolytes: stoichiometry, published values, dilute limit."""

from __future__ import annotations

import pytest

from thincell.model.constants import FARADAY, GAS_CONSTANT
from thincell.model.electrolyte import Salt
from thincell.studies import library
from thincell.studies.schema.electrolyte import ElectrolyteTable

MOLAR = 1000.0


def build(name: str, **changes: object):  # type: ignore[no-untyped-def]
    return ElectrolyteTable.model_validate({"name": name, **changes}).build()


def test_stoichiometry() -> None:
    for charges, numbers in (((1, -1), (1, 1)), ((2, -2), (1, 1)), ((2, -1), (1, 2)),
                             ((1, -2), (2, 1)), ((3, -2), (2, 3))):  # fmt: skip
        salt = Salt("M", "X", *charges)
        assert (salt.cation_number, salt.anion_number) == numbers
        assert salt.equivalents == charges[0] * numbers[0] == -charges[1] * numbers[1]


def test_landesfeind_values() -> None:
    """Table of reference values at 298.15 K: (c, kappa, D, t+)."""
    e = build("LiPF6-EC-DMC")
    for c, kappa, d, t in ((0.1, 0.374, 4.80e-10, 0.510), (0.5, 1.023, 3.84e-10, 0.420),
                           (1.0, 1.182, 2.905e-10, 0.325), (1.5, 1.000, 2.20e-10, 0.249),
                           (2.0, 0.731, 1.66e-10, 0.193)):  # fmt: skip
        assert e.ionic_conductivity(c * MOLAR) == pytest.approx(kappa, abs=6e-4)
        assert e.salt_diffusivity(c * MOLAR) == pytest.approx(d, rel=3e-3)
        assert e.cation_transference(c * MOLAR) == pytest.approx(t, abs=6e-4)


def test_valoen_reimers_values() -> None:
    e = build("LiPF6-EC-DMC-valoen-2005")
    assert e.ionic_conductivity(MOLAR) == pytest.approx(1.194, abs=5e-4)
    assert e.salt_diffusivity(MOLAR) == pytest.approx(3.22e-10, rel=2e-3)


def test_dilute_laws_are_nernst_einstein_and_nernst_hartley() -> None:
    plus, minus = 7e-10, 1.1e-9
    law = {"law": "dilute", "cation_diffusivity": f"{plus} m^2/s",
           "anion_diffusivity": f"{minus} m^2/s"}  # fmt: skip
    e = build("ZnSO4-aq", diffusivity=law, conductivity=law, transference_number=law,
              thermodynamic_factor=1)  # fmt: skip
    c, f2 = 10.0, FARADAY**2 / (GAS_CONSTANT * 298.15)
    assert e.ionic_conductivity(c) == pytest.approx(f2 * 4 * (plus + minus) * c, rel=1e-12)
    assert e.salt_diffusivity(c) == pytest.approx(4 * plus * minus / (2 * (plus + minus)), rel=1e-12)
    assert e.cation_transference(c) == pytest.approx(plus / (plus + minus), rel=1e-12)


def test_debye_length() -> None:
    """0.304 nm in 1 mol/L of a 1:1 salt in water, half of it for a 2:2 salt."""
    e = build("ZnSO4-aq", relative_permittivity=78.4)
    assert e.debye_length() == pytest.approx(0.304e-9 / 2, rel=2e-3)


@pytest.mark.parametrize("name", library.names("electrolytes"))
def test_library_electrolytes_are_physical(name: str) -> None:
    e = build(name)
    for k in range(1, 60):
        c = e.highest * 10 ** (-6 + k / 10)
        assert e.ionic_conductivity(c) > 0
        assert e.salt_diffusivity(c) > 0
        assert 0 <= e.cation_transference(c) < 1
    if not e.supported:  # conduction needs ions
        ratio = e.ionic_conductivity(1e-3 * e.highest * 1e-3) / e.ionic_conductivity(
            1e-3 * e.highest * 1e-2
        )
        assert ratio == pytest.approx(0.1, rel=0.1)


@pytest.mark.parametrize("kind", list(library.KINDS))
def test_every_library_value_has_a_source_and_a_confidence(kind: str) -> None:
    for name in library.names(kind):
        entry = library.load(kind, name)
        assert entry.provenance, f"{name} has no values with sources"
        for item in entry.provenance:
            assert item.source, f"{name}: {item.key} has no source"
            assert item.confidence in library.CONFIDENCES, f"{name}: {item.key}"
            if item.confidence == "assumed":
                assert item.range, f"{name}: {item.key} is assumed and has no range"
