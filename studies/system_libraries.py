"""What the operating system must supply, and the packages that supply it.

The gmsh wheel carries the whole of gmsh in one shared library, which is linked against OpenGL and X
libraries that it does not bring (nothing is ever drawn, yet the loader wants them). Kernels are
compiled at run time, which takes a C compiler, the C library's headers and Python's own.

Standard library only, and no import of thincell: `scripts/check_system.sh` runs this file by
itself, before or after anything else is installed.
"""

from __future__ import annotations

import argparse
import ctypes
import ctypes.util
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class Package(NamedTuple):
    """The package that holds something, as two families of distributions call it."""

    debian: str
    fedora: str


COMPILER = Package("gcc", "gcc")
C_HEADERS = Package("libc6-dev", "glibc-devel")

#: Shared library -> package. The first block is what gmsh's library asks for itself, the second
#: what those ask for in turn; with the former installed the latter are normally there.
LIBRARIES: dict[str, Package] = {
    "libGL.so.1": Package("libgl1", "libglvnd-glx"),
    "libGLU.so.1": Package("libglu1-mesa", "mesa-libGLU"),
    "libX11.so.6": Package("libx11-6", "libX11"),
    "libXcursor.so.1": Package("libxcursor1", "libXcursor"),
    "libXext.so.6": Package("libxext6", "libXext"),
    "libXfixes.so.3": Package("libxfixes3", "libXfixes"),
    "libXft.so.2": Package("libxft2", "libXft"),
    "libXinerama.so.1": Package("libxinerama1", "libXinerama"),
    "libXrender.so.1": Package("libxrender1", "libXrender"),
    "libfontconfig.so.1": Package("libfontconfig1", "fontconfig"),
    "libgcc_s.so.1": Package("libgcc-s1", "libgcc"),
    "libgomp.so.1": Package("libgomp1", "libgomp"),
    "libstdc++.so.6": Package("libstdc++6", "libstdc++"),
    "libz.so.1": Package("zlib1g", "zlib"),
    "libGLX.so.0": Package("libglx0", "libglvnd-glx"),
    "libGLdispatch.so.0": Package("libglvnd0", "libglvnd"),
    "libOpenGL.so.0": Package("libopengl0", "libglvnd-opengl"),
    "libXau.so.6": Package("libxau6", "libXau"),
    "libXdmcp.so.6": Package("libxdmcp6", "libXdmcp"),
    "libbrotlicommon.so.1": Package("libbrotli1", "libbrotli"),
    "libbrotlidec.so.1": Package("libbrotli1", "libbrotli"),
    "libbsd.so.0": Package("libbsd0", "libbsd"),
    "libexpat.so.1": Package("libexpat1", "expat"),
    "libfreetype.so.6": Package("libfreetype6", "freetype"),
    "libpng16.so.16": Package("libpng16-16", "libpng"),
    "libxcb.so.1": Package("libxcb1", "libxcb"),
}


def install_commands(packages: Iterable[Package]) -> str:
    """The commands that install these packages, one line per family of distributions."""
    wanted = set(packages)
    debian = " ".join(sorted({package.debian for package in wanted}))
    fedora = " ".join(sorted({package.fedora for package in wanted}))
    return f"Debian/Ubuntu: sudo apt-get install {debian}\nFedora:        sudo dnf install {fedora}"


def gmsh_library() -> Path | None:
    """The shared library that `import gmsh` loads, found without importing it."""
    spec = importlib.util.find_spec("gmsh")
    if spec is None or spec.origin is None:
        return None
    module = Path(spec.origin).resolve().parent
    for base in (module, *module.parents[:3], Path(sys.prefix)):
        for folder in (base, base / "lib"):
            if found := sorted(folder.glob("libgmsh.so*")):
                return found[-1]
    name = ctypes.util.find_library("gmsh")
    return Path(name) if name else None


def missing_libraries(library: Path) -> list[str]:
    """Names of the shared libraries that this one needs and the loader cannot find."""
    ldd = shutil.which("ldd")
    if ldd is not None and library.exists():
        environment = {**os.environ, "LC_ALL": "C"}
        answer = subprocess.run(
            [ldd, str(library)], capture_output=True, text=True, check=False, env=environment
        )
        if answer.returncode == 0:
            return re.findall(r"^\s*(\S+) => not found", answer.stdout, flags=re.MULTILINE)
    try:  # without ldd the loader names one missing library at a time
        ctypes.CDLL(str(library))
    except OSError as error:
        return [str(error).partition(":")[0].strip()]
    return []


def packages_of(libraries: Iterable[str]) -> list[Package]:
    """The packages of these libraries, as far as the table knows them."""
    return sorted({LIBRARIES[name] for name in libraries if name in LIBRARIES})


def compiler_command() -> list[str]:
    """The C compiler that the kernels will be built with: $CC, or the one Python was built with."""
    command = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    return shlex.split(str(command))


def compiler_problem() -> tuple[str, list[Package]] | None:
    """Why kernels cannot be compiled here, with the packages that would help; None if they can."""
    command = compiler_command()
    if shutil.which(command[0]) is None:
        return f"there is no C compiler `{command[0]}`", [COMPILER, C_HEADERS]
    include = sysconfig.get_path("include")
    if not (Path(include) / "Python.h").is_file():
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        headers = Package(f"python{version}-dev", "python3-devel")
        return f"Python's C headers are missing ({include}/Python.h)", [headers]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "kernel.c"
        source.write_text(
            "#include <Python.h>\n#include <complex.h>\n#include <math.h>\n"
            "double kernel(double x) { return exp(x); }\n"
        )
        built = subprocess.run(
            [*command, "-shared", "-fPIC", f"-I{include}", "-o", f"{folder}/kernel.so", source],
            capture_output=True,
            text=True,
            check=False,
        )
    if built.returncode == 0:
        return None
    first = next((line for line in built.stderr.splitlines() if "error" in line), built.stderr)
    return f"`{command[0]}` cannot compile: {first.strip()}", [COMPILER, C_HEADERS]


def gmsh_problem() -> tuple[str, list[Package]] | None:
    """Why gmsh cannot be loaded here, with the packages that would help; None if it can."""
    library = gmsh_library()
    if library is None:
        return "gmsh is not installed (pip install gmsh, or conda install python-gmsh)", []
    if missing := missing_libraries(library):
        unknown = [name for name in missing if name not in LIBRARIES]
        hint = f" (package unknown for: {', '.join(unknown)})" if unknown else ""
        return f"gmsh needs {', '.join(missing)}{hint}", packages_of(missing)
    return None


def main(arguments: list[str] | None = None) -> int:
    """Check, and print what to install; exit status 1 if something is missing."""
    parser = argparse.ArgumentParser(description="Check what the operating system must supply.")
    parser.add_argument("part", choices=["compiler", "libraries"])
    parser.add_argument("--debian-names", action="store_true", help="only the names, for a script")
    options = parser.parse_args(arguments)
    problem = compiler_problem() if options.part == "compiler" else gmsh_problem()
    if problem is None:
        return 0
    what, packages = problem
    if options.debian_names:
        print(" ".join(sorted({package.debian for package in packages})))
    else:
        print(f"thincell: {what}.", file=sys.stderr)
        if packages:
            print(install_commands(packages), file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
