##@ API server for the tests

# The minor version of the Kubernetes libraries in go.mod: v0.37.2 makes 1.37.
ENVTEST_VERSION = $(shell GOWORK=off go list -m -f '{{.Version}}' k8s.io/api | sed -E 's/^v0\.([0-9]+)\..*/1.\1/')
# What setup-envtest has fetched of that version for this machine, empty if nothing. Make splits a path that has a space, so
# what is looked for is relative.
ENVTEST_FOLDER = $(lastword $(sort $(wildcard bin/k8s/k8s/$(ENVTEST_VERSION).*-$(shell go env GOHOSTOS)-$(shell go env GOHOSTARCH))))
ENVTEST_FETCHED = $(addprefix $(CURDIR)/,$(ENVTEST_FOLDER))

# A machine without network brings its own: KUBEBUILDER_ASSETS wins.
test-integration: export KUBEBUILDER_ASSETS ?= $(ENVTEST_FETCHED)

# setup-envtest takes the right to write from what it unpacks, which `make clean` needs.
.PHONY: envtest
envtest: ## Fetch etcd and kube-apiserver of go.mod's version, which test-integration needs
ifdef KUBEBUILDER_ASSETS
	@echo 'KUBEBUILDER_ASSETS names $(KUBEBUILDER_ASSETS), nothing is fetched'
else
	@$(call tool,setup-envtest) use '$(ENVTEST_VERSION).x' --bin-dir bin/k8s || { echo \
		'No API server was fetched. Without network, set KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver.' >&2; exit 1; }
	@chmod -R u+w bin/k8s
endif

# doctor also looks for the API server.
doctor: doctor-envtest
.PHONY: doctor-envtest
doctor-envtest:
	@if [ -n '$(or $(KUBEBUILDER_ASSETS),$(ENVTEST_FETCHED))' ]; then echo '  apiserver  found, for test-integration'; \
	else echo '  apiserver  not there, for test-integration: make envtest'; fi
