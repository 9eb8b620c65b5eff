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

# Pins without hashes, for platforms that read requirements.txt at the root.
{
  echo "# Made by tools/lock.sh from requirements/runtime.txt: the same pins without hashes. Do not edit."
  sed -n 's/^\([a-z0-9][^ ]*==[^ ]*\)\( *;[^\\]*\)\{0,1\} *\\\{0,1\}$/\1\2/p' requirements/runtime.txt | sed 's/ *$//'
} > requirements.txt
