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
EXAMPLES := $(basename $(notdir $(wildcard examples/answers/*.yml)))
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

.PHONY: render
render: $(STAMP) ## Render EXAMPLE, a file of examples/answers, into build/render/
	@test -f examples/answers/$(EXAMPLE).yml || { echo "EXAMPLE is one of: $(EXAMPLES)" >&2; exit 2; }
	@scripts/render build/render/$(EXAMPLE) --data-file examples/answers/$(EXAMPLE).yml
	@echo build/render/$(EXAMPLE)

.PHONY: preview
preview: $(STAMP) ## Show what the working tree changes in every example, or in EXAMPLE; BASE is the commit to compare with
	@$(BIN)/python -m scripts.preview $(EXAMPLE)

.PHONY: locks
locks: $(STAMP) ## Write go.mod and go.sum of SETS in locks/, or of all: render, tidy, store
	$(BIN)/python -m scripts.lock $(SETS)

.PHONY: docs
docs: $(STAMP) ## Write the pages in docs/ that are made from the questions and the template
	$(BIN)/python -m scripts.docs

.PHONY: bench
bench: $(STAMP) ## Measure copying and the generated service; figures go to build/bench.json
	$(BIN)/python scripts/bench.py

.PHONY: release
release: $(STAMP) ## Check that VERSION may be released, run all tests, and tag it
	$(BIN)/python -m scripts.release $(VERSION)
