##@ Check

.PHONY: fmt
fmt: ## Format the Go code
	$(call tool,golangci-lint) fmt

.PHONY: lint
lint: ## Run the linters
	$(call tool,golangci-lint) run

.PHONY: vuln
vuln: ## Look the dependencies up in Go's vulnerability database, which needs the network
	$(call tool,govulncheck) ./...

# Checks only; nothing is repaired on the way.
.PHONY: verify
verify: verify-modules verify-format manifests hooks verify-clean ## Check that everything generated is fresh and nothing is left over

.PHONY: verify-modules
verify-modules: ## Check that go.mod and go.sum are tidy
	go mod tidy -diff

.PHONY: verify-format
verify-format: ## Check the format of the Go code
	$(call tool,golangci-lint) fmt --diff

.PHONY: verify-clean
verify-clean: ## Check that the checks above left no changes
	@changes=$$(git status --porcelain); \
	if [ -n "$$changes" ]; then \
		printf 'The work tree has changes. Commit them, or find out which command made them:\n%s\n' "$$changes" >&2; \
		exit 1; \
	fi
