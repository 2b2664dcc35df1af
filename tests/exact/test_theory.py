"""Every benchmark of `thincell validate --theory` is also a test."""

from __future__ import annotations

import pytest

from thincell.validation.runner import THEORY, module_of

#: These take minutes each; smaller ones of their kind are tests of their own.
LONG = ("deposit", "comb", "corner", "views")

CASES = [
    pytest.param(name, marks=pytest.mark.slow) if name.startswith(LONG) else name for name in THEORY
]


@pytest.mark.parametrize("name", CASES)
def test_benchmark(name: str) -> None:
    rows = list(module_of(name).rows())
    failed = [f"{row.case}: {row.quantity}: {row.computed:.9g} for {row.exact:.9g}, error"
              f" {row.error:.2e} > {row.tolerance:.1e}, order {row.order}"
              for row in rows if not row.passed]  # fmt: skip
    assert rows
    assert not failed, "\n".join(failed)
