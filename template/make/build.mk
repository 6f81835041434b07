##@ Build

# The path of a tool, which is pinned in tools/, apart from the service's own dependencies, and built once.
tool = $$(GOWORK=off go -C tools tool -n $(1))

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
REVISION ?= $(shell git rev-parse --quiet --verify HEAD 2>/dev/null || echo unknown)
PLATFORM_PACKAGE = $(shell GOWORK=off go list -m)/internal/platform
LDFLAGS = -s -w -X $(PLATFORM_PACKAGE)/version.version=$(VERSION) -X $(PLATFORM_PACKAGE)/version.revision=$(REVISION)

.PHONY: build
build: ## Build bin/<service>
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o bin/$(SERVICE) ./cmd/$(SERVICE)

.PHONY: run
run: build ## Run the service with config/development.yaml
	./bin/$(SERVICE) --config config/development.yaml

.PHONY: tidy
tidy: ## Tidy go.mod and tools/go.mod
	go mod tidy
	go -C tools mod tidy

.PHONY: clean
clean: ## Remove what was built and measured
	rm -rf bin build
