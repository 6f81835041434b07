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
PYTEST := $(BIN)/pytest -n auto --dist loadgroup

.PHONY: help
help: ## Show this help
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

.PHONY: venv
venv: $(STAMP) ## Make .venv with all that the commands below need

.PHONY: doctor
doctor: ## Check this machine for what the commands need
	@scripts/doctor

.PHONY: demo
demo: $(STAMP) ## Render a service, build and test it, start it and send it a request
	$(BIN)/python scripts/demo.py $(DEMO)

.PHONY: tools
tools: ## Build the programs that the tests run, such as kube-apiserver: minutes, once per version
	@scripts/tools

# The rings: each holds the tests of the one before it.
.PHONY: check
check: $(STAMP) ## Run the tests that build nothing and need no network: two minutes
	$(PYTEST) --ring check

.PHONY: test
test: $(STAMP) tools ## Run the tests above, and build and test each leaf: eight minutes, the first time fifteen
	$(PYTEST) --ring test

.PHONY: test-all
test-all: test test-slow ## Run all tests

.PHONY: test-slow
test-slow: $(STAMP) tools ## Run only what test-all adds to test: images, linters, every make target, mutations
	scripts/tools services
	$(PYTEST) --ring slow

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
