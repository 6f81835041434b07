##@ Generate

.PHONY: generate
generate: ## Write deep copies, CustomResourceDefinition and Role from the code
	$(TOOL) controller-gen object paths=./api/...
	$(TOOL) controller-gen crd:crdVersions=v1 paths=./api/... output:crd:artifacts:config=config/crd/bases
	$(TOOL) controller-gen rbac:roleName=$(SERVICE) paths=./pkg/... output:rbac:artifacts:config=config/rbac

# What was stale shows up in verify as a change.
verify-clean: generate
