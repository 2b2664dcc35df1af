"""The command `thincell`. Every command imports what it needs, so that the light ones start fast.

Exit codes: 0 good, 1 a validation criterion missed (or `doctor` found something), 2 bad input,
3 no convergence (the last good state is kept), 4 the books of a run do not balance, 73 another
process works in the folder, 74 a file cannot be written (a full disk), 75 stopped on request and to be
resumed, 130 interrupted (resumable, too). Errors go to stderr as `error: key: message`, one line per mistake, from rank 0 only.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thincell.studies.schema.errors import InputError, one_line

if TYPE_CHECKING:
    from rich.console import Console

    from thincell.studies.case import Case

GOOD, MISSED, BAD_INPUT, FAILED, AUDIT = 0, 1, 2, 3, 4
BUG, IN_USE, CANNOT_WRITE, STOPPED, INTERRUPTED = 70, 73, 74, 75, 130

#: Exit codes of errors, by the names of their classes: most of these need not be imported.
CODES = {
    "InputError": BAD_INPUT,
    "LibraryError": BAD_INPUT,
    "RunFailed": FAILED,
    "AuditFailed": AUDIT,
    "InUse": IN_USE,
    "WriteError": CANNOT_WRITE,
    "RunStopped": STOPPED,
}

#: The validation room is above this one: it is found by name, never imported from here.
VALIDATION = "thincell.validation.runner"

app = typer.Typer(
    help="Simulator of liquid-cell TEM electrochemistry.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

CaseFile = Annotated[str, typer.Argument(metavar="CASE", help="Case file (TOML).")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a key of the case; repeatable."),
]
Out = Annotated[str | None, typer.Option("--out", metavar="DIR", help="Folder for the results.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the results in the folder.")]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with what is in the folder; begin if there is nothing.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress.")]


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        from thincell import __version__

        _print(__version__)
        raise typer.Exit


@app.command()
def check(case: CaseFile, set_: Settings = None) -> None:
    """Validate a case and print its groups, limits, size and cost; solves nothing."""
    loaded = _load(case, set_)
    if _rank() == 0:
        from thincell.studies.check import check as examine
        from thincell.studies.check import show

        show(examine(loaded), _console())


@app.command()
def mesh(
    case: CaseFile,
    to: Annotated[str, typer.Option("--to", metavar="FILE", help="Any format of meshio.")],
    set_: Settings = None,
) -> None:
    """Make the mesh of a case and export it."""
    loaded = _load(case, set_)

    def work() -> str:
        from thincell.studies.meshing import make_mesh, write_mesh

        target = Path(to)
        if target.is_dir():
            raise InputError(f"--to: {to!r} is a folder; name a file, such as cell.msh")
        plane = make_mesh(loaded)
        write_mesh(plane, target)
        return f"{to}: {len(plane.points)} points, {len(plane.triangles)} triangles"

    _print(_on_root(work))


@app.command()
def run(
    case: CaseFile,
    out: Out = None,
    set_: Settings = None,
    force: Force = False,
    resume: Resume = False,
    quiet: Quiet = False,
) -> None:
    """Run a case and write its folder."""
    _either(force, resume)
    loaded = _load(case, set_)
    folder = _folder(case, out)
    _examine_mesh(loaded)
    from thincell.studies.progress import reporter
    from thincell.studies.run import run as run_case
    from thincell.studies.stopping import Stopping

    progress = reporter(_rank(), _console(), quiet=quiet)
    with Stopping() as stopping:
        result = run_case(
            loaded, folder, progress=progress, force=force, resume=resume, stopping=stopping
        )
    if loaded.output.figures and _rank() == 0:
        from thincell.studies.report import write_run

        write_run(result)
    _print(f"{folder}: {result.manifest['state']}")


@app.command()
def compare(
    case: CaseFile,
    out: Out = None,
    set_: Settings = None,
    force: Force = False,
    resume: Resume = False,
    quiet: Quiet = False,
) -> None:
    """Run a case and its coin-cell twin, and write one page about both."""
    _either(force, resume)
    loaded = _load(case, set_)
    folder = _folder(case, out)
    _examine_mesh(loaded)
    from thincell.studies.compare import compare as compare_case
    from thincell.studies.progress import reporter

    progress = reporter(_rank(), _console(), quiet=quiet)
    found = compare_case(loaded, folder, progress=progress, force=force, resume=resume)
    lines = [f"{member.folder}: {one_line(member.message)}" for member in found.failures]
    if lines:
        _complain("\n".join(lines))
    if _rank() == 0:
        _print(str(folder / "report.html"))
    audit = any(member.state == "audit failed" for member in found.failures)
    raise typer.Exit(_same((AUDIT if audit else FAILED) if found.failures else GOOD))


@app.command()
def report(
    folders: Annotated[list[str], typer.Argument(metavar="DIR...", help="Folders of runs.")],
) -> None:
    """Write report.html into finished folders of runs or comparisons."""

    def work() -> list[str]:
        from thincell.studies.report import report as write

        return [str(path) for path in write(*folders)]

    for written in _on_root(work) or ():
        _print(written)


@app.command()
def validate(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...")] = None,
    theory: Annotated[bool, typer.Option("--theory", help="Against exact theory.")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Everything, also what is slow.")] = False,
) -> None:
    """Compare with exact theory and with published observations."""
    import importlib

    runner = importlib.import_module(VALIDATION)
    raise typer.Exit(int(runner.main(names or [], theory, all_)))


@app.command("list")
def list_(
    kind: Annotated[str, typer.Argument(help="chips, coins, electrolytes, metals, reactions.")],
) -> None:
    """List the library's entries of a kind."""
    from thincell.studies.shelf import titles

    for name, title in titles(kind):
        _print(f"{name:32} {title}".rstrip())


