#!/bin/sh
# mypy over the package `thincell`. In the tree its rooms are top-level folders; here they are linked
# together under build/typing as the package they become, and mypy's paths are shown as in the tree.
#
#   typecheck.sh [PYTHON] [mypy options]
set -eu

cd "$(dirname "$0")/.."
python=${1:-.venv/bin/python}
[ $# -eq 0 ] || shift

linked=build/typing/thincell
rm -rf "$linked"
mkdir -p "$linked"
for file in thincell/*.py thincell/py.typed; do
    ln -s "../../../$file" "$linked/"
done
for room in geometry model solvers studies validation; do
    ln -s "../../../$room" "$linked/$room"
done

status=0
answer=$("$python" -m mypy --config-file pyproject.toml "$@" -p thincell 2>&1) || status=$?
printf '%s\n' "$answer" | sed \
    -e 's#build/typing/thincell/\(geometry\|model\|solvers\|studies\|validation\)/#\1/#' \
    -e 's#build/typing/thincell/#thincell/#'
exit $status
