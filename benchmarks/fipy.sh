#!/bin/sh
# FiPy in an environment of its own (made on the first call, under the system's folder for temporary
# files), on the PETSc of the wheel dolfinx-solver-real; then benchmarks/fipy_chen.py with the arguments.
#
#   [PYTHON=python3.13] [FIPY_VENV=folder] fipy.sh [arguments of fipy_chen.py]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
venv=${FIPY_VENV:-${TMPDIR:-/tmp}/thincell-fipy-$(id -u)}
if [ ! -e "$venv/ready" ]; then
    "${PYTHON:-python3}" -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --quiet "fipy==4.0.3" "dolfinx-solver-real>=0.11,<0.12" >&2
    touch "$venv/ready"
fi
OMP_NUM_THREADS=1 exec "$venv/bin/python" "$here/fipy_chen.py" "$@"
