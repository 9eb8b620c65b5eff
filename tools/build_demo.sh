#!/usr/bin/env bash
# Builds the demo application and puts it where Django serves it (git-ignored, but part of the wheel).
set -euo pipefail
cd "$(dirname "$0")/.."
target=src/carillon/server/static/demo

echo "building the front end …"
npm run build --silent

built=examples/demo/dist
[ -f "$built/index.html" ] || { echo "$built/index.html is missing after npm run build" >&2; exit 1; }
rm -rf "$target"
mkdir -p "$target"
cp -R "$built/." "$target/"
touch "$target/.built"
