##@ Generate

.PHONY: generate
generate: ## Write deep copies, CustomResourceDefinition and Role from the code
	$(call tool,controller-gen) object paths=./api/...
	$(call tool,controller-gen) crd:crdVersions=v1 paths=./api/... output:crd:artifacts:config=config/crd/bases
	$(call tool,controller-gen) rbac:roleName=$(SERVICE) paths=./pkg/... output:rbac:artifacts:config=config/rbac

# What was stale shows up in verify as a change.
verify-clean: generate
