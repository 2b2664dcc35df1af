"""Coin-cell twins of the points: many points share one, which is made and run once."""

from __future__ import annotations

import json
from collections.abc import Callable

from thincell.studies.case import Case
from thincell.studies.schema.cell import CoinCell


class Twins:
    """Finds the twin of a case; ``ids`` are those found so far. Nothing happens if not ``wanted``."""

    def __init__(self, wanted: bool) -> None:
        self.wanted = wanted
        self.ids: set[str] = set()
        self._known: dict[str, str] = {}

    def id_of(self, case: Case, keep: Callable[[Case], str]) -> str:
        """Identity of a case's twin, "" if it has none; ``keep`` takes a new twin and gives its id."""
        if not self.wanted or isinstance(case.cell, CoinCell):
            return ""
        from thincell.studies.compare import nominal_density, twin

        data = case.identity()
        del data["cell"]
        data["mesh"] = case.mesh.order
        data["coin"] = case.compare.coin
        data["density"] = [
            (step.kind, nominal_density(case, step)) if step.kind in ("plate", "strip") else None
            for step in case.protocol
        ]
        data["protocol"] = [
            {key: value for key, value in step.items() if key not in ("plate", "strip")}
            for step in data["protocol"]
        ]
        key = json.dumps(data, sort_keys=True)
        if key not in self._known:
            self._known[key] = keep(twin(case))
            self.ids.add(self._known[key])
        return self._known[key]
