##@ Deploy

CONTAINER_TOOL ?= $(shell command -v podman || command -v docker)
KIND_CLUSTER ?= $(SERVICE)
OVERLAYS := $(wildcard deploy/$(SERVICE)/overlays/*)

.PHONY: image
image: ## Build the container image
	$(if $(CONTAINER_TOOL),,$(error Neither podman nor docker is there. Install one, or set CONTAINER_TOOL))
	$(CONTAINER_TOOL) build $(IMAGE_ARGS) --build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) -t $(IMAGE):$(VERSION) .

# Promtool reads plain rule files, a PrometheusRule has them under spec.
.PHONY: manifests
manifests: ## Render all overlays and test the alerts
	@for overlay in $(OVERLAYS); do echo "rendering $$overlay"; kubectl kustomize "$$overlay" >/dev/null; done

.PHONY: bootstrap-dev
bootstrap-dev: ## Create a KIND cluster named KIND_CLUSTER, unless it is there
	kind get clusters | grep -qx '$(KIND_CLUSTER)' || kind create cluster --name '$(KIND_CLUSTER)'

# An archive works with both Docker and Podman; `kind load docker-image` only with Docker.
.PHONY: deploy-kind
deploy-kind: image ## Load the image into the KIND cluster and deploy the overlay kind
	@mkdir -p build
	$(CONTAINER_TOOL) save -o build/image.tar $(IMAGE):$(VERSION)
	kind load image-archive build/image.tar --name '$(KIND_CLUSTER)'
	kubectl kustomize deploy/$(SERVICE)/overlays/kind | sed 's|image: $(IMAGE):.*|image: $(IMAGE):$(VERSION)|' \
		| kubectl --context 'kind-$(KIND_CLUSTER)' apply -f -
	kubectl --context 'kind-$(KIND_CLUSTER)' -n $(SERVICE) rollout status deployment/$(SERVICE) --timeout 120s
