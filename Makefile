# The same five commands everywhere: help, run, test, check, bench.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
PORT ?= 8501
PYTEST_ARGS ?=
# Which file of benchmarks/ to run, and with which arguments.
BENCH ?= utility
BENCH_ARGS ?=
# How many times `make audit` asks a plain question on either table; slower ones get their share.
AUDIT_RUNS ?= 200000
# How many broken files, and from which number: FUZZ_ARGS="--files 500 --from 20000".
FUZZ_ARGS ?=
# What `make check` tests; the pipeline empties it, because `make test` follows there.
FAST_TESTS ?= fast

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RUNS := .venv/.runs
TESTS := .venv/.tests
AXE := tests/browser/node_modules/.package-lock.json
SOURCES := dashboard pages streamlit_app.py sample_data benchmarks tests

.PHONY: help run test check bench cluster audit fuzz fast lint types imports lock sample clean

help: ## Say what can be done here
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUNS) ## Start the dashboard on this machine; the sample shop is one click away
	$(BIN)/python -m dashboard serve --port $(PORT)

test: $(TESTS) $(AXE) ## Run every test, three files at a time
	$(BIN)/python -m pytest -n 3 --dist loadscope --no-loadscope-reorder $(PYTEST_ARGS)

check: lint types imports $(FAST_TESTS) ## Check style, types and import rules, and run the fast tests

bench: $(TESTS) ## Measure against peers, by hand; see benchmarks/
	$(BIN)/python -m benchmarks.$(BENCH) $(BENCH_ARGS)

cluster: $(TESTS) ## Ask every question on a Spark cluster of this machine: two workers, and Connect
	$(BIN)/python -m tests.cluster

audit: $(TESTS) ## Prove from many runs how much leaks at least; see docs/audit.md
	AUDIT_RUNS=$(AUDIT_RUNS) $(BIN)/python -m tests.statistical

fuzz: $(TESTS) ## Give the intake ten thousand broken files
	$(BIN)/python -m tests.fuzz $(FUZZ_ARGS)

fast: $(TESTS) ## Run the tests that need neither a browser nor patience
	$(BIN)/python -m pytest -m "not browser and not statistical and not slow" $(PYTEST_ARGS)

lint: $(TESTS) ## Check style and layout
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

types: $(TESTS) ## Check types
	$(BIN)/mypy --strict

imports: $(TESTS) ## Check which room may import which
	$(BIN)/lint-imports --no-cache

lock: $(TESTS) ## Pin exact versions again, for every Python that is supported
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
	  --no-header --no-annotate --no-emit-index-url requirements-dev.txt -o constraints.txt

sample: $(TESTS) ## Invent the sample shop again: the same files
	$(BIN)/python sample_data/make.py

clean: ## Remove the environment and what tests leave; customer tables in data/ stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis tests/browser/node_modules

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo "Python 3.11, 3.12 or 3.13 is needed: make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { echo "Python lacks its venv part; on Debian: apt-get install python3-venv" >&2; exit 1; }

# Sums over rows are compiled here, so that nobody's first purchase waits for it.
$(RUNS): requirements.txt constraints.txt | $(BIN)/python
	$(PIP) install -r requirements.txt -c constraints.txt
	$(BIN)/python -c "import dashboard.privacy.grouping"
	@touch $@

$(TESTS): requirements-dev.txt $(RUNS)
	$(PIP) install -r requirements-dev.txt -c constraints.txt
	@touch $@

# axe-core checks accessibility in the browser tests; without npm they say that it is missing.
$(AXE): tests/browser/package-lock.json
	@if command -v npm >/dev/null; then npm ci --silent --no-audit --no-fund --prefix tests/browser; \
	  else echo "npm is not installed: the accessibility tests can't run here" >&2; fi
