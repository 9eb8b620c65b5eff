# run · test · check · autobahn · bench · faults · docs: everything a person or CI calls. Each target installs what it needs, once.
#   make run                 the server with the demo, on http://127.0.0.1:8000 (PORT=…, DATA=folder, WORKERS=server processes)
#   make test                every test, from nothing (WORKERS=parallel test processes, 2 by default)
#   make bench               beside its peers, into docs/performance.md (QUICK=1: only whether it runs)
#   make check               format, lint, types, import rules, generated files
#   make autobahn            Autobahn's fuzzing client against our sockets (it needs Python 2.7, and says so)
#   make faults              the long form of the fault tests, with a report in docs/ (DURATION=0.2, FAULTS="R6 R7", SCALE=0.2)

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell command -v python3.11 || command -v python3)

ifdef DATA
export CARILLON_DATA := $(abspath $(DATA))
endif

DEMO := src/carillon/server/static/demo
DEMO_STAMP := $(DEMO)/.built
FRONT_SOURCES := $(shell find packages examples/demo -type f \
	-not -path '*/node_modules/*' -not -path '*/dist/*' -not -name '*.test.ts' -not -name '*.test.tsx' 2>/dev/null)

.PHONY: help run test check autobahn bench faults docs format lock clean

help:
	@sed -n 's/^#  \( make .*\)/\1/p' Makefile

# ---------------------------------------------------------------- environment

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# Stamps carry the time of the last install; a changed lock is newer and installs again.
$(VENV)/.runtime: requirements/build.txt requirements/runtime.txt pyproject.toml | $(BIN)/python
	tools/install.sh runtime

$(VENV)/.dev: requirements/build.txt requirements/dev.txt pyproject.toml | $(BIN)/python
	tools/install.sh dev

node_modules/.installed: package-lock.json package.json .npmrc
	npm ci --no-audit --no-fund
	touch $@

$(DEMO_STAMP): node_modules/.installed $(FRONT_SOURCES)
	tools/build_demo.sh

# ---------------------------------------------------------------- what people call

run: $(VENV)/.runtime $(DEMO_STAMP)
	@exec $(BIN)/python tools/run_demo.py $(PORT) $(WORKERS)

check: $(VENV)/.dev node_modules/.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy tests/support
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/carillon makemigrations --check --dry-run
	$(BIN)/carillon schema --check
	npm run check
	npm run generate:check

test: $(VENV)/.dev $(DEMO_STAMP)
	tools/ensure_services.sh
	tools/run_tests.sh $(or $(WORKERS),2)

autobahn: $(VENV)/.dev
	$(BIN)/python -m tests.e2e.wire.autobahn

# Peers that are not installed are named in the report; QUICK=1 only shows that everything runs.
bench: $(VENV)/.dev $(DEMO_STAMP)
	tools/ensure_services.sh || true
	tools/ensure_peers.sh
	$(BIN)/python -m pip install --quiet -r bench/requirements.txt
	$(BIN)/python -m bench $(if $(QUICK),--quick,--write)

# The load generator, and the limit of what one send a delivery allows.
bench/build/load: $(wildcard bench/generator/*.c bench/generator/*.h)
	@mkdir -p bench/build
	cc -O2 -Wall -Wextra -o $@ $(filter %.c,$^)

bench/build/limit: bench/limit.c
	@mkdir -p bench/build
	cc -O2 -Wall -Wextra -o $@ $<

# All of it in its long form, with a report; DURATION=0.2 in less time; FAULTS="R6 R7" some of it, SCALE=0.2 smaller, which write no report.
faults: $(VENV)/.dev
	tools/ensure_services.sh
	$(BIN)/python -m tests.e2e.faults --long $(FAULTS) --scale $(or $(SCALE),1) --duration $(or $(DURATION),$(SCALE),1) $(if $(FAULTS)$(SCALE),,--report)

docs: $(VENV)/.dev
	$(BIN)/python tools/write_reference.py

format: $(VENV)/.dev node_modules/.installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	npm run format --if-present

lock: | $(BIN)/python
	tools/lock.sh

clean:
	rm -rf $(VENV) node_modules packages/*/node_modules packages/*/dist examples/*/node_modules examples/*/dist $(DEMO) bench/build
