"""The command `thincell`. Every command imports what it needs, so that the light ones start fast.

Exit codes: 0 good, 1 a validation criterion missed (or `doctor` found something), 2 bad input,
3 no convergence (the last good state is kept), 4 the books of a run do not balance, 73 another
process works in the folder, 74 a file cannot be written (a full disk), 75 stopped on request, 130
interrupted (both go on with --resume). Errors go to stderr as `error: key: message`, one line per
mistake, from rank 0 only.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thincell.studies.console import abort_others, complain, console, mpi, on_root, rank, same, say
from thincell.studies.exits import AUDIT, BUG, FAILED, GOOD, INTERRUPTED, MISSED, code_of
from thincell.studies.schema.errors import InputError, one_line
from thincell.studies.sweep import commands

if TYPE_CHECKING:
    from thincell.studies.case import Case

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

        say(__version__)
        raise typer.Exit


@app.command()
def check(case: CaseFile, set_: Settings = None) -> None:
    """Validate a case and print its groups, limits, size and cost; solves nothing."""
    loaded = _load(case, set_)
    if rank() == 0:
        from thincell.studies.check import check as examine
        from thincell.studies.check import show

        found = examine(loaded)
        show(found, console())
        if found.resolution is not None and found.resolution.refusal:
            raise InputError(found.resolution.refusal)


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
        made = make_mesh(loaded)
        write_mesh(made, target)
        kind = "triangles" if made.points.shape[1] == 2 else "tetrahedra"
        return f"{to}: {len(made.points)} points, {len(made.cells)} {kind}"

    say(on_root(work))


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

    progress = reporter(rank(), console(), quiet=quiet)
    with Stopping() as stopping:
        result = run_case(
            loaded, folder, progress=progress, force=force, resume=resume, stopping=stopping
        )
    if loaded.output.figures and rank() == 0:
        from thincell.studies.report import write_run

        write_run(result)
    say(f"{folder}: {result.manifest['state']}")


@app.command()
def impedance(
    case: CaseFile,
    out: Out = None,
    set_: Settings = None,
    force: Force = False,
    resume: Resume = False,
    quiet: Quiet = False,
) -> None:
    """Run a case, then compute the impedance spectrum of the cell as it stands."""
    _either(force, resume)
    loaded = _load(case, set_)
    folder = _folder(case, out, "impedance")
    _examine_mesh(loaded)
    from thincell.studies.impedance import impedance as measure
    from thincell.studies.impedance import told
    from thincell.studies.progress import reporter
    from thincell.studies.stopping import Stopping

    progress = reporter(rank(), console(), quiet=quiet)
    with Stopping() as stopping:
        found = measure(loaded, folder, progress=progress, force=force, resume=resume, stopping=stopping)
    say(f"{folder}: {told(found)}")


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

    progress = reporter(rank(), console(), quiet=quiet)
    found = compare_case(loaded, folder, progress=progress, force=force, resume=resume)
    lines = [f"{member.folder}: {one_line(member.message)}" for member in found.failures]
    if lines:
        complain("\n".join(lines))
    if rank() == 0:
        say(str(folder / "report.html"))
    audit = any(member.state == "audit failed" for member in found.failures)
    raise typer.Exit(same((AUDIT if audit else FAILED) if found.failures else GOOD))


@app.command()
def report(
    folders: Annotated[list[str], typer.Argument(metavar="DIR...", help="Folders of runs.")],
) -> None:
    """Write report.html into finished folders of runs or comparisons."""

    def work() -> list[str]:
        from thincell.studies.report import report as write

        return [str(path) for path in write(*folders)]

    for written in on_root(work) or ():
        say(written)


@app.command()
def movie(
    folders: Annotated[
        list[str],
        typer.Argument(metavar="RUN [RUN]", help="Folder of a run, or of two at equal charge."),
    ],
    to: Annotated[
        str, typer.Option("--to", metavar="FILE", help="Ends in .mp4 or .gif.")
    ] = "deposit.mp4",
) -> None:
    """Make a movie of one growing deposit, or of two side by side at equal charge."""

    def work() -> str:
        from thincell.studies.figures.box import grown
        from thincell.studies.movie import write_movie
        from thincell.studies.report import read_run

        if len(folders) > 2:
            raise InputError(f"movie: {len(folders)} folders were given; one or two fit side by side")
        runs = [read_run(Path(folder)) for folder in folders]
        growths = [grown(run, "" if len(runs) == 1 else run.case.title) for run in runs]
        if None in growths:
            raise InputError("movie: the run has no deposit; give the case a [deposit] table")
        made = write_movie(Path(to), [one for one in growths if one is not None])
        return f"{made.path}: {made.pictures} pictures" + (f"; {made.note}" if made.note else "")

    say(on_root(work))


@app.command()
def render(
    folder: Annotated[str, typer.Argument(metavar="RUN", help="Folder of a run with view = 'solid'.")],
    out: Annotated[
        str | None, typer.Option("--out", metavar="DIR", help="Folder; by default RUN/figures.")
    ] = None,
) -> None:
    """Draw a run in three dimensions: current density on the electrodes, salt in the layer."""

    def work() -> list[Path]:
        from thincell.studies.render.draw import write_pictures
        from thincell.studies.report import read_run

        found = read_run(Path(folder))
        return write_pictures(found, Path(folder) / "figures" if out is None else _folder(folder, out))

    for written in on_root(work) or ():
        say(str(written))


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
        say(f"{name:32} {title}".rstrip())


@app.command()
def show(
    kind: Annotated[str, typer.Argument(help="chip, coin, electrolyte, metal, reaction.")],
    name: Annotated[str, typer.Argument(help="Entry, or the path of a TOML file.")],
) -> None:
    """Print one entry of the library, with sources and confidence."""
    from thincell.studies.shelf import show as show_entry

    if rank() == 0:
        show_entry(kind, name, console())


@app.command()
def schema() -> None:
    """Print the JSON Schema of a case file."""
    import json

    from thincell.studies.case import Case

    say(json.dumps(Case.model_json_schema(by_alias=True), indent=2, ensure_ascii=False))


@app.command()
def warm(
    cases: Annotated[list[str], typer.Argument(metavar="CASE...", help="Case files (TOML).")],
) -> None:
    """Compile the kernels of cases, so that runs started side by side need not."""
    loaded = [_load(name, None) for name in cases]
    from thincell.studies.kernels import warm as compile_kernels

    say(f"kernels of {compile_kernels(loaded)} kinds of problem are ready")


@app.command()
def doctor() -> None:
    """Examine this machine: compiler, libraries, MPI, kernels, a solve."""
    from thincell.studies.doctor import run_doctor

    raise typer.Exit(GOOD if run_doctor(console()) else MISSED)


commands.register(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: runs a command and exits with its code, the same on every rank."""
    code: Any = BUG
    try:
        code = app(args=arguments, prog_name="thincell", standalone_mode=False) or GOOD
    except KeyboardInterrupt:
        code = INTERRUPTED
        complain("interrupted")
        abort_others(code)
    except Exception as error:
        code = code_of(error)
    sys.exit(code)


