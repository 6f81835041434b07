##@ Test

# Every tier runs with the race detector, in random order and with a limit. FOCUS='text' runs the specs
# whose names match it.
FOCUS ?=
GINKGO_FLAGS = -ginkgo.randomize-all $(if $(FOCUS),-ginkgo.focus='$(FOCUS)')
GO_TEST := CGO_ENABLED=1 go test -race -count=1

.PHONY: test
test: test-unit test-integration ## Run the unit and integration tests

.PHONY: test-unit
test-unit: ## Run the unit tests, which need nothing but Go
	$(GO_TEST) -timeout 2m ./test/unit/... $(GINKGO_FLAGS)

.PHONY: test-integration
test-integration: ## Run the integration tests against upstreams in the test process
	$(GO_TEST) -timeout 5m -tags integration ./test/integration/... $(GINKGO_FLAGS)

.PHONY: test-e2e
test-e2e: ## Run the end-to-end tests against a service that runs; they say what tells them where
	$(GO_TEST) -timeout 5m -tags e2e ./test/e2e/... $(GINKGO_FLAGS)

# The tests stand in test/unit, so the packages to measure have to be named.
.PHONY: coverage
coverage: ## Measure the unit tests' coverage of pkg/ and internal/; fail below COVERAGE_MIN percent
	@mkdir -p build
	go test -count=1 -timeout 5m -coverpkg=./pkg/...,./internal/... -coverprofile=build/coverage.out ./test/unit/...
	go tool cover -html=build/coverage.out -o build/coverage.html
	@go tool cover -func=build/coverage.out | awk -v min=$(COVERAGE_MIN) '/^total:/ { \
		printf "coverage %s of statements, at least %s%% wanted; lines in build/coverage.html\n", $$3, min; \
		exit ($$3 + 0 < min) }'

.PHONY: test-coverage
test-coverage: coverage ## The same as coverage

.PHONY: mutate
mutate: ## Change the code in small ways and see whether the unit tests notice
	$(call tool,gremlins) unleash --config .gremlins.yaml .

.PHONY: bench
bench: ## Run the benchmarks
	go test -run '^$$' -bench . -benchmem ./test/unit/...
