"""The models of `compare.models`: the same cell and the same ions, so that they can be compared.

Every member follows the same ions, those of electrolyte.species or the two of the salt, each with the
flux of dilute solution theory. What is left as a difference is the space charge alone:

    electroneutral               sum z_i c_i = 0 up to the metal; no double layer
    electroneutral with closure  the same, and the Gouy-Chapman-Stern closure on the electrodes
    nernst-planck-poisson        Poisson's equation, the double layers resolved
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from thincell.studies import output
from thincell.studies.case import Case, InputError
from thincell.studies.difference_words import words
from thincell.studies.differences import Difference, difference
from thincell.studies.outcome import Outcome
from thincell.studies.results import Run
from thincell.studies.schema.case import CLOSURE

#: The file of what `compare.models` found.
DIFFERENCES = "differences.json"

#: Output times of the first stage, when the case asks for none: of every decade these.
DECADES, OF_EACH = range(-8, 0), (1, 3)


def members(case: Case) -> list[tuple[str, Case]]:
    """(model, case) of each model in compare.models; InputError where a model cannot have this case."""
    return [(model, member(case, model)) for model in case.compare.models]


def member(case: Case, model: str) -> Case:
    """The case with another model and the same ions. Nothing else of it is changed, except that
    outputs are added at early times, when double layers are charged, unless output.times is given."""
    table = case.electrolyte
    if table.kind == "supported":
        raise InputError(
            "compare.models: in a supported electrolyte (kind = 'supported') only the reactant is"
            " followed, and there is no charge to compare; list all ions of a binary salt in"
            " electrolyte.species"
        )
    if case.electrolyte.model == "ohmic":
        raise InputError(
            "compare.models: the case has electrolyte.model = 'ohmic', and its kinetics and protocol"
            " may be for that alone; give it one of the models to be compared"
        )
    data = case.portable()
    data.pop("compare", None)
    electrolyte = data["electrolyte"]
    electrolyte["model"] = "electroneutral" if model == CLOSURE else model
    if not electrolyte.get("species"):
        salt = table.salt
        electrolyte["species"] = [
            {"name": salt.cation, "charge": salt.cation_charge},
            {"name": salt.anion, "charge": salt.anion_charge},
        ]
    if model == "electroneutral":
        data.pop("double_layer", None)
    else:
        data.setdefault("double_layer", {})
    if not case.output.times:
        data["output"]["times"] = _early(case)
    data["title"] = f"{case.title} ({model})"
    try:
        return type(case).parse(data)
    except InputError as error:
        lines = str(error).splitlines()
        raise InputError("\n".join(f"compare.models, {model}: {line}" for line in lines)) from None


def _early(case: Case) -> list[str]:
    """Two times in each decade of the protocol's first step, from 1e-8 s on."""
    first = case.protocol[0].duration
    times = [mantissa * 10.0**decade for decade in DECADES for mantissa in OF_EACH]
    end = times[-1] if first is None else first
    return [f"{time:.0e} s" for time in times if time < 0.9 * end]


def conclude(named: Sequence[tuple[str, Run]], tolerance: float) -> list[Difference]:
    """Every model against the last one."""
    if len(named) < 2:
        return []
    judged = [(model, Outcome(run)) for model, run in named]
    reference = judged.pop()
    found = []
    for one in judged:
        item = difference(one, reference, tolerance)
        item.words = words(item, one[1], reference[1])
        found.append(item)
    return found


def write(folder: Path, found: Sequence[Difference], tolerance: float) -> dict[str, Any]:
    """differences.json, and what comparison.json repeats of it: scalars and sentences."""
    whole = {"Tolerance": tolerance, "differences": [item.record() for item in found]}
    output.write_json(folder / DIFFERENCES, whole)
    return {
        "tolerance": tolerance,
        "differences": [
            {"model": item.model, "reference": item.reference, **item.scalars(), "in words": item.words}
            for item in found
        ],
    }
