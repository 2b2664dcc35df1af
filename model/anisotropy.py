r"""How a property of a metal's surface depends on its orientation: factors f(n), 1 on average.

n is the unit normal, in two or three dimensions; the crystal's axes are turned by ``angle`` [rad] from x
(in the section's plane). Used for the rate (kinetic anisotropy) and for the surface energy, whose
stiffness f + f'' stays positive, and every orientation present, for strengths below 1/(m^2 - 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from thincell.model.ops import Law, Value


class Anisotropy(Protocol):
    """A factor that depends on the normal."""

    def __call__(self, n: Any) -> Value:
        """f(n)."""

    def on(self, domain: object) -> Law:
        """The same law with constants of a mesh."""


@dataclass(frozen=True)
class Isotropic(Law):
    """f = 1."""

    def __call__(self, n: Any) -> Value:
        return 1.0


def _turned(n: Any, angle: Value) -> list[Value]:
    """Components of n in the crystal's frame."""
    import ufl  # `check` reads a case without it

    c, s = ufl.cos(angle), ufl.sin(angle)
    rest = [n[k] for k in range(2, len(n))]
    return [c * n[0] + s * n[1], c * n[1] - s * n[0], *rest]


@dataclass(frozen=True)
class FourFold(Law):
    """f = 1 + e cos 4 theta = 1 + e (4 sum n_i^4 - 3): cubic, also in three dimensions."""

    strength: float
    angle: Any = 0.0

    def __call__(self, n: Any) -> Value:
        return 1 + self.strength * (4 * sum(k**4 for k in _turned(n, self.angle)) - 3)


@dataclass(frozen=True)
class SixFold(Law):
    """f = 1 + e cos 6 theta = 1 + e (32 n_x^6 - 48 n_x^4 + 18 n_x^2 - 1): the basal plane."""

    strength: float
    angle: Any = 0.0

    def __call__(self, n: Any) -> Value:
        x = _turned(n, self.angle)[0]
        return 1 + self.strength * (32 * x**6 - 48 * x**4 + 18 * x**2 - 1)


@dataclass(frozen=True)
class Hexagonal(Law):
    """f = 1 + e (2 n_c^2 - 1) = 1 + e cos 2 theta: a crystal axis c, faster (e > 0) along it."""

    strength: float
    angle: Any = 0.0

    def __call__(self, n: Any) -> Value:
        return 1 + self.strength * (2 * _turned(n, self.angle)[0] ** 2 - 1)


#: Kinds of the case file, and the m of cos m theta.
KINDS: dict[str, tuple[type[Any], int]] = {
    "4-fold": (FourFold, 4),
    "cubic": (FourFold, 4),
    "6-fold": (SixFold, 6),
    "hexagonal": (Hexagonal, 2),
}
