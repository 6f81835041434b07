##@ Deploy

CONTAINER_TOOL ?= $(shell command -v podman || command -v docker)
KIND_CLUSTER ?= $(SERVICE)
WORKLOAD := $(basename $(notdir $(wildcard deploy/$(SERVICE)/base/d*.yaml)))
# A version as an image's tag: of services/orders/v1.2.0+7, v1.2.0-7.
TAG = $(subst +,-,$(lastword $(subst /, ,$(VERSION))))
OVERLAYS := $(wildcard deploy/$(SERVICE)/overlays/*)

.PHONY: image
image: ## Build the container image
	$(if $(CONTAINER_TOOL),,$(error Neither podman nor docker is there. Install one, or set CONTAINER_TOOL))
	$(CONTAINER_TOOL) build $(IMAGE_ARGS) --build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) -t $(IMAGE):$(TAG) .

# promtool reads plain rule files; a PrometheusRule has the same under its spec.
ALERTS := deploy/$(SERVICE)/components/monitoring

.PHONY: manifests
manifests: ## Render all overlays and test the alerts
	@command -v kubectl >/dev/null || { echo 'kubectl is missing: see make doctor' >&2; exit 1; }
	@command -v promtool >/dev/null || { echo 'promtool is missing: see make doctor' >&2; exit 1; }
	@for overlay in $(OVERLAYS); do echo "rendering $$overlay"; kubectl kustomize "$$overlay" >/dev/null; done
	@mkdir -p build/alerts
	@sed -e '1,/^spec:$$/d' -e 's/^  //' $(ALERTS)/prometheusrule.yaml >build/alerts/rules.yaml
	@cp $(ALERTS)/alerts_test.yaml build/alerts/
	promtool check rules build/alerts/rules.yaml
	promtool test rules build/alerts/alerts_test.yaml

.PHONY: set-image
set-image: ## Write VERSION as the image's tag into the overlay production
	sed -i.bak 's|newTag: .*|newTag: "$(TAG)"|' deploy/$(SERVICE)/overlays/production/kustomization.yaml
	rm deploy/$(SERVICE)/overlays/production/kustomization.yaml.bak

.PHONY: bootstrap-dev
bootstrap-dev: ## Create a KIND cluster named KIND_CLUSTER, unless it is there
	kind get clusters | grep -qx '$(KIND_CLUSTER)' || kind create cluster --name '$(KIND_CLUSTER)'

# An archive works with both Docker and Podman; `kind load docker-image` only with Docker.
.PHONY: deploy-kind
deploy-kind: image ## Load the image into the KIND cluster and deploy the overlay kind
	@mkdir -p build
	$(CONTAINER_TOOL) save -o build/image.tar $(IMAGE):$(TAG)
	kind load image-archive build/image.tar --name '$(KIND_CLUSTER)'
	kubectl kustomize deploy/$(SERVICE)/overlays/kind | sed 's|image: $(IMAGE):.*|image: $(IMAGE):$(TAG)|' \
		| kubectl --context 'kind-$(KIND_CLUSTER)' apply -f -
	kubectl --context 'kind-$(KIND_CLUSTER)' -n $(SERVICE) rollout status $(WORKLOAD)/$(SERVICE) --timeout 120s