# -- input and output ------------------------------------------------------------------------------


def _load(name: str, settings: list[str] | None) -> Case:
    """The case, read on rank 0 and sent to the others."""
    from thincell.studies.case import Case

    def work() -> Case:
        return Case.load(name, settings or [])

    loaded = on_root(work)
    world = mpi()
    if world is not None and world.COMM_WORLD.size > 1:
        loaded = world.COMM_WORLD.bcast(loaded, root=0)
    assert isinstance(loaded, Case)
    return loaded


def _either(force: bool, resume: bool) -> None:
    if force and resume:
        raise InputError("--resume: goes on with the run that --force would replace; give one of them")


def _examine_mesh(case: Case) -> None:
    """Refuse a mesh that cannot be used before any folder is made: it leaves nothing behind."""
    from thincell.studies.growth.guard import require_thin
    from thincell.studies.schema.cell import MeshCell

    require_thin(case)
    cell = case.cell
    if isinstance(cell, MeshCell):
        from thincell.studies.meshing import read_mesh

        def work() -> None:
            read_mesh(cell)

        on_root(work)


def _folder(case: str, out: str | None, ending: str = "out") -> Path:
    """--out, or a folder beside where the command is given, named as the case."""
    if out == "":
        raise InputError("--out: '' names no folder")
    return Path(out) if out is not None else Path(f"{Path(case).stem}.{ending}")
