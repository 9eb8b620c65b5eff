#!/usr/bin/env bash
# Installs the locked packages of one set (runtime or dev) and Carillon itself, editable, into .venv.
# Usage: tools/install.sh runtime|dev
set -euo pipefail
cd "$(dirname "$0")/.."
set_name=$1

python=.venv/bin/python
if command -v uv >/dev/null; then
  install() { VIRTUAL_ENV="$PWD/.venv" uv pip install --quiet "$@"; }
else
  install() { "$python" -m pip install --quiet --disable-pip-version-check "$@"; }
fi

echo "installing the Python packages ($set_name) …"
install --require-hashes -r requirements/build.txt -r "requirements/$set_name.txt"
install --no-deps --no-build-isolation --editable .

# The development set contains the runtime set.
touch .venv/.runtime
[ "$set_name" = runtime ] || touch ".venv/.$set_name"
