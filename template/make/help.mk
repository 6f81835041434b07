# Help and the checks of this machine.

.DEFAULT_GOAL := help

SHELL := bash
.SHELLFLAGS := -euo pipefail -c

# Each target's help stands behind its name as `## text`; `##@ Group` starts a group.
.PHONY: help
help: ## Show this help
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z0-9-]+:.*## / { printf "  %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The spellings of the plan, such as test-unit-orders, work for every target of this list.
SERVICE_TARGETS := test test-unit test-integration test-e2e test-coverage build lint deploy-kind
.PHONY: $(SERVICE_TARGETS:%=%-$(SERVICE))
$(SERVICE_TARGETS:%=%-$(SERVICE)): %-$(SERVICE): %
