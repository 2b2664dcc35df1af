#!/bin/sh
# Is everything here that pip cannot install?
#
#   check_system.sh before PYTHON     the platform and the C compiler, before installing
#   check_system.sh after PYTHON      the shared libraries of the installed gmsh
#   check_system.sh packages PYTHON   only print the Debian names of what is missing
#
# Prints the packages to install for Debian/Ubuntu and Fedora, and exits 1, if something is missing.
set -eu

when=${1:?before, after or packages}
python=${2:?a Python}
table=$(dirname "$0")/../studies/system_libraries.py
check() { "$python" -I "$table" "$@"; }

case $when in
before)
    if [ "$(uname -s)-$(uname -m)" != Linux-x86_64 ]; then
        echo "thincell: the DOLFINx wheel is for Linux on x86_64, this is $(uname -s) on $(uname -m)." >&2
        echo "Use conda-forge here: conda env create --file environment.yml" >&2
        exit 1
    fi
    glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d' ' -f2 || true)
    oldest=$(printf '%s\n' 2.34 "${glibc:-0}" | sort -V | head -n 1)
    if [ "$oldest" != 2.34 ]; then
        echo "thincell: the DOLFINx wheel needs glibc 2.34 or newer, this system has ${glibc:-none}." >&2
        echo "Use conda-forge here: conda env create --file environment.yml" >&2
        exit 1
    fi
    check compiler
    ;;
after)
    check libraries
    ;;
packages)
    check compiler --debian-names || true
    check libraries --debian-names || true
    ;;
*)
    echo "check_system.sh: '$when' is none of before, after, packages" >&2
    exit 2
    ;;
esac
