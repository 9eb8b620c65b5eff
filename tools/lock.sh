#!/usr/bin/env bash
# Writes the hashed locks of requirements/ and the plain requirements.txt from pyproject.toml; no host name goes into them.
# Usage: tools/lock.sh [--upgrade]
set -euo pipefail
cd "$(dirname "$0")/.."

uv=$(command -v uv || echo .venv/bin/uv)
[ -x "$uv" ] || { .venv/bin/python -m pip install --quiet uv; uv=.venv/bin/uv; }

compile() { # output, then the inputs and options of uv
  local output=$1
  shift
  "$uv" pip compile --quiet --universal --generate-hashes --no-header --no-emit-package django-carillon \
    --python-version 3.11 --output-file "$output" "$@"
}

compile requirements/build.txt requirements/build.in "$@"
compile requirements/runtime.txt pyproject.toml --extra server --extra postgres --extra jwt "$@"
compile requirements/dev.txt pyproject.toml --extra server --extra postgres --extra jwt --extra dev \
  --constraint requirements/runtime.txt "$@"

# What platforms find at the root: the server with PostgreSQL, Redis and daphne, in the versions of the hashed locks, then Carillon itself.
{
  echo "# Made by tools/lock.sh, in the versions of requirements/dev.txt: what the Procfile needs. Do not edit."
  "$uv" pip compile --quiet --universal --no-header --no-annotate --no-emit-package django-carillon \
    --python-version 3.11 --constraint requirements/dev.txt \
    pyproject.toml --extra server --extra postgres --extra jwt --extra daphne
  echo "."
} > requirements.txt
