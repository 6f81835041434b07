"""What manifests must hold, as functions from objects to problems, so that a test can break one thing and see it."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import kubernetes_validate
import yaml

from tests import helpers

Object = dict[str, Any]
Right = tuple[str, str, str, str]  # API group, resource, name of the object, verb

# The minor version that locks/versions.yml pins.
KUBERNETES = helpers.questions()["kubernetes_version"]["default"].rpartition(".")[0]

# Kinds that the Prometheus operator defines; the schemas of Kubernetes don't know them.
CUSTOM = {"PrometheusRule", "ServiceMonitor"}

# Kinds that live in no namespace.
CLUSTER = {"CustomResourceDefinition"}

# Volume types that the Pod Security profile `restricted` allows.
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


def of_kind(objects: Iterable[Object], *kinds: str) -> list[Object]:
    """Return the objects of these kinds."""
    return [item for item in objects if item["kind"] in kinds]


def deployment(objects: Iterable[Object]) -> Object:
    """Return the one Deployment or DaemonSet."""
    [found] = of_kind(objects, "Deployment", "DaemonSet")
    return found


def pod(objects: Iterable[Object]) -> Object:
    """Return the pod template's spec."""
    spec: Object = deployment(objects)["spec"]["template"]["spec"]
    return spec


def container(objects: Iterable[Object]) -> Object:
    """Return the one container."""
    [found] = pod(objects)["containers"]
    assert isinstance(found, dict)
    return found


def config(objects: Iterable[Object]) -> Object:
    """Return the configuration that the pods read."""
    [found] = [item for item in of_kind(objects, "ConfigMap") if "config.yaml" in item["data"]]
    loaded: Object = yaml.safe_load(found["data"]["config.yaml"])
    return loaded


