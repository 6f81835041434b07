# Slipwright's own commands. `make` lists them; README.md says which to start with.

.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

PYTHON ?= python3
VENV := .venv
DEMO := build/demo/order-notifier

# The environment is made anew when pyproject.toml changes.
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help
help: ## Show this help
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

.PHONY: venv
venv: $(STAMP) ## Make .venv with all that the commands below need

.PHONY: demo
demo: $(STAMP) ## Render a service, build and test it, start it and send it a request
	scripts/demo $(DEMO)

.PHONY: test
test: $(STAMP) ## Run the tests that take minutes
	$(BIN)/pytest -n auto --dist loadgroup -m 'not slow'

.PHONY: test-slow
test-slow: $(STAMP) ## Run the other tests: images, tools, every make target
	$(BIN)/pytest -n auto --dist loadgroup -m slow

.PHONY: test-all
test-all: test test-slow ## Run all tests

.PHONY: lint
lint: $(STAMP) ## Run the linters on this repository
	$(BIN)/pre-commit run --all-files

.PHONY: fmt
fmt: $(STAMP) ## Format the Python code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: locks
locks: $(STAMP) ## Render each set of Go dependencies, tidy it, and store go.mod and go.sum in locks/
	$(BIN)/python -m scripts.lock

.PHONY: docs
docs: $(STAMP) ## Write docs/questions.md and docs/ownership.md from the questions
	$(BIN)/python -m scripts.docs

.PHONY: bench
bench: $(STAMP) ## Measure copying and the generated service; figures go to build/bench.json
	$(BIN)/python scripts/bench.py
