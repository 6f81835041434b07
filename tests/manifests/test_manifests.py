"""Each overlay keeps every rule, and each rule notices when one thing is broken."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import helpers

from . import checks

Check = Callable[[Iterable[checks.Object]], Iterator[str]]
Break = Callable[[list[checks.Object]], Any]
Build = Callable[[Path], list[checks.Object]]

# A controller with names as long as they may be.
LONG_NAMES = {
    "service_type": "controller",
    "resource_kind": "P" + "a" * 39,
    "resource_plural": "p" * 63,
    "api_domain": f"{'d' * 49}.{'e' * 50}",
}

leaves = pytest.mark.parametrize("leaf", helpers.LEAVES, indirect=True)

KINDS = {"NetworkPolicy", "Service", "ServiceAccount"}


@leaves
@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_overlay_keeps_the_rule(check: Check, objects: list[checks.Object]) -> None:
    assert list(check(objects)) == []


@leaves
def test_base_builds_without_an_overlay(leaf: str, leaf_service: Path, build: Build) -> None:
    objects = build(leaf_service / "deploy/orders/base")
    assert all("namespace" not in item["metadata"] for item in objects)
    wanted = {"DaemonSet" if leaf == "http-envtest-reads" else "Deployment", *KINDS}
    if leaf != "http-mocks":
        wanted |= {"Role", "RoleBinding"}
    if leaf == "controller":
        wanted.add("CustomResourceDefinition")
    if leaf in {"controller", "http-envtest-writes"}:
        wanted.add("PodDisruptionBudget")
    assert sorted(item["kind"] for item in objects) == sorted(wanted)


@leaves
def test_replicas_follow_the_store(leaf: str, objects: list[checks.Object]) -> None:
    """What is in memory is known to one pod only."""
    shared = leaf in {"controller", "http-envtest-writes"}
    kinds = {item["kind"] for item in objects}
    assert ("PodDisruptionBudget" in kinds) == shared
    spec = checks.deployment(objects)["spec"]
    if leaf == "http-envtest-reads":  # one on each node
        [service] = checks.of_kind(objects, "Service")
        assert "replicas" not in spec
        assert service["spec"]["internalTrafficPolicy"] == "Local"
    elif not shared:
        assert spec["replicas"] == 1


@leaves
def test_pods_say_what_they_are(leaf: str, objects: list[checks.Object]) -> None:
    labels = checks.deployment(objects)["spec"]["template"]["metadata"]["labels"]
    assert labels["app.kubernetes.io/component"] == ("controller" if leaf == "controller" else "api")


@pytest.mark.parametrize("answers", [{}, LONG_NAMES], ids=["http", "controller"])
def test_longest_name_keeps_the_rules(answers: helpers.Answers, render: Callable[..., Path], build: Build) -> None:
    name = "a" * 38 + "-b"
    for overlay in ("kind", "production"):
        objects = build(render(service_name=name, **answers) / "deploy" / name / "overlays" / overlay)
        helpers.expect_none(problem for check in checks.ALL for problem in check(objects))


@leaves
def test_example_secret_is_what_production_reads(leaf: str, leaf_service: Path, build: Build) -> None:
    folder = leaf_service / "deploy/orders/overlays/production"
    [example] = yaml.safe_load_all((folder / "secret.example.yaml").read_text())
    assert list(checks.schema([example])) == []
    objects = build(folder)
    [volume] = [entry for entry in checks.pod(objects)["volumes"] if entry["name"] == "secrets"]
    assert example["metadata"]["name"] == volume["secret"]["secretName"]
    assert example["metadata"]["namespace"] == checks.deployment(objects)["metadata"]["namespace"]
    key = "partner-headers" if leaf == "controller" else "api-key"
    assert set(example["stringData"]) == {key}
    mounts = {mount["name"]: mount["mountPath"] for mount in checks.container(objects)["volumeMounts"]}
    told = "".join((folder / name).read_text() for name in ("config.yaml", "secret.example.yaml"))
    assert f"File: {mounts['secrets']}/{key}\n" in told


# What the Deployment tells the process of its pod: the configuration's key and the field.
DOWNWARD = {
    "http-envtest-reads": {"discovery.node": "spec.nodeName"},
    "http-envtest-writes": {"store.identity": "metadata.name"},
}


@leaves
def test_process_is_told_of_its_pod(leaf: str, leaf_service: Path, objects: list[checks.Object]) -> None:
    given = {entry["name"]: entry for entry in checks.container(objects)["env"]}
    assert given.pop("GOMEMLIMIT")["value"]
    wanted = {f"ORDERS_{key.replace('.', '_').upper()}": field for key, field in DOWNWARD.get(leaf, {}).items()}
    assert {name: entry["valueFrom"]["fieldRef"]["fieldPath"] for name, entry in given.items()} == wanted


@pytest.mark.parametrize("leaf", DOWNWARD, indirect=True)
def test_what_the_process_is_told_is_configuration(leaf: str, leaf_service: Path) -> None:
    readme = (leaf_service / "docs/services/orders/README.md").read_text()
    for key in DOWNWARD[leaf]:
        group, _, name = key.partition(".")
        assert f"| `{key}` | none | `ORDERS_{group.upper()}_{name.upper()}` |" in readme
        settings = "".join(path.read_text() for path in (leaf_service / "cmd/orders/assembly").glob("*.go"))
        assert f'`koanf:"{group}"`' in settings
        code = "".join(path.read_text() for path in (leaf_service / "pkg/orders" / group).glob("*.go"))
        assert f'`koanf:"{name}"' in code


def drop(kind: str) -> Break:
    def apply(objects: list[checks.Object]) -> None:
        objects[:] = [item for item in objects if item["kind"] != kind]

    return apply


def put(find: Callable[[list[checks.Object]], checks.Object], **fields: object) -> Break:
    return lambda objects: find(objects).update(fields)


def first(kind: str) -> Callable[[list[checks.Object]], checks.Object]:
    return lambda objects: checks.of_kind(objects, kind)[0]


def probe(name: str, **get: str) -> Break:
    return lambda objects: checks.container(objects)[name]["httpGet"].update(get)


def rename_config(objects: list[checks.Object]) -> None:
    checks.pod(objects)["volumes"][0]["configMap"]["name"] = "elsewhere"


def open_policy(objects: list[checks.Object]) -> None:
    first("NetworkPolicy")(objects)["spec"]["ingress"][0].pop("from")


def policy_by_service_port(objects: list[checks.Object]) -> None:
    first("NetworkPolicy")(objects)["spec"]["ingress"][0]["ports"][0]["port"] = 80


def long_drain(objects: list[checks.Object]) -> None:
    config = next(item for item in checks.of_kind(objects, "ConfigMap") if "config.yaml" in item["data"])
    config["data"]["config.yaml"] = config["data"]["config.yaml"].replace("timeout: 30s", "timeout: 1m")


def move_token(objects: list[checks.Object]) -> None:
    checks.container(objects)["volumeMounts"][1]["mountPath"] = "/elsewhere"


def service_selector(objects: list[checks.Object]) -> None:
    first("Service")(objects)["spec"]["selector"] = {"app": "orders"}


def egress(objects: list[checks.Object]) -> checks.Object:
    rule: checks.Object = first("NetworkPolicy")(objects)["spec"]["egress"][-1]
    return rule


def open_port(objects: list[checks.Object], number: int) -> None:
    egress(objects)["ports"].append({"port": number, "protocol": "TCP"})


def role(*rules: checks.Object) -> checks.Object:
    whole = [{"apiGroups": [""], "resources": ["pods"], **rule} for rule in rules]
    return {"kind": "Role", "metadata": {"name": "orders", "namespace": "orders"}, "rules": whole}


def rule(**fields: object) -> Break:
    return lambda objects: first("Role")(objects)["rules"][0].update(fields)


def configure(**groups: object) -> Break:
    def apply(objects: list[checks.Object]) -> None:
        text = yaml.safe_dump({**checks.config(objects), **groups})
        [found] = [item for item in checks.of_kind(objects, "ConfigMap") if "config.yaml" in item["data"]]
        found["data"]["config.yaml"] = text

    return apply


def expose_probes(objects: list[checks.Object]) -> None:
    first("Service")(objects)["spec"]["ports"].append({"name": "probes", "port": 8081, "targetPort": "probes"})


# One breach of a rule each, in the overlay production.
BROKEN: list[tuple[Check, str, Break]] = [
    (checks.schema, "an unknown field", put(checks.container, livenesProbe={})),
    (checks.schema, "a wrong type", put(lambda objects: checks.deployment(objects)["spec"], replicas="two")),
    (checks.pod_security, "a root user", put(lambda objects: checks.pod(objects)["securityContext"], runAsUser=0)),
    (checks.pod_security, "the host's network", put(checks.pod, hostNetwork=True)),
    (
        checks.pod_security,
        "a writable root",
        put(lambda objects: checks.container(objects)["securityContext"], readOnlyRootFilesystem=False),
    ),
    (
        checks.pod_security,
        "a folder of the host",
        lambda objects: checks.pod(objects)["volumes"].append({"name": "host", "hostPath": {"path": "/"}}),
    ),
    (checks.namespace, "an unlabeled namespace", lambda objects: first("Namespace")(objects)["metadata"].clear()),
    (checks.identity, "a token", put(checks.pod, automountServiceAccountToken=True)),
    (checks.identity, "no account", drop("ServiceAccount")),
    (checks.identity, "service links", lambda objects: checks.pod(objects).pop("enableServiceLinks")),
    (checks.rights, "rights in the cluster", lambda objects: objects.append({"kind": "ClusterRole"})),
    (checks.rights, "a Role for nobody", lambda objects: objects.append(role({"verbs": ["get"]}))),
    (checks.probes, "one path for both", probe("readinessProbe", path="/healthz")),
    (checks.probes, "probes at the API", probe("livenessProbe", port="api")),
    (checks.probes, "no start-up probe", lambda objects: checks.container(objects).pop("startupProbe")),
    (checks.grace, "a short grace period", put(checks.pod, terminationGracePeriodSeconds=34)),
    (checks.grace, "a longer drain", long_drain),
    (checks.resources, "no limits", lambda objects: checks.container(objects)["resources"].pop("limits")),
    (checks.resources, "all of the limit", lambda objects: checks.container(objects)["env"][0].update(value="512MiB")),
    (checks.images, "the latest image", put(checks.container, image="registry.example.com/team/orders:latest")),
    (checks.images, "no tag", put(checks.container, image="registry.example.com/team/orders")),
    (checks.images, "a registry's port for a tag", put(checks.container, image="orders:5000")),
    (
        checks.availability,
        "pods taken away",
        lambda objects: checks.deployment(objects)["spec"]["strategy"]["rollingUpdate"].update(maxUnavailable=1),
    ),
    (checks.selectors, "another selector", service_selector),
    (checks.network, "a policy by Service port", policy_by_service_port),
    (checks.network, "an open policy", open_policy),
    (checks.network, "no policy", drop("NetworkPolicy")),
    (checks.network, "a way to the API server", lambda objects: open_port(objects, 6443)),
    (checks.network, "a way to everybody", lambda objects: egress(objects).pop("to")),
    (checks.ports, "exposed probes", expose_probes),
    (checks.ports, "no API", lambda objects: checks.container(objects)["ports"].pop(0)),
    (checks.references, "a missing ConfigMap", rename_config),
    (checks.references, "an unused volume", lambda objects: checks.container(objects)["volumeMounts"].pop()),
    (checks.secrets, "a Secret in the overlay", lambda objects: objects.append({"kind": "Secret"})),
    (checks.namespaces, "another namespace", lambda objects: first("Service")(objects)["metadata"].pop("namespace")),
    (checks.availability, "two pods", lambda objects: checks.deployment(objects)["spec"].update(replicas=2)),
    (checks.secrets, "a token elsewhere", move_token),
    (
        checks.selectors,
        "a monitor of nothing",
        lambda objects: first("ServiceMonitor")(objects)["spec"]["selector"].update(matchLabels={"app": "orders"}),
    ),
]


# Breaches that need rights, a CRD or a service without callers.
ONLY_CONTROLLER: list[tuple[Check, str, Break]] = [
    (
        checks.schema,
        "an unknown scope",
        put(lambda objects: first("CustomResourceDefinition")(objects)["spec"], scope=1),
    ),
    (checks.identity, "no token", put(checks.pod, automountServiceAccountToken=False)),
    (checks.identity, "a token for others", put(first("ServiceAccount"), automountServiceAccountToken=True)),
    (checks.rights, "no binding", drop("RoleBinding")),
    (checks.rights, "a second Role", lambda objects: objects.append(role({"verbs": ["get"]}))),
    (checks.rights, "a right twice", lambda objects: first("Role")(objects)["rules"][0]["verbs"].append("create")),
    (checks.rights, "all verbs", rule(verbs=["*"])),
    (checks.rights, "all resources", rule(resources=["*"])),
    (checks.rights, "all groups", rule(apiGroups=["*"])),
    (checks.rights, "another Role", lambda objects: first("RoleBinding")(objects)["roleRef"].update(name="admin")),
    (
        checks.rights,
        "a cluster's role",
        lambda objects: first("RoleBinding")(objects)["roleRef"].update(kind="ClusterRole"),
    ),
    (
        checks.rights,
        "another account",
        lambda objects: first("RoleBinding")(objects)["subjects"][0].update(name="default"),
    ),
    (
        checks.rights,
        "another namespace's account",
        lambda objects: first("RoleBinding")(objects)["subjects"][0].update(namespace="default"),
    ),
    (checks.availability, "no spread", lambda objects: checks.pod(objects).pop("topologySpreadConstraints")),
    (checks.availability, "no budget", drop("PodDisruptionBudget")),
    (
        checks.availability,
        "a strict budget",
        lambda objects: first("PodDisruptionBudget")(objects)["spec"].update(maxUnavailable=0),
    ),
    (checks.grace, "a delay for nobody", configure(shutdown={"delay": "1s", "timeout": "1s"})),
    (checks.network, "no way to the API server", lambda objects: egress(objects)["ports"].pop()),
    (
        checks.ports,
        "an API",
        lambda objects: checks.container(objects)["ports"].append({"name": "api", "containerPort": 8080}),
    ),
    (checks.secrets, "authentication", configure(auth={"mode": "off"})),
    (checks.secrets, "headers elsewhere", configure(channels={"partner": {"headersFile": "/tmp/partner-headers"}})),  # noqa: S108
    (
        checks.namespaces,
        "a CRD in a namespace",
        lambda objects: first("CustomResourceDefinition")(objects)["metadata"].update(namespace="orders"),
    ),
]

BREACHES = [
    *(("http-mocks", *broken) for broken in BROKEN),
    *(("controller", *broken) for broken in ONLY_CONTROLLER),
]


@pytest.mark.parametrize("overlay", ["production"], indirect=True)
@pytest.mark.parametrize(
    ("leaf", "check", "breach", "apply"),
    BREACHES,
    indirect=["leaf"],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_rule_notices(leaf: str, check: Check, breach: str, apply: Break, objects: list[checks.Object]) -> None:
    apply(objects)
    assert list(check(objects)), f"{check.__name__} doesn't notice {breach}"
