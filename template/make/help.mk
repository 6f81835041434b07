# Help and the checks of this machine.

.DEFAULT_GOAL := help

SHELL := bash
.SHELLFLAGS := -euo pipefail -c

# Each target's help stands behind its name as `## text`; `##@ Group` starts a group. What is needed first is
# shown first, and targets of the Makefile's own last.
HELP_ORDER := $(addprefix make/,doctor.mk help.mk build.mk test.mk lint.mk)
.PHONY: help
help: ## Show this help
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z0-9-]+:.*## / { printf "  %-20s %s\n", $$1, $$2 }' $(HELP_ORDER) $(filter-out Makefile $(HELP_ORDER),$(MAKEFILE_LIST)) Makefile

# The spellings of the plan, such as test-unit-orders, work for every target of this list.
# Where the service has the name of a tier, test-<service> is that tier.
SERVICE_TARGETS := test test-unit test-integration test-e2e test-coverage build lint deploy-kind
SPELLINGS := $(filter-out $(SERVICE_TARGETS),$(SERVICE_TARGETS:%=%-$(SERVICE)))
.PHONY: $(SPELLINGS)
$(SPELLINGS): %-$(SERVICE): %
