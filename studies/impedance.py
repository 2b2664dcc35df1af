"""Impedance spectra: the cell as it stands at the end of the protocol, linearised.

The protocol brings the cell to its operating point: a rest to equilibrium, a constant current or
potential to a steady state. There the equations are linearised (`solvers/impedance.py`) and solved at
each frequency. The reading is the potentiostat's: the working electrode against the reference electrode
if there is one, else against the counter electrode, over the current through the working electrode.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mpi4py import MPI

import numpy as np
from numpy.typing import NDArray

from thincell.solvers.failure import NotConverged
from thincell.solvers.impedance import SmallSignal, peaks
from thincell.studies import names, output
from thincell.studies.case import Case
from thincell.studies.opening import Opened, opened
from thincell.studies.parallel import on_root
from thincell.studies.problem import Problem
from thincell.studies.progress import Progress
from thincell.studies.results import RunFailed
from thincell.studies.run import Runner
from thincell.studies.schema.impedance import ImpedanceTable
from thincell.studies.stopping import Never, Stopping
from thincell.studies.wording import quantity

Complex = NDArray[np.complex128]

#: The spectrum in a run's folder, and its scalars: written last, they say that the spectrum is whole.
TABLE, RECORD = "impedance.csv", "impedance.json"

#: Change of concentrations in one period of the lowest frequency, relative to the initial ones, above
#: which the operating point counts as moving.
STILL = 0.01


@dataclass
class Spectrum:
    """Impedance against frequency, the same on every rank.

    ``frequencies`` [Hz], the highest first; ``impedance`` [ohm]; ``area`` [m2], the nominal one of the
    working electrode; ``peaks`` [Hz], where -Im Z has its maxima, ascending; ``point`` describes the
    operating point with units in the names.
    """

    case: Case
    frequencies: NDArray[np.float64]
    impedance: Complex
    area: float
    peaks: list[float] = field(default_factory=list)
    peak_heights: list[float] = field(default_factory=list)
    point: dict[str, float] = field(default_factory=dict)
    folder: Path | None = None

    @property
    def area_specific(self) -> Complex:
        """Impedance times nominal area [ohm.m2]."""
        return self.impedance * self.area

    def columns(self) -> dict[str, NDArray[Any]]:
        """The columns of impedance.csv."""
        z = self.area_specific
        values = (
            self.frequencies, z.real, z.imag, np.abs(z), np.degrees(np.angle(z)),
            self.impedance.real, self.impedance.imag,
        )  # fmt: skip
        return {name.name: v for name, v in zip(names.SPECTRUM, values, strict=True)}

    def summary(self) -> dict[str, Any]:
        """The scalars of impedance.json."""
        z = self.area_specific
        main = max(zip(self.peak_heights, self.peaks, strict=True), default=(None, None))
        return {
            "Title": self.case.title,
            "Nominal area [m2]": self.area,
            "Number of frequencies": len(z),
            "High-frequency resistance [ohm.m2]": float(z[0].real),
            "Low-frequency resistance [ohm.m2]": float(z[-1].real),
            "Highest frequency [Hz]": float(self.frequencies[0]),
            "Lowest frequency [Hz]": float(self.frequencies[-1]),
            "Peak frequency [Hz]": main[1],
            "Height of the peak [ohm.m2]": main[0],
            "Peak frequencies [Hz]": self.peaks,
            "Heights of the peaks [ohm.m2]": self.peak_heights,
            **self.point,
        }

    @classmethod
    def load(cls, folder: str | Path) -> Spectrum:
        """Read the spectrum of a folder."""
        folder = Path(folder)
        table = output.read_columns(folder / TABLE)
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        total = (table[name.name] for name in (names.TOTAL_RESISTANCE, names.TOTAL_REACTANCE))
        real, imaginary = total
        return cls(
            case=Case.load(folder / "case.toml"),
            frequencies=table[names.FREQUENCY.name],
            impedance=real + 1j * imaginary,
            area=record["Nominal area [m2]"],
            peaks=record["Peak frequencies [Hz]"],
            peak_heights=record["Heights of the peaks [ohm.m2]"],
            point={key: value for key, value in record.items() if key.startswith(POINT)},
            folder=folder,
        )


#: How the names of what describes the operating point begin.
POINT = "Operating point: "


def impedance(
    case: Case,
    out: str | Path | None = None,
    *,
    comm: MPI.Intracomm = MPI.COMM_WORLD,
    progress: Progress | None = None,
    force: bool = False,
    resume: bool = False,
    stopping: Stopping | None = None,
) -> Spectrum:
    """Run the protocol of a case, then compute its spectrum; with ``out`` also write the folder.

    The folder is that of a run with the spectrum and its figures. ``resume`` goes on with what is in the
    folder, ``force`` replaces it. Raises what `run` raises. Collective over ``comm``.
    """
    if case.impedance is None:
        case = case.changed({"impedance": {}})
    if out is None:
        return _measure(Runner(case, None, comm, progress, stopping or Never()))
    with opened(case, Path(out), comm, force, resume) as place:
        if place.finished:
            known = on_root(comm, lambda: _known(place.folder))
            known = comm.bcast(known, root=0)
            if known is not None:
                return known
            on_root(comm, lambda: output.clear(place.folder))
            place = Opened(place.folder)
        return _measure(Runner(case, place, comm, progress, stopping or Never()))


def _known(folder: Path) -> Spectrum | None:
    return Spectrum.load(folder) if (folder / RECORD).is_file() else None


def _measure(runner: Runner) -> Spectrum:
    """The operating point, then the spectrum around it."""
    runner.run()
    try:
        found = spectrum(runner.problem, runner.progress)
    finally:
        runner.progress.stop()
    found.folder = runner.out
    if runner.out is not None:
        on_root(runner.comm, lambda: _write(found))
    return found


def spectrum(problem: Problem, progress: Progress | None = None) -> Spectrum:
    """The spectrum of a problem about its present state. Collective.

    Raises RunFailed when the linear system cannot be solved.
    """
    table = problem.case.impedance or ImpedanceTable()
    frequencies = table.frequencies()
    scaled = 2 * np.pi * problem.scales.time
    ohm = problem.scales.potential / problem.units.current
    stepper, area = problem.stepper, problem.units.nominal_area
    assert stepper.system is not None
    assert isinstance(problem.case, Case)
    point, moving = _point(problem, float(frequencies[-1]))
    if progress is not None and moving > STILL:
        progress.say(
            f"warning: the operating point is not steady: concentrations change by {moving:.2g} c0 in"
            f" one period of {frequencies[-1]:.4g} Hz; the spectrum is that of the present state"
        )
    signal = SmallSignal(stepper.system, stepper.leading, scaled * float(frequencies[0]))
    at = _told(signal, scaled, ohm)
    try:
        values = np.empty(len(frequencies), dtype=complex)
        for k, frequency in enumerate(frequencies):
            values[k] = at(float(frequency))
            if progress is not None:
                progress.frequency(k + 1, len(frequencies), float(frequency))
        tops = peaks(at, frequencies, values)
        heights = [-at(frequency).imag * area for frequency in tops]
    finally:
        signal.release()
    return Spectrum(problem.case, frequencies, values, area, tops, heights, point)


def _told(signal: SmallSignal, scaled: float, ohm: float) -> Callable[[float], complex]:
    """The impedance [ohm] at a frequency [Hz]; a failure names the frequency."""

    def at(frequency: float) -> complex:
        try:
            return ohm * signal.impedance(scaled * frequency)
        except NotConverged as failure:
            raise RunFailed(
                f"no impedance at {frequency:.6g} Hz: {failure.reason} (error of the"
                f" solution {failure.norm:.2g}). Try: a higher impedance.from, or a finer mesh."
            ) from failure

    return at


def _point(problem: Problem, lowest: float) -> tuple[dict[str, float], float]:
    """What describes the operating point, and how far it moves in a period of a frequency [Hz]."""
    assert problem.stepper.system is not None
    reading, voltage = problem.readings.voltages()
    density = problem.units.density(problem.stepper.system.current())
    past = problem.stepper.history
    change = 0.0
    if len(past.times) > 1 and past.conserved[0].size:
        change = float(np.max(np.abs(past.conserved[0] - past.conserved[1])))
    change = problem.comm.allreduce(change, MPI.MAX)
    step = past.times[0] - past.times[1] if len(past.times) > 1 else 1.0
    moving = change / (step * problem.scales.time) / lowest
    return {
        f"{POINT}{names.TIME.name}": problem.stepper.time * problem.scales.time,
        f"{POINT}{names.POTENTIAL.name}": reading,
        f"{POINT}{names.VOLTAGE.name}": voltage,
        f"{POINT}{names.CURRENT_DENSITY.name}": density,
        f"{POINT}change of concentration per period of the lowest frequency": moving,
    }, moving


def _write(found: Spectrum) -> None:
    """The files of a spectrum on rank 0; the record last, since it says that the others are there."""
    assert found.folder is not None
    output.write_columns(found.folder / TABLE, [found.columns()])
    if found.case.output.figures:
        from thincell.studies.figures.impedance import draw_spectrum

        for drawing in draw_spectrum([(found.case.title, found)]):
            drawing.write(found.folder / "figures")
    output.write_json(found.folder / RECORD, found.summary())


def told(found: Spectrum) -> str:
    """A spectrum in one line."""
    scalars = found.summary()
    shown = [
        f"{name} {quantity(scalars[key], 'ohm m^2')}"
        for name, key in (
            ("high-frequency resistance", "High-frequency resistance [ohm.m2]"),
            ("low-frequency resistance", "Low-frequency resistance [ohm.m2]"),
        )
    ]
    if scalars["Peak frequency [Hz]"] is not None:
        shown.append(f"highest arc at {quantity(scalars['Peak frequency [Hz]'], 'Hz')}")
    return f"{len(found.frequencies)} frequencies, {', '.join(shown)}"
