#!/bin/sh
# Prints the path of a Python that can carry thincell: CPython 3.12 or newer (with the GIL), able to
# make a virtual environment, and with its C headers. Looks on PATH, then among pyenv's versions,
# then asks uv. Exits 2 with an explanation if there is none.
#
# PYTHON=/some/python in the environment overrides the search.
set -u

seen=""
almost=""

# Prints the interpreter behind $1 (behind shims and virtual environments) and what it lacks, if
# anything; prints nothing if it is not a suitable version.
probe() {
    "$1" -I - 2>/dev/null <<'PROBE'
import sys, sysconfig
suitable = (
    sys.version_info >= (3, 12)
    and sys.implementation.name == "cpython"
    and not sysconfig.get_config_var("Py_GIL_DISABLED")
)
if suitable:
    import importlib.util, os
    lacks = []
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        lacks.append("venv")
    if not os.path.isfile(os.path.join(sysconfig.get_path("include"), "Python.h")):
        lacks.append("dev")
    version = "%d.%d" % sys.version_info[:2]
    path = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
    print(path, version, *lacks, sep="|")
PROBE
}

# Takes $1 if it is suitable and complete: prints its path and ends the search.
try() {
    command -v "$1" >/dev/null 2>&1 || return 0
    found=$(probe "$1") || return 0
    [ -n "$found" ] || return 0
    path=${found%%|*}
    rest=${found#*|}
    case "$seen" in *"|$path|"*) return 0 ;; esac
    seen="$seen|$path|"
    case $rest in
    *"|"*) almost="$almost$path|$rest
" ;;
    *)
        echo "$path"
        exit 0
        ;;
    esac
}

if [ -n "${PYTHON:-}" ]; then
    try "$PYTHON"
    if [ -z "$seen" ]; then
        echo "thincell: PYTHON=$PYTHON is not a CPython 3.12 or newer." >&2
        exit 2
    fi
else
    for name in python3.14 python3.13 python3.12 python3 python; do
        try "$name"
    done

    root=${PYENV_ROOT:-}
    if [ -z "$root" ] && command -v pyenv >/dev/null 2>&1; then
        root=$(pyenv root 2>/dev/null || true)
    fi
    [ -n "$root" ] || root=${HOME:-}/.pyenv
    if [ -d "$root/versions" ]; then
        for version in $(ls "$root/versions" | sort -rV); do
            try "$root/versions/$version/bin/python"
        done
    fi

    if command -v uv >/dev/null 2>&1; then
        path=$(uv python find --system '>=3.12' 2>/dev/null || true)
        [ -z "$path" ] || try "$path"
    fi
fi

if [ -n "$almost" ]; then
    echo "thincell: the Python found is incomplete (it needs venv, and its C headers):" >&2
    printf '%s' "$almost" | while IFS='|' read -r path version lacks; do
        names=""
        for part in $(echo "$lacks" | tr '|' ' '); do
            names="$names python$version-$part"
        done
        echo "  $path" >&2
        echo "    Debian/Ubuntu: sudo apt-get install$names" >&2
        echo "    Fedora:        sudo dnf install python3-devel" >&2
    done
    exit 2
fi
cat >&2 <<'MESSAGE'
thincell: no Python 3.12 or newer on PATH, in pyenv or in uv. Any one of these brings it:
  Debian 13, Ubuntu 24.04 or newer: sudo apt-get install python3 python3-venv python3-dev
  Fedora 39 or newer:               sudo dnf install python3 python3-devel
  pyenv:                            pyenv install 3.12
  uv:                               uv python install 3.12
MESSAGE
exit 2
