#!/usr/bin/env bash
# Fetches what `make bench` measures Carillon beside: `ws` for Node, and as root nginx with nchan and Redis.
# What cannot be had here is left out and named in the report; only the network of the first run is needed.
set -euo pipefail
cd "$(dirname "$0")/.."

node=bench/build/node
if command -v npm >/dev/null && ! cmp --silent bench/package.json "$node/package.json"; then
  mkdir -p "$node"
  cp bench/package.json "$node/package.json"
  npm install --prefix "$node" --no-audit --no-fund --no-package-lock --silent || {
    echo "ws for Node could not be installed, and is left out." >&2
    rm -f "$node/package.json"
  }
fi

missing=()
[ -e /usr/lib/nginx/modules/ngx_nchan_module.so ] || missing+=(nginx-light libnginx-mod-nchan)
command -v redis-server >/dev/null || missing+=(redis-server)
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "Not measured, because they are not installed: ${missing[*]}. As root: apt-get install ${missing[*]}" >&2
  exit 0
fi
echo "installing ${missing[*]} …"
export DEBIAN_FRONTEND=noninteractive
# At runlevel 1 packages start no service; the bench starts its own.
apt-get update --quiet=2 &&
  RUNLEVEL=1 apt-get install --yes --no-install-recommends --quiet=2 "${missing[@]}" >/dev/null ||
  echo "They could not be installed, and are left out." >&2
