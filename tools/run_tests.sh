#!/usr/bin/env bash
# Runs every test and ends with one line of sums. Any failure makes it fail, but the other parts still run.
# Usage: tools/run_tests.sh [workers]
# Files stay whole, and begin in the order of tests/conftest.py: the long ones first.
set -uo pipefail
cd "$(dirname "$0")/.."
workers=${1:-2}
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
failed=0

part() { # name, then a command
  echo
  echo "── $1"
  shift
  local started=$SECONDS
  "$@" || failed=1
  echo "   $((SECONDS - started)) s"
}

pytest() { .venv/bin/python -m pytest "$@"; }
pytest_on_postgres() { CARILLON_TEST_DATABASE=postgres pytest "$@"; }

part "Python, in parallel (SQLite)" \
  pytest -n "$workers" --dist loadfile --no-loadscope-reorder -m "not serial" --junit-xml "$reports/parallel.xml"
# They wait more than they compute: one more than there are processors. Their deadlines are on the clock of a machine that they
# keep busy: whoever fails is run once more with nothing beside it, and the sums name who passed only there.
together() {
  local reports=$1
  pytest -n "$((workers + 1))" --dist loadfile --no-loadscope-reorder -m "serial and not alone" --junit-xml "$reports/serial.xml"
  local status=$?
  # 1: tests failed. Anything else is no matter of deadlines.
  [ $status -eq 1 ] || return $status
  echo "── Those that failed, again and alone"
  pytest --last-failed --last-failed-no-failures none -m "serial and not alone" --junit-xml "$reports/serial.again.xml"
}
part "Python: processes, faults, browser (SQLite)" together "$reports"
part "Python, one after the other: what measures time (SQLite)" \
  pytest -m alone --junit-xml "$reports/alone.xml"
part "Python, the tests of both databases again (PostgreSQL)" \
  pytest_on_postgres -n "$workers" --dist loadfile --no-loadscope-reorder -m both_databases --junit-xml "$reports/postgres.xml"
for package in packages/client packages/react examples/demo; do
  grep -q '"test":' "$package/package.json" || continue
  part "TypeScript: $package" npm run test --silent --workspace "$package" -- \
    --reporter=default --reporter=junit --outputFile.junit="$reports/$(basename "$package").xml"
done

echo
.venv/bin/python tools/sum_tests.py "$reports" || failed=1
exit "$failed"
