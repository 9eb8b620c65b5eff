# run · test · check · bench · docs: everything a person or CI calls. Each target installs what it needs, once.
#   make run                 the server with the demo, on http://127.0.0.1:8000 (PORT=…, DATA=folder)
#   make test                every test, from nothing
#   make check               format, lint, types, import rules, generated files

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell command -v python3.11 || command -v python3)
WORKERS ?= 2

ifdef DATA
export CARILLON_DATA := $(abspath $(DATA))
endif

DEMO := src/carillon/server/static/demo
DEMO_STAMP := $(DEMO)/.built
FRONT_SOURCES := $(shell find packages examples/demo -type f \
	-not -path '*/node_modules/*' -not -path '*/dist/*' -not -name '*.test.ts' -not -name '*.test.tsx' 2>/dev/null)

.PHONY: help run test check bench docs format lock clean

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
	@exec $(BIN)/python tools/run_demo.py $(PORT)

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
	tools/run_tests.sh $(WORKERS)

bench: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet -r bench/requirements.txt
	$(BIN)/python -m bench

docs: $(VENV)/.dev
	$(BIN)/python tools/write_reference.py

format: $(VENV)/.dev node_modules/.installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	npm run format --if-present

lock: | $(BIN)/python
	tools/lock.sh

clean:
	rm -rf $(VENV) node_modules packages/*/node_modules packages/*/dist examples/*/node_modules examples/*/dist $(DEMO)