@app.command()
def show(
    kind: Annotated[str, typer.Argument(help="chip, coin, electrolyte, metal, reaction.")],
    name: Annotated[str, typer.Argument(help="Entry, or the path of a TOML file.")],
) -> None:
    """Print one entry of the library, with sources and confidence."""
    from thincell.studies.shelf import show as show_entry

    if _rank() == 0:
        show_entry(kind, name, _console())


@app.command()
def schema() -> None:
    """Print the JSON Schema of a case file."""
    import json

    from thincell.studies.case import Case

    _print(json.dumps(Case.model_json_schema(by_alias=True), indent=2, ensure_ascii=False))


@app.command()
def doctor() -> None:
    """Examine this machine: compiler, libraries, MPI, kernels, a solve."""
    from thincell.studies.doctor import run_doctor

    raise typer.Exit(GOOD if run_doctor(_console()) else MISSED)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: runs a command and exits with its code, the same on every rank."""
    code: Any = BUG
    try:
        code = app(args=arguments, prog_name="thincell", standalone_mode=False) or GOOD
    except KeyboardInterrupt:
        code = INTERRUPTED
        _complain("interrupted")
        _abort_others(code)
    except Exception as error:
        code = _code_of(error)
    sys.exit(code)


def _code_of(error: Exception) -> int:
    """Say what is wrong and give its exit code; unknown errors keep their traceback."""
    name = type(error).__name__
    if name == "NoArgsIsHelpError":
        sys.stderr.write(f"{error.format_message()}\n" if _rank() == 0 else "")  # type: ignore[attr-defined]
        return BAD_INPUT
    if name == "Abort":
        _complain("interrupted")
        _abort_others(INTERRUPTED)
        return INTERRUPTED
    if hasattr(error, "format_message"):  # usage: unknown option, missing argument
        _complain(_usage(error))
        return BAD_INPUT
    code = CODES.get(name)
    if code is not None:
        _complain(str(error))
        by_hand = getattr(error, "signal", None) == signal.SIGINT
        return INTERRUPTED if by_hand else code
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        _complain(f"{place}{error.strerror or error}")
        _abort_others(BAD_INPUT)
        return BAD_INPUT
    import traceback

    traceback.print_exc()
    _complain(f"this is a mistake of thincell, not yours; please report it: {name}: {error}")
    _abort_others(BUG)
    return BUG


def _usage(error: Any) -> str:
    context = getattr(error, "ctx", None)
    command = getattr(context, "command_path", "thincell")
    return f"{command}: {error.format_message()} (see `{command} --help`)"


# -- ranks -----------------------------------------------------------------------------------------


def _mpi() -> Any:
    """MPI if it runs or a launcher started this process, else None: light commands do without."""
    launched = any(key.startswith(("PMI_", "PMIX_", "OMPI_COMM_")) for key in os.environ)
    if "mpi4py.MPI" in sys.modules or launched:
        from mpi4py import MPI

        return MPI
    return None


def _rank() -> int:
    mpi = _mpi()
    return int(mpi.COMM_WORLD.rank) if mpi else 0


def _on_root(work: Any) -> Any:
    """Result of ``work`` on rank 0, None elsewhere; its exception everywhere."""
    mpi = _mpi()
    if mpi is None or mpi.COMM_WORLD.size == 1:
        return work()
    from thincell.studies.parallel import on_root

    return on_root(mpi.COMM_WORLD, work)


def _same(code: int) -> int:
    """Rank 0's exit code on every rank."""
    mpi = _mpi()
    return int(mpi.COMM_WORLD.bcast(code, root=0)) if mpi else code


def _abort_others(code: int) -> None:
    """End all ranks when this one alone cannot go on."""
    mpi = _mpi()
    if mpi is not None and mpi.COMM_WORLD.size > 1:
        sys.stderr.flush()
        if mpi.COMM_WORLD.rank > 0:
            time.sleep(1.0)  # rank 0 speaks first, if it fails as well
        mpi.COMM_WORLD.Abort(code)


# -- input and output ------------------------------------------------------------------------------


def _load(name: str, settings: list[str] | None) -> Case:
    """The case, read on rank 0 and sent to the others."""
    from thincell.studies.case import Case

    def work() -> Case:
        return Case.load(name, settings or [])

    loaded = _on_root(work)
    mpi = _mpi()
    if mpi is not None and mpi.COMM_WORLD.size > 1:
        loaded = mpi.COMM_WORLD.bcast(loaded, root=0)
    assert isinstance(loaded, Case)
    return loaded


def _either(force: bool, resume: bool) -> None:
    if force and resume:
        raise InputError("--resume: goes on with the run that --force would replace; give one of them")


def _examine_mesh(case: Case) -> None:
    """Read a mesh of one's own before any folder is made: a bad one leaves nothing behind."""
    from thincell.studies.schema.cell import MeshCell

    cell = case.cell
    if isinstance(cell, MeshCell):
        from thincell.studies.meshing import read_mesh

        def work() -> None:
            read_mesh(cell)

        _on_root(work)


def _folder(case: str, out: str | None) -> Path:
    """--out, or a folder beside where the command is given, named as the case."""
    if out == "":
        raise InputError("--out: '' names no folder")
    return Path(out) if out is not None else Path(f"{Path(case).stem}.out")


def _console() -> Console:
    from rich.console import Console

    return Console()


def _print(text: str | None) -> None:
    if text is not None and _rank() == 0:
        sys.stdout.write(f"{text}\n")


def _complain(text: str) -> None:
    """One line per mistake, on rank 0."""
    if _rank() == 0:
        for line in text.splitlines():
            sys.stderr.write(f"error: {one_line(line)}\n")
        sys.stderr.flush()
