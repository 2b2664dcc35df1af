"""The criteria of the published observations tell what was seen from what was not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from thincell.studies import names
from thincell.studies.case import Case
from thincell.studies.compare import twin
from thincell.studies.morphology.names import MEASURES, PIECES, TIP_RADIUS
from thincell.studies.results import Run
from thincell.studies.schema.errors import InputError
from thincell.validation.observations.outcome import Outcome, outcome
from thincell.validation.observations.published import HERE, OBSERVATIONS, Criterion
from thincell.validation.rows import finding
from thincell.validation.runner import OBSERVED, THEORY, choose

PLAIN = Outcome("film", 1e-6, 0.9, 1e-7, 1e-7)

#: For each criterion, outcomes that meet it; turned round or taken from another run they do not.
NEEDLES = [PLAIN, replace(PLAIN, spacing=5e-7), replace(PLAIN, spacing=1e-7, verdict="needle")]
BRANCHES = [PLAIN, replace(PLAIN, verdict="dendritic", least=0.01)]
TREES = [replace(PLAIN, verdict="globular"), replace(PLAIN, verdict="dendritic", radius=2e-7)]
MET = {
    "leenheer-2015": NEEDLES,
    "sasaki-2021": BRANCHES,
    "pu-2020": TREES,
    "wu-2017": [PLAIN],
}
SPOILT = {
    "leenheer-2015": [replace(o, spacing=1e-6, verdict="dendritic") for o in NEEDLES],
    "sasaki-2021": [replace(PLAIN, verdict="needle")] * 2,
    "pu-2020": [replace(PLAIN, verdict="needle")] * 2,
    "wu-2017": [replace(PLAIN, verdict="globular")],
}
CRITERIA = [(name, c) for name, criteria in OBSERVATIONS.items() for c in criteria]


@pytest.mark.parametrize(("name", "criterion"), CRITERIA, ids=lambda x: getattr(x, "seen", x))
def test_criterion(name: str, criterion: Criterion) -> None:
    assert criterion.test(MET[name])
    assert not criterion.test(SPOILT[name])
    assert criterion.told(MET[name]) != criterion.told(SPOILT[name])


@pytest.mark.parametrize("name", OBSERVATIONS)
def test_case_and_twin(name: str) -> None:
    case = Case.load(HERE / name / "case.toml")
    values = next(iter(case.compare.vary.values()), [None])
    assert len(values) == len(MET[name])
    kept = twin(case).deposit
    assert kept is not None
    assert case.deposit is not None
    assert kept.seeds == case.deposit.seeds
    assert "riteri" in (HERE / name / "README.md").read_text(encoding="utf-8")


def test_outcome() -> None:
    """Two pieces at the most on 4 um; half of the charge has passed at the second output."""
    case = Case.load(HERE / "wu-2017" / "case.toml")
    count = 3
    deposit = {m.name: np.ones(count) for m in MEASURES} | {
        names.TIME.name: np.array([0.0, 1.0, 2.0]),
        PIECES.name: np.array([1.0, 2.0, 1.0]),
        TIP_RADIUS.name: np.array([1e-7, 2e-7, 4e-7]),
    }
    history = {
        names.TIME.name: np.array([0.5, 1.0, 2.0]),
        names.CHARGE.name: np.array([-0.5, -1.0, -2.0]),
        names.LOWEST.name: np.array([400.0, 100.0, 200.0]),
    }
    found = outcome(Run(case, history=history, deposit=deposit))
    assert found.spacing == pytest.approx(2e-6)
    assert found.least == pytest.approx(0.25)
    assert (found.radius_before, found.radius) == (2e-7, 4e-7)


def test_rows() -> None:
    assert finding("", True).passed
    assert not finding("", False).passed


def test_choice() -> None:
    assert choose([], False) == list(THEORY)
    assert choose([], True) == [*THEORY, *OBSERVED]
    assert choose(["observations", "wu-2017"], False) == list(OBSERVED)
    assert list(OBSERVED) == list(OBSERVATIONS)
    with pytest.raises(InputError, match="leenheer-2015"):
        choose(["leenheer"], False)
