# Aisle. `make run` and `make test` need nothing but Python 3.11 and a package index: they set up what they use.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test test-fast check lint types imports templates spelling format setup setup-tests migrate \
        demo-reset worker bench clean

PYTHON := .venv/bin/python
BIN := .venv/bin
WITHIN := $(PYTHON) -m portal.devtools.within

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: setup ## Start everything on this machine: database, demo data, web, worker, Stripe emulator (PORT=8000)
	@$(PYTHON) -m portal.devtools.run

test: setup-tests ## Run every test, on real PostgreSQL, Redis and Chromium
	@$(PYTHON) -m pytest

test-fast: setup-tests ## Run the tests that take no browser, server process or race
	@$(PYTHON) -m pytest -m "not slow"

check: lint types imports templates spelling ## Lint, types, import contracts, template lint, spelling

lint: setup ## Style: ruff's rules and its formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup ## Types: mypy, strict
	@$(BIN)/mypy

imports: setup ## Import contracts: layers run one way, third parties stay in one room
	@PYTHONPATH=. $(BIN)/lint-imports

templates: setup ## Template lint: djlint
	@$(BIN)/djlint --quiet --lint templates

spelling: setup ## Spelling: codespell
	@$(BIN)/codespell

migrate: setup ## Apply the migrations to the development database (or to DATABASE_OWNER_URL)
	@$(WITHIN) flask --app app migrate

demo-reset: setup ## Replace the demo data of the development database by fresh
	@$(WITHIN) flask --app app demo reset

worker: setup ## Run a worker by itself, in the environment of `make run`
	@$(WITHIN) python -m tasks.worker

bench: setup-tests ## Compare pages with a bare Flask page: requests per second, p50, p99, bytes (minutes)
	@$(PYTHON) -m tests.bench

format: setup ## Format the code and mend what ruff can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

setup: .venv/.synced ## Make the Python environment from the lock file (the others do it by themselves)

setup-tests: setup ## Also install Chromium and Redis where they are missing
	@$(PYTHON) -m portal.devtools.system_packages

.venv/.synced: pyproject.toml uv.lock portal/devtools/setup.sh
	@portal/devtools/setup.sh

clean: ## Forget caches (the database and demo data in var/ stay)
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find portal tasks tests -name __pycache__ -type d -prune -exec rm -rf {} +
