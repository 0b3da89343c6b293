# Entry points for people; `python -m orchestration --help` lists those for scripts.
# Everything runs in .venv, which the first target that needs it sets up from requirements.lock.

PYTHON ?= python3
ARGS ?=
ENV := .venv/bin/python

# An unset variable leaves the choice to the program: its own sample drop, and data/store.
ifneq ($(LANDING),)
export COLLAB_LANDING := $(LANDING)
endif
ifneq ($(STORE),)
export COLLAB_STORE := $(STORE)
endif
ifneq ($(COLLAB_START_YEAR),)
export COLLAB_START_YEAR
endif
ifneq ($(COLLAB_END_YEAR),)
export COLLAB_END_YEAR
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## this list
	@awk -F ' *## *' '/^[a-z-]+:.*##/ { split($$1, t, ":"); printf "  make %-14s %s\n", t[1], $$2 }' Makefile
	@echo
	@echo "  Variables: LANDING (folder of drops), STORE (results), COLLAB_START_YEAR, COLLAB_END_YEAR,"
	@echo "  PYTHON (3.11 to 3.13, for the set-up), ARGS (passed on). An example:"
	@echo "    make run LANDING=/data/landing STORE=data/store ARGS=--dry-run"

.PHONY: setup
setup: ## install what requirements.lock says into .venv
	@sh .ci/set_up.sh "$(PYTHON)"

.PHONY: run
run: setup ## the whole pipeline, headless
	@$(ENV) -m orchestration run $(ARGS)

.PHONY: ui
ui: setup ## Dagster's UI and daemon on 127.0.0.1:3000
	@$(ENV) -m orchestration ui $(ARGS)

.PHONY: test
test: setup ## all tests that need nothing beyond the machine
	$(ENV) -m pytest -n 2 --dist loadfile $(ARGS)

.PHONY: test-unit
test-unit: setup ## the fast tier alone
	$(ENV) -m pytest tests/unit $(ARGS)

.PHONY: test-faults
test-faults: setup ## processes killed at random points, a full disk, many processes at once
	$(ENV) -m pytest -n 2 --dist loadfile tests/faults $(ARGS)

.PHONY: test-operation
test-operation: setup ## years of operation in half an hour: production processes, PostgreSQL, 500 drops, queues
	$(ENV) -m pytest tests/operation $(ARGS)

.PHONY: test-real
test-real: setup ## real drops against brute force; skips where there are none (COLLAB_REAL_DATA)
	$(ENV) -m pytest -n 2 --dist loadfile tests/real $(ARGS)

.PHONY: test-e2e
test-e2e: setup ## the UI as its operators see it: real server, daemon and browser
	$(ENV) -m pytest tests/end_to_end $(ARGS)

.PHONY: bench
bench: setup ## the benchmarks; prints ratios
	@$(ENV) -m tests.bench $(ARGS)

.PHONY: lint
lint: setup ## style of Python and SQL
	$(ENV) -m ruff check
	$(ENV) -m ruff format --check
	$(ENV) -m sqlfluff lint dbt_project

.PHONY: types
types: setup ## static types
	$(ENV) -m mypy

.PHONY: format
format: setup ## mend what lint can mend by itself
	$(ENV) -m ruff check --fix-only
	$(ENV) -m ruff format
	$(ENV) -m sqlfluff fix dbt_project

# Versions stay as they are unless asked: make lock ARGS=--upgrade, or ARGS="--upgrade-package duckdb".
.PHONY: lock
lock: setup ## write requirements.lock anew from pyproject.toml
	$(ENV) -m uv pip compile --quiet --universal --no-strip-extras --no-header --generate-hashes \
		--group dev --output-file requirements.lock $(ARGS) pyproject.toml
	@! grep -nE '://|--(extra-)?index|--find-links' requirements.lock
	@echo "requirements.lock is written; the next make installs it"

# Needs the open network, so it is no part of `make test`. Strict: a version nobody answers for is no success.
.PHONY: audit
audit: setup ## known advisories of the dependencies (needs the open network)
	$(ENV) -m pip_audit --strict --disable-pip --require-hashes -r requirements.lock $(ARGS)

.PHONY: clean
clean: ## remove caches and build leftovers; .venv and data/ stay
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis logs build *.egg-info
	rm -rf dbt_project/target dbt_project/logs
	find assets orchestration tests -type d -name __pycache__ -prune -exec rm -rf {} +
