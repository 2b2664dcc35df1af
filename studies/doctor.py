"""`thincell doctor`: is this machine ready, and if not, what helps.

Each check is a function that returns one Finding or raises; a raised error is a finding too. The
checks are independent, so that one broken part does not hide another. Under mpiexec or srun all
ranks take part and the first one prints.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from thincell.studies.launchers import without_traces
from thincell.studies.system_libraries import (
    compiler_command,
    compiler_problem,
    gmsh_library,
    gmsh_problem,
    install_commands,
)

_MPI_PROGRAM = """
import thincell
from mpi4py import MPI
world = MPI.COMM_WORLD
total = world.allreduce(world.rank + 1)
if world.rank == 0:
    print("ranks and their sum:", world.size, total)
"""


@dataclass(frozen=True)
class Finding:
    """What one check found; `remedy` says what to do when it is not good."""

    check: str
    good: bool
    found: str
    remedy: str = ""


def check_python() -> Finding:
    """Python is recent enough."""
    found = f"{platform.python_version()} at {sys.executable}, {platform.platform(terse=True)}"
    return Finding("Python", sys.version_info >= (3, 12), found, "Install Python 3.12 or newer.")


def check_thincell() -> Finding:
    """thincell is installed, and DOLFINx comes from one source only."""
    try:
        found = f"{version('thincell')} at {Path(__file__).resolve().parent.parent}"
    except PackageNotFoundError:
        return Finding("thincell", False, "not installed", "Run `make install` or `pip install .`.")
    sources = []
    for name in ("dolfinx-solver-real", "dolfinx-solver-complex", "fenics-dolfinx"):
        try:
            sources.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    remedy = "One DOLFINx overwrites the other: make a new environment and install only one."
    return Finding("thincell", len(sources) < 2, f"{found}; {' and '.join(sources)}", remedy)


def check_dolfinx() -> Finding:
    """DOLFINx 0.11 on a real PETSc with MUMPS."""
    dolfinx = importlib.import_module("dolfinx")
    petsc = importlib.import_module("petsc4py.PETSc")
    number = ".".join(str(part) for part in petsc.Sys.getVersion())
    scalar = petsc.ScalarType.__name__
    mumps = petsc.Sys.hasExternalPackage("mumps")
    found = f"DOLFINx {dolfinx.__version__}, PETSc {number} ({scalar})"
    found += ", MUMPS" if mumps else ", without MUMPS"
    good = dolfinx.__version__.startswith("0.11.") and scalar == "float64" and mumps
    remedy = "thincell needs DOLFINx 0.11 on a PETSc of real numbers that was built with MUMPS."
    return Finding("DOLFINx and PETSc", good, found, remedy)


def check_compiler() -> Finding:
    """Kernels can be compiled: a C compiler, the C library's headers, Python's headers."""
    problem = compiler_problem()
    if problem is not None:
        return Finding("C compiler", False, problem[0], install_commands(problem[1]))
    return Finding("C compiler", True, str(shutil.which(compiler_command()[0])))


def check_gmsh() -> Finding:
    """gmsh loads: its shared library finds all that it is linked against."""
    problem = gmsh_problem()
    if problem is not None:
        remedy = install_commands(problem[1]) if problem[1] else ""
        return Finding("gmsh", False, problem[0], remedy)
    gmsh = importlib.import_module("gmsh")
    return Finding("gmsh", True, f"{gmsh.__version__} ({gmsh_library()})")


def find_mpiexec() -> Path | None:
    """The mpiexec of this environment if it has one, else the first on PATH."""
    own = Path(sys.executable).parent / "mpiexec"
    if own.is_file():
        return own
    other = shutil.which("mpiexec")
    return Path(other) if other else None


def check_mpi() -> Finding:
    """Two ranks, started by mpiexec, see each other."""
    mpiexec = find_mpiexec()
    if mpiexec is None:
        remedy = "Install an MPI whose mpiexec is in this environment, or load the site's module."
        return Finding("MPI", False, "no mpiexec in this environment or on PATH", remedy)
    answer = subprocess.run(
        [str(mpiexec), "-n", "2", sys.executable, "-c", _MPI_PROGRAM],
        capture_output=True,
        text=True,
        check=False,
        env=without_traces(os.environ),
        timeout=120,
    )
    if answer.returncode == 0 and "ranks and their sum: 2 3" in answer.stdout:
        return Finding("MPI", True, f"2 ranks through {mpiexec}")
    if answer.returncode == 0:
        found = f"{mpiexec} started 2 processes that do not see each other"
        return Finding("MPI", False, found, "mpiexec belongs to another MPI: use the one in bin/.")
    last = (answer.stderr.strip() or answer.stdout.strip()).splitlines()[-1:]
    found = f"{mpiexec} ended with status {answer.returncode}: {' '.join(last)}"
    return Finding("MPI", False, found, "If UCX is named above: export UCX_TLS=self,sm,tcp")


def launch_finding(ranks: int, environment: Mapping[str, str]) -> Finding:
    """Whether the ranks of this very process are those that Slurm started, if it did."""
    tasks = environment.get("SLURM_NTASKS")
    started = int(environment.get("SLURM_STEP_NUM_TASKS", "1"))
    found = f"{ranks} rank{'s' if ranks > 1 else ''} in this run"
    found += f", SLURM_NTASKS={tasks}" if tasks else ", no Slurm job"
    if ranks == 1 and started > 1:
        found += f": srun started {started} processes and each believes to be alone"
        remedy = "Use `srun --mpi=pmi2` (see `srun --mpi=list`), or mpiexec inside the allocation."
        return Finding("Launch", False, found, remedy)
    return Finding("Launch", True, found)


def stale_kernels(cache: Path, older_than: float = 600.0) -> list[Path]:
    """Sources in the kernel cache whose compilation began long ago and never ended.

    Every later run that needs such a kernel waits for it and fails.
    """
    now = time.time()
    return [
        source
        for source in sorted(cache.glob("libffcx_*.c"))
        if not source.with_suffix(".c.cached").exists() and now - source.stat().st_mtime > older_than
    ]


def check_kernel_cache() -> Finding:
    """The kernel cache can be written, a kernel compiles in it, none is stuck in it."""
    fem = importlib.import_module("dolfinx.fem")
    ufl = importlib.import_module("ufl")
    kernels = importlib.import_module("thincell.studies.kernels")
    cache, _ = kernels.choose()
    remedy = "Set XDG_CACHE_HOME to a folder that can be written, local to the node."
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="thincell-doctor-") as folder:
            square = _unit_square(2)
            begin = time.perf_counter()
            options = {"cache_dir": folder, "timeout": 120}
            area = fem.form(fem.Constant(square, 1.0) * ufl.dx(square), jit_options=options)
            seconds = time.perf_counter() - begin
            measured = float(fem.assemble_scalar(area))
    except OSError as error:
        return Finding("Kernel cache", False, f"{cache}: {error}", remedy)
    if stale := stale_kernels(cache):
        found = f"{cache}: {len(stale)} compilations never ended, the first is {stale[0].name}"
        names = " ".join(str(path) for path in stale)
        return Finding("Kernel cache", False, found, f"If no run is compiling now: rm {names}")
    found = f"{cache}, a kernel compiled in {seconds:.1f} s"
    return Finding("Kernel cache", abs(measured - 1.0) < 1e-12, found)


def check_solve() -> Finding:
    """Laplace's equation with a quadratic solution, by MUMPS, to rounding."""
    np = importlib.import_module("numpy")
    fem = importlib.import_module("dolfinx.fem")
    fem_petsc = importlib.import_module("dolfinx.fem.petsc")
    dolfinx_mesh = importlib.import_module("dolfinx.mesh")
    ufl = importlib.import_module("ufl")

    square = _unit_square(6)
    space = fem.functionspace(square, ("Lagrange", 2))
    exact = fem.Function(space)
    exact.interpolate(lambda x: 1.0 + x[0] ** 2 - x[1] ** 2)
    facets = dolfinx_mesh.locate_entities_boundary(square, 1, lambda x: np.full(x.shape[1], True))
    boundary = fem.dirichletbc(exact, fem.locate_dofs_topological(space, 1, facets))
    u, v = ufl.TrialFunction(space), ufl.TestFunction(space)
    problem = fem_petsc.LinearProblem(
        ufl.inner(ufl.grad(u), ufl.grad(v)) * ufl.dx,
        fem.Constant(square, 0.0) * v * ufl.dx,
        bcs=[boundary],
        petsc_options_prefix="thincell_doctor_",
        petsc_options={
            "ksp_type": "preonly",
            "pc_type": "lu",
            "pc_factor_mat_solver_type": "mumps",
            "ksp_error_if_not_converged": True,
        },
        jit_options={"timeout": 120},
    )
    begin = time.perf_counter()
    computed = problem.solve()
    seconds = time.perf_counter() - begin
    error = float(np.abs(computed.x.array - exact.x.array).max())
    found = f"{space.dofmap.index_map.size_global} unknowns by MUMPS in {seconds:.2f} s"
    return Finding("Solve", error < 1e-12, f"{found}, error {error:.0e}", "Reinstall DOLFINx.")


