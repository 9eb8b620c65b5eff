#!/usr/bin/env bash
# Makes sure that the system programs of the tests are there: a browser (Chromium), PostgreSQL and Redis.
# As root it installs what is missing; otherwise it prints the line to run, and fails: a missing part never skips a test.
set -euo pipefail

missing=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || [ -n "${CARILLON_TEST_CHROMIUM:-}" ] || missing+=(chromium fonts-dejavu-core)
if [ -z "${CARILLON_TEST_POSTGRES:-}" ]; then
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
fi
if [ -z "${CARILLON_TEST_REDIS:-}" ]; then
  command -v redis-server >/dev/null || missing+=(redis-server)
fi
[ ${#missing[@]} -eq 0 ] && exit 0

line="apt-get update && apt-get install --yes --no-install-recommends ${missing[*]}"
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "The tests need: ${missing[*]}. Run this as root, then make test again:" >&2
  echo "  $line" >&2
  exit 1
fi

echo "installing ${missing[*]} …"
export DEBIAN_FRONTEND=noninteractive
# The tests start clusters of their own: keep the package from starting one for the machine.
if [[ " ${missing[*]} " == *" postgresql "* ]]; then
  mkdir -p /etc/postgresql-common
  grep -qs '^create_main_cluster' /etc/postgresql-common/createcluster.conf ||
    echo 'create_main_cluster = false' >> /etc/postgresql-common/createcluster.conf
fi
apt-get update --quiet=2
# Nor one of Redis: at runlevel 1 packages start no service.
RUNLEVEL=1 apt-get install --yes --no-install-recommends --quiet=2 "${missing[@]}" >/dev/null
