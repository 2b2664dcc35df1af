r"""Flow through flat channels and what it brings to an electrode on their wall: plain numbers in SI.

Creeping flow through a rectangular channel of width w and height h <= w under dp/dx:

    Q = w h^3/(12 mu) |dp/dx| s,    s = 1 - (192/pi^5)(h/w) sum_{n odd} tanh(n pi w/2h)/n^5,

s = 1 for a slit (lubrication); White, Viscous Fluid Flow, ch. 3. Channels side by side between the same two
pressures share the flow by their conductances.

A band of length l in the wall takes all that it can (c = 0 on it) from a stream of mean velocity U:

* Leveque: the layer that it empties is thin against h, U h^2/(D l) >> 1,
  i = 0.8075 z F D^(2/3) (6U/h l)^(1/3) c0 (mean over the band);
* consumption: it empties the stream, U h^2/(D l) << 1, i = z F c0 U h/l,

both divided by 1 - t+ in a binary salt. 0.8075 = 3/(2 9^(1/3) Gamma(4/3)) (Leveque 1928; Newman,
Electrochemical Systems, ch. 17).
"""

from __future__ import annotations

import math

from thincell.model.constants import FARADAY

#: 3/(2 9^(1/3) Gamma(4/3)).
LEVEQUE = 1.5 / (9 ** (1 / 3) * math.gamma(4 / 3))

_TERMS = 25


def slit_share(width: float, height: float) -> float:
    """s: flow through a rectangle over that through a slit of its width and height."""
    long, short = max(width, height), min(width, height)
    odd = range(1, 2 * _TERMS, 2)
    waves = sum(math.tanh(n * math.pi * long / (2 * short)) / n**5 for n in odd)
    return 1 - 192 / math.pi**5 * short / long * waves


def conductance(width: float, height: float, length: float) -> float:
    """Q mu/(pressure drop) [m3] of a straight rectangular channel."""
    long, short = max(width, height), min(width, height)
    return long * short**3 / (12 * length) * slit_share(width, height)


def leveque(
    velocity: float,
    height: float,
    length: float,
    diffusivity: float,
    cations: float,
    transference: float,
    charge: int,
) -> float:
    """Mean limiting current density [A.m-2] of a band under a thin diffusion layer."""
    shear = 6 * velocity / height
    flux = LEVEQUE * diffusivity ** (2 / 3) * (shear / length) ** (1 / 3) * cations
    return charge * FARADAY * flux / (1 - transference)


def consumption(
    velocity: float, height: float, length: float, cations: float, transference: float, charge: int
) -> float:
    """Mean limiting current density [A.m-2] of a band that takes all the stream brings."""
    return charge * FARADAY * cations * velocity * height / length / (1 - transference)