def check_launch() -> Finding:
    """The ranks of this very process, against Slurm's idea of them."""
    ranks = importlib.import_module("mpi4py.MPI").COMM_WORLD.size
    return launch_finding(ranks, os.environ)


CHECKS: dict[str, Callable[[], Finding]] = {
    "Python": check_python,
    "thincell": check_thincell,
    "DOLFINx and PETSc": check_dolfinx,
    "C compiler": check_compiler,
    "gmsh": check_gmsh,
    "MPI": check_mpi,
    "Launch": check_launch,
    "Kernel cache": check_kernel_cache,
    "Solve": check_solve,
}


def run_doctor(console: Console) -> bool:
    """Run every check, print a table of them, and say whether all is good (on every rank)."""
    world = importlib.import_module("mpi4py.MPI").COMM_WORLD
    with contextlib.suppress(Exception):  # told by the check, if it fails
        importlib.import_module("petsc4py.PETSc")  # starts PETSc, which takes all ranks
    good = False
    if world.rank == 0 and not _is_a_lonely_twin(world.size):
        findings = [_examine(name, check) for name, check in CHECKS.items()]
        good = all(finding.good for finding in findings)
        _print(console, findings)
    return bool(world.bcast(good, root=0))


def _is_a_lonely_twin(ranks: int) -> bool:
    """Whether srun started several processes that do not see each other, and this is not the first.

    The first one prints what is wrong; the others only fail.
    """
    return ranks == 1 and os.environ.get("SLURM_PROCID", "0") != "0"


def _examine(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:  # a broken installation may raise anything
        reason = str(error).strip().splitlines()[:1]
        found = f"{type(error).__name__}: {' '.join(reason)}"
        return Finding(
            name,
            False,
            found,
            "If nothing above explains it, install again: `make distclean install`.",
        )


def _print(console: Console, findings: list[Finding]) -> None:
    table = Table(title="thincell doctor", title_justify="left", show_lines=True)
    for heading in ("Check", "State"):
        table.add_column(heading, no_wrap=True)
    table.add_column("Found", overflow="fold")
    for finding in findings:
        state = "[green]ok[/green]" if finding.good else "[bold red]FAILED[/bold red]"
        text = escape(finding.found)
        if not finding.good and finding.remedy:
            text += f"\n[bold]{escape(finding.remedy)}[/bold]"
        table.add_row(finding.check, state, text)
    console.print(table)


def _unit_square(cells: int) -> object:
    """A unit square of triangles that belongs to this rank alone."""
    mpi = importlib.import_module("mpi4py.MPI")
    mesh = importlib.import_module("dolfinx.mesh")
    return mesh.create_unit_square(mpi.COMM_SELF, cells, cells)
