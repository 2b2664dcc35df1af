"""Electrode reactions between many ions: what an irreversible one feels."""

from __future__ import annotations

import math
from typing import Any

import pytest

from thincell.model.ionic_reactions import IonicReaction
from thincell.model.kinetics import ButlerVolmer, Tafel
from thincell.model.reactions import ExchangeCurrentDensity, Reaction
from thincell.model.scales import Scales
from thincell.model.units import parse

SCALES = Scales(length=1.0, concentration=1.0, diffusivity=1.0, potential=1.0, equivalents=1.0)
CHARGES = (1, -1)


def reaction(kinetics: Any, release: tuple[float, ...], reactant: int | None) -> IonicReaction:
    exchange = ExchangeCurrentDensity(1.0, 1.0, 0.5 if reactant is not None else 0.0)
    return IonicReaction(Reaction("r", "side", 1, (1,), kinetics, exchange), release, reactant)


def current(r: IonicReaction, metal: float, c: tuple[float, float], zeta: float = 0.0) -> float:
    """Current density behind a diffuse layer outside which the ions are c."""
    at_plane = [math.log(value) - z * zeta for value, z in zip(c, CHARGES, strict=True)]
    return float(r.current_density(metal, zeta, at_plane, SCALES))


@pytest.mark.parametrize("c", [(1.0, 1.0), (1e-3, 0.2)])
@pytest.mark.parametrize(("direction", "metal"), [("cathodic", -60.0), ("anodic", 60.0)])
def test_tafel_plating_is_the_far_limit_of_butler_volmer(
    direction: Any, metal: float, c: tuple[float, float]
) -> None:
    reversible = reaction(ButlerVolmer(0.5, 0.5), (1.0, 0.0), 0)
    wanted = current(reversible, metal, c)
    assert current(reaction(Tafel(direction), (1.0, 0.0), 0), metal, c) == pytest.approx(wanted, 1e-9)


def test_an_ion_that_is_used_up_stops_an_irreversible_reaction() -> None:
    protons = reaction(Tafel("cathodic"), (1.0, 0.0), 0)
    ratio = current(protons, -9.0, (1e-6, 1.0)) / current(protons, -9.0, (1.0, 1.0))
    assert ratio == pytest.approx(1e-6)  # first order: 0.5 by i0, 0.5 by eta


def test_water_does_not_feel_hydroxide_but_the_diffuse_layer() -> None:
    water = reaction(Tafel("cathodic"), (0.0, -1.0), None)
    assert current(water, -9.0, (1.0, 1e-6)) == current(water, -9.0, (1.0, 1.0))
    ratio = current(water, -9.0, (1.0, 1.0), zeta=-2.0) / current(water, -9.0, (1.0, 1.0))
    assert ratio == pytest.approx(math.exp(-1.0))


def test_a_rate_constant_of_first_order_in_words() -> None:
    assert parse("5 1/s", "1/s") == parse("5 s^-1", "1/s") == 5.0