def seconds(duration: str) -> float:
    """Convert a Go duration of one or more units."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)(ms|h|m|s)", duration))


def bytes_of(quantity: str) -> int:
    """Convert a Kubernetes or Go byte size with a binary unit."""
    match = re.fullmatch(r"(\d+)(K|M|G)iB?", quantity)
    assert match, quantity
    return int(match[1]) << 10 * " KMG".index(match[2])


def controls(objects: Iterable[Object]) -> bool:
    """Tell whether the service is a controller, which brings its own resources."""
    return bool(of_kind(objects, "CustomResourceDefinition"))


def calls_kubernetes(objects: Iterable[Object]) -> bool:
    """Tell whether the service has rights at the Kubernetes API."""
    return bool(of_kind(objects, "Role"))


def rights_of(rules: Iterable[Object]) -> list[Right]:
    """Return the rules of a Role one by one, the name being empty where a rule is for all names."""
    return [
        (group, resource, name, verb)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for name in rule.get("resourceNames", [""])
        for verb in rule["verbs"]
    ]


def schema(objects: Iterable[Object]) -> Iterator[str]:
    """Every object of Kubernetes' own kinds is valid, unknown fields included."""
    for item in objects:
        if item["kind"] in CUSTOM:
            continue
        try:
            kubernetes_validate.validate(item, KUBERNETES, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{item['kind']} {item['metadata']['name']}: {error.message} at {list(error.path)}"


def pod_security(objects: Iterable[Object]) -> Iterator[str]:
    """The profile `restricted`, and what a hardened pod has beyond it."""
    spec = pod(objects)
    context = {**spec.get("securityContext", {}), **container(objects).get("securityContext", {})}
    expected = {
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "runAsGroup": 65532,
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "seccompProfile": {"type": "RuntimeDefault"},
        "capabilities": {"drop": ["ALL"]},
    }
    for field, value in expected.items():
        if context.get(field) != value:
            yield f"{field} is {context.get(field)}, not {value}"
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(field):
            yield f"{field} is set"
    for volume in spec.get("volumes", []):
        if not set(volume) - {"name"} <= VOLUMES:
            yield f"volume {volume['name']} has a type that isn't allowed"


def namespace(objects: Iterable[Object]) -> Iterator[str]:
    """The namespace refuses, reports and warns about pods that aren't restricted."""
    for item in of_kind(objects, "Namespace"):
        labels = item["metadata"].get("labels", {})
        for mode in ("enforce", "audit", "warn"):
            if labels.get(f"pod-security.kubernetes.io/{mode}") != "restricted":
                yield f"the namespace doesn't {mode} restricted"
            if labels.get(f"pod-security.kubernetes.io/{mode}-version") != f"v{KUBERNETES}":
                yield f"the namespace's {mode}-version isn't v{KUBERNETES}"
    if not of_kind(objects, "Namespace"):
        yield "no namespace"


def identity(objects: Iterable[Object]) -> Iterator[str]:
    """An own account, a token where there are rights to use it for, and no variables that look like configuration."""
    spec = pod(objects)
    accounts = {item["metadata"]["name"]: item for item in of_kind(objects, "ServiceAccount")}
    account = accounts.get(spec.get("serviceAccountName", "default"))
    if account is None:
        yield f"the account {spec.get('serviceAccountName', 'default')} isn't there"
    elif account.get("automountServiceAccountToken") is not False:
        yield "the account mounts a token"
    if spec.get("automountServiceAccountToken") is not calls_kubernetes(objects):
        yield f"the pod's automountServiceAccountToken is {spec.get('automountServiceAccountToken')}"
    if spec.get("enableServiceLinks") is not False:
        yield "service links are on"


def rights(objects: Iterable[Object]) -> Iterator[str]:
    """What the account may do is one Role in its own namespace, bound to nobody else, without a wildcard."""
    objects = list(objects)
    for kind in ("ClusterRole", "ClusterRoleBinding"):
        if of_kind(objects, kind):
            yield f"a {kind}"
    roles, bindings = of_kind(objects, "Role"), of_kind(objects, "RoleBinding")
    if (len(roles), len(bindings)) not in {(0, 0), (1, 1)}:
        yield f"{len(roles)} Roles and {len(bindings)} RoleBindings"
    for role, binding in zip(roles, bindings, strict=False):
        if binding["roleRef"] != {**binding["roleRef"], "kind": "Role", "name": role["metadata"]["name"]}:
            yield f"the binding is to {binding['roleRef']}"
        account = {"kind": "ServiceAccount", "name": pod(objects)["serviceAccountName"]}
        if binding["subjects"] != [{**account, "namespace": role["metadata"].get("namespace")}]:
            yield f"the binding is for {binding['subjects']}"
    found = [right for role in roles for right in rights_of(role["rules"])]
    for right in found:
        if "*" in "".join(right):
            yield f"a wildcard in {right}"
        if found.count(right) > 1:
            yield f"{right} is there twice"


def probes(objects: Iterable[Object]) -> Iterator[str]:
    """Alive and ready are asked on a port of their own, each at its own path."""
    item = container(objects)
    wanted = {
        "startupProbe": ("/healthz", None, None),
        "livenessProbe": ("/healthz", 10, 3),
        "readinessProbe": ("/readyz", 5, 3),
    }
    ports = {port["name"]: port["containerPort"] for port in item["ports"]}
    for name, (path, period, failures) in wanted.items():
        probe = item.get(name)
        if probe is None:
            yield f"no {name}"
            continue
        get = probe["httpGet"]
        if get["path"] != path:
            yield f"{name} asks {get['path']}"
        if ports.get(get["port"]) != 8081:
            yield f"{name} asks port {get['port']}"
        if period and (probe["periodSeconds"], probe["failureThreshold"]) != (period, failures):
            yield f"{name} has period {probe['periodSeconds']} and threshold {probe['failureThreshold']}"
        if probe.get("timeoutSeconds", 1) > probe["periodSeconds"] and name != "startupProbe":
            yield f"{name} waits longer than its period"


def grace(objects: Iterable[Object]) -> Iterator[str]:
    """The pod is killed after its shutdown is over, not before."""
    shutdown = config(objects)["shutdown"]
    if controls(objects) and seconds(shutdown["delay"]):
        yield f"the shutdown waits {shutdown['delay']} for callers that a controller doesn't have"
    needed = seconds(shutdown["delay"]) + seconds(shutdown["timeout"]) + 5
    given = pod(objects).get("terminationGracePeriodSeconds", 30)
    if given < needed:
        yield f"terminationGracePeriodSeconds is {given}, the shutdown may take {needed:g}"


def resources(objects: Iterable[Object]) -> Iterator[str]:
    """Requests and limits are the service's, and the collector knows of the limit."""
    item = container(objects)
    expected = {
        "requests": {"cpu": "100m", "memory": "128Mi"},
        "limits": {"cpu": "500m", "memory": "512Mi"},
    }
    if item.get("resources") != expected:
        yield f"resources are {item.get('resources')}"
        return
    [limit] = [entry["value"] for entry in item.get("env", []) if entry["name"] == "GOMEMLIMIT"]
    share = bytes_of(limit) / bytes_of(item["resources"]["limits"]["memory"])
    if not 0.85 <= share <= 0.95:
        yield f"GOMEMLIMIT is {share:.0%} of the limit"


def images(objects: Iterable[Object]) -> Iterator[str]:
    """An overlay names registry and tag, and the tag isn't one that moves."""
    image = container(objects)["image"]
    name, colon, tag = image.rpartition(":")
    if not colon or "/" not in name:
        yield f"{image} has no registry or no tag"
    if tag in {"latest", "main", "master", "0.0.0"}:
        yield f"{image} has a tag that moves or that no overlay set"


def availability(objects: Iterable[Object]) -> Iterator[str]:
    """Two pods or more have a budget and are spread; a budget lets every node be drained."""
    item = deployment(objects)
    replicas = item["spec"].get("replicas", 1)
    budgets = of_kind(objects, "PodDisruptionBudget")
    if replicas >= 2 and not budgets:
        yield "no budget"
    for budget in budgets:
        if budget["spec"].get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
            yield "the budget protects pods that aren't ready"
        if budget["spec"].get("maxUnavailable") != 1:
            yield "the budget may allow no disruption"
    topologies = {entry["topologyKey"] for entry in pod(objects).get("topologySpreadConstraints", [])}
    if replicas >= 2 and "kubernetes.io/hostname" not in topologies:
        yield "pods aren't spread over nodes"
    strategy = item["spec"]["strategy" if item["kind"] == "Deployment" else "updateStrategy"]
    if strategy["rollingUpdate"].get("maxUnavailable") != 0:
        yield "a rollout takes a pod away before its successor is ready"


def selectors(objects: Iterable[Object]) -> Iterator[str]:
    """Everything that selects pods selects these, and the monitor selects the Service."""
    labels = deployment(objects)["spec"]["template"]["metadata"]["labels"]
    chosen: list[tuple[str, Object]] = [("Deployment", deployment(objects)["spec"]["selector"]["matchLabels"])]
    chosen += [("Service", item["spec"]["selector"]) for item in of_kind(objects, "Service")]
    spreads = pod(objects).get("topologySpreadConstraints", [])
    chosen += [("spread", item["labelSelector"]["matchLabels"]) for item in spreads]
    for kind, field in (("NetworkPolicy", "podSelector"), ("PodDisruptionBudget", "selector")):
        chosen += [(kind, item["spec"][field]["matchLabels"]) for item in of_kind(objects, kind)]
    for kind, selector in chosen:
        if not selector or not selector.items() <= labels.items():
            yield f"{kind} selects {selector}, pods have {labels}"
    [service] = of_kind(objects, "Service")
    for monitor in of_kind(objects, "ServiceMonitor"):
        if not monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items():
            yield "ServiceMonitor doesn't select the Service"
        names = {port["name"] for port in service["spec"]["ports"]}
        if not {endpoint["port"] for endpoint in monitor["spec"]["endpoints"]} <= names:
            yield "ServiceMonitor names a port that the Service lacks"


def ports(objects: Iterable[Object]) -> Iterator[str]:
    """The Service names ports that the container has; probes stay inside."""
    has = {port["name"]: port["containerPort"] for port in container(objects)["ports"]}
    wanted = {"probes": 8081, "metrics": 9090}
    if not controls(objects):
        wanted["api"] = 8080
    if has != wanted:
        yield f"the container has the ports {has}"
    for item in of_kind(objects, "Service"):
        if len(item["spec"]["ports"]) != len(wanted) - 1:
            yield "the Service doesn't have each port but the probes'"
        for port in item["spec"]["ports"]:
            if port["targetPort"] not in has:
                yield f"the Service's {port['name']} goes to {port['targetPort']}, which the container lacks"
            elif port["port"] != has[port["targetPort"]]:
                yield f"the Service's {port['name']} is {port['port']}"
            if port["targetPort"] == "probes":
                yield "the Service exposes the probes"


def network(objects: Iterable[Object]) -> Iterator[str]:
    """Both directions are closed but for named peers, and policies name the pod's ports."""
    numbers = {port["name"]: port["containerPort"] for port in container(objects)["ports"]}
    has = {*numbers, *numbers.values()}
    if not of_kind(objects, "NetworkPolicy"):
        yield "no network policy"
    for item in of_kind(objects, "NetworkPolicy"):
        if set(item["spec"]["policyTypes"]) != {"Ingress", "Egress"}:
            yield "the policy leaves a direction open"
        for rule in item["spec"]["ingress"]:
            if not rule.get("from") or not rule.get("ports"):
                yield "an ingress rule is open to everybody or for every port"
            for port in rule.get("ports", []):
                if port["port"] not in has:
                    yield f"the policy opens {port['port']}, which the container lacks"
        yield from egress(item["spec"]["egress"], calls_kubernetes(objects))


def egress(rules: Iterable[Object], kubernetes: bool) -> Iterator[str]:
    """What leaves the namespace goes to named ports, and to the API server's only where the service calls it."""
    outside: set[int] = set()
    for rule in rules:
        if not rule.get("to"):
            yield "an egress rule is open to everybody"
        if any("podSelector" not in peer for peer in rule.get("to", [])):
            outside |= {port["port"] for port in rule.get("ports", [{"port": 0}])}
    if outside != ({443, 6443} if kubernetes else {443}):
        yield f"the policy lets out to the ports {outside}"


def references(objects: Iterable[Object]) -> Iterator[str]:
    """Every ConfigMap, Secret and account that the pod names is there, or is documented as optional."""
    there = {(item["kind"], item["metadata"]["name"]) for item in objects}
    wanted: list[tuple[str, str]] = [("ServiceAccount", pod(objects)["serviceAccountName"])]
    for volume in pod(objects).get("volumes", []):
        if "configMap" in volume:
            wanted.append(("ConfigMap", volume["configMap"]["name"]))
        if "secret" in volume and not volume["secret"].get("optional"):
            wanted.append(("Secret", volume["secret"]["secretName"]))
    for reference in wanted:
        if reference not in there:
            yield f"{' '.join(reference)} isn't there"
    mounts = {mount["name"] for mount in container(objects).get("volumeMounts", [])}
    volumes = {volume["name"] for volume in pod(objects).get("volumes", [])}
    if mounts != volumes:
        yield f"volumes {volumes} aren't the mounts {mounts}"


def secrets(objects: Iterable[Object]) -> Iterator[str]:
    """Files that the configuration names lie in a mount, and no Secret is part of an overlay."""
    if of_kind(objects, "Secret"):
        yield "a Secret is part of the overlay"
    auth = config(objects).get("auth")
    if (auth is None) is not controls(objects):
        yield "authentication is for services that have callers, and those say whether they ask for it"
    mounts = {mount["name"]: mount["mountPath"] for mount in container(objects)["volumeMounts"]}
    if auth and auth["mode"] == "token" and auth.get("tokenFile") != f"{mounts.get('secrets')}/api-key":
        yield f"the token is read from {auth.get('tokenFile')}, mounts are {mounts}"
    for name, channel in config(objects)["channels"].items():
        file = channel.get("headersFile")
        if file and not file.startswith(f"{mounts.get('secrets')}/"):
            yield f"the channel {name} reads {file}, mounts are {mounts}"


def namespaces(objects: Iterable[Object]) -> Iterator[str]:
    """All objects but CRDs live in the one namespace that the overlay makes, and all have the standard labels."""
    [name] = [item["metadata"]["name"] for item in of_kind(objects, "Namespace")]
    for item in objects:
        if item["kind"] == "Namespace":
            continue
        if item["metadata"].get("namespace") != (None if item["kind"] in CLUSTER else name):
            yield f"{item['kind']} {item['metadata']['name']} is in namespace {item['metadata'].get('namespace')}"
        if "app.kubernetes.io/name" not in item["metadata"].get("labels", {}):
            yield f"{item['kind']} {item['metadata']['name']} has no app.kubernetes.io/name"


ALL = [
    schema,
    pod_security,
    namespace,
    identity,
    rights,
    probes,
    grace,
    resources,
    images,
    availability,
    selectors,
    ports,
    network,
    references,
    secrets,
    namespaces,
]
