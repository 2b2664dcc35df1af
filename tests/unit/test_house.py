"""The house: packages, import arrows, what the system supplies, the search for a Python."""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import thincell
from thincell.studies import system_libraries

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("geometry", "model", "solvers", "studies", "validation")
#: What each room may import of ours, besides itself.
ARROWS = {
    "geometry": set(),
    "model": set(),
    "solvers": set(),
    "studies": {"geometry", "model", "solvers"},
    "validation": {"studies"},
}


def imported_names(source: str) -> set[str]:
    """Dotted names of all modules imported anywhere in a source, `from a import b` as a.b."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_import_arrows(room: str) -> None:
    allowed = ARROWS[room] | {room, "__version__"}
    for file in sorted((ROOT / room).rglob("*.py")):
        for name in imported_names(file.read_text(encoding="utf-8")):
            parts = name.split(".")
            assert parts[0] not in ROOMS, f"{file}: import {name} through thincell"
            if parts[0] == "thincell" and len(parts) > 1:
                assert parts[1] in allowed, f"{file}: {room} may not import {name}"


@pytest.mark.parametrize("room", ROOMS)
def test_room_is_a_subpackage(room: str) -> None:
    spec = importlib.util.find_spec(f"thincell.{room}")
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).parts[-2:] == (room, "__init__.py")


def test_version_is_that_of_the_installed_package() -> None:
    assert thincell.__version__[0].isdigit()


def test_import_is_light() -> None:
    """`import thincell` loads MPI in order, and none of the large libraries."""
    program = "import sys, thincell; print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    loaded = set(answer.stdout.decode().split())
    assert not loaded & {"dolfinx", "petsc4py.PETSc", "gmsh", "matplotlib", "scipy", "pydantic"}


def test_every_folder_with_python_is_a_package() -> None:
    """Or it would be left out of an installation without a word."""
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            assert (file.parent / "__init__.py").is_file(), f"{file.parent} has no __init__.py"


def test_install_commands_name_each_package_once() -> None:
    names = ["libGL.so.1", "libXft.so.2", "libXft.so.2", "libunheard.so.7"]
    packages = system_libraries.packages_of(names)
    debian, fedora = system_libraries.install_commands(packages).splitlines()
    assert debian == "Debian/Ubuntu: sudo apt-get install libgl1 libxft2"
    assert fedora == "Fedora:        sudo dnf install libXft libglvnd-glx"


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_missing_library_is_found(tmp_path: Path) -> None:
    absent, library = tmp_path / "libabsent.so.1", tmp_path / "libgmsh.so"
    source = tmp_path / "f.c"
    source.write_text("int f(void) { return 1; }\n")
    build = ["cc", "-shared", "-fPIC", "-Wl,--no-as-needed", source]
    subprocess.run([*build, "-Wl,-soname,libabsent.so.1", "-o", absent], check=True)
    subprocess.run([*build, "-o", library, absent], check=True)
    absent.unlink()
    assert system_libraries.missing_libraries(library) == ["libabsent.so.1"]


def test_compiler_problem_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    problem = system_libraries.compiler_problem()
    assert problem is not None
    assert "no-such-compiler" in problem[0]
    assert system_libraries.COMPILER in problem[1]


def search(**environment: str) -> subprocess.CompletedProcess[str]:
    """Run the search for a Python in an environment of its own."""
    return subprocess.run(
        ["sh", str(ROOT / "scripts" / "find_python.sh")],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder with the few programs that the search itself needs, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "cat", "ls", "sort", "tr", "env"):
        path = shutil.which(name)
        assert path is not None
        (folder / name).symlink_to(path)
    return folder


def test_no_python_is_a_clear_end(tools: Path, tmp_path: Path) -> None:
    answer = search(PATH=str(tools), HOME=str(tmp_path))
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert "no Python 3.12 or newer" in answer.stderr


def test_python_on_path(tools: Path, tmp_path: Path) -> None:
    (tools / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (tools / "python3").chmod(0o755)
    answer = search(PATH=str(tools), HOME=str(tmp_path))
    if answer.returncode == 0:
        assert os.access(answer.stdout.strip(), os.X_OK)
    else:  # this Python has no C headers or no venv, and the message says so
        assert "incomplete" in answer.stderr


def test_python_from_pyenv(tools: Path, tmp_path: Path) -> None:
    folder = tmp_path / ".pyenv" / "versions" / "3.12.9" / "bin"
    folder.mkdir(parents=True)
    (folder / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (folder / "python").chmod(0o755)
    answer = search(PATH=str(tools), HOME=str(tmp_path))
    assert answer.returncode == 0 or "incomplete" in answer.stderr


def test_old_python_is_refused(tools: Path, tmp_path: Path) -> None:
    """A program that answers nothing, as a Python too old to be suitable does."""
    (tools / "python3").write_text("#!/bin/sh\nexit 0\n")
    (tools / "python3").chmod(0o755)
    answer = search(PATH=str(tools), HOME=str(tmp_path), PYTHON=str(tools / "python3"))
    assert answer.returncode == 2
    assert "is not a CPython 3.12 or newer" in answer.stderr
