"""Each overlay keeps every rule, and each rule notices when one thing is broken."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from . import checks

Check = Callable[[Iterable[checks.Object]], Iterator[str]]
Break = Callable[[list[checks.Object]], Any]


@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_overlay_keeps_the_rule(check: Check, objects: list[checks.Object]) -> None:
    assert list(check(objects)) == []


def test_base_builds_without_an_overlay(service: Path, build: Callable[[Path], list[checks.Object]]) -> None:
    objects = build(service / "deploy/orders/base")
    assert all("namespace" not in item["metadata"] for item in objects)
    assert {item["kind"] for item in objects} == {
        "Deployment",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Service",
        "ServiceAccount",
    }


def test_longest_name_keeps_the_rules(
    render: Callable[..., Path], build: Callable[[Path], list[checks.Object]]
) -> None:
    name = "a" * 38 + "-b"
    for overlay in ("kind", "production"):
        objects = build(render(service_name=name) / "deploy" / name / "overlays" / overlay)
        assert [problem for check in checks.ALL for problem in check(objects)] == []


def test_example_secret_is_what_production_reads(service: Path, build: Callable[[Path], list[checks.Object]]) -> None:
    folder = service / "deploy/orders/overlays/production"
    [example] = yaml.safe_load_all((folder / "secret.example.yaml").read_text())
    assert list(checks.schema([example])) == []
    objects = build(folder)
    [volume] = [entry for entry in checks.pod(objects)["volumes"] if entry["name"] == "secrets"]
    assert example["metadata"]["name"] == volume["secret"]["secretName"]
    assert example["metadata"]["namespace"] == checks.deployment(objects)["metadata"]["namespace"]
    assert set(example["stringData"]) == {"api-key"}


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


def expose_probes(objects: list[checks.Object]) -> None:
    first("Service")(objects)["spec"]["ports"].append({"name": "probes", "port": 8081, "targetPort": "probes"})


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
    (checks.availability, "no spread", lambda objects: checks.pod(objects).pop("topologySpreadConstraints")),
    (
        checks.availability,
        "pods taken away",
        lambda objects: checks.deployment(objects)["spec"]["strategy"]["rollingUpdate"].update(maxUnavailable=1),
    ),
    (checks.selectors, "another selector", service_selector),
    (checks.network, "a policy by Service port", policy_by_service_port),
    (checks.network, "an open policy", open_policy),
    (checks.network, "no policy", drop("NetworkPolicy")),
    (checks.ports, "exposed probes", expose_probes),
    (checks.references, "a missing ConfigMap", rename_config),
    (checks.references, "an unused volume", lambda objects: checks.container(objects)["volumeMounts"].pop()),
    (checks.secrets, "a Secret in the overlay", lambda objects: objects.append({"kind": "Secret"})),
    (checks.namespaces, "another namespace", lambda objects: first("Service")(objects)["metadata"].pop("namespace")),
]
ONLY_PRODUCTION: list[tuple[Check, str, Break]] = [
    (checks.availability, "no budget", drop("PodDisruptionBudget")),
    (checks.availability, "one pod", lambda objects: checks.deployment(objects)["spec"].update(replicas=1)),
    (checks.secrets, "a token elsewhere", move_token),
    (
        checks.selectors,
        "a monitor of nothing",
        lambda objects: first("ServiceMonitor")(objects)["spec"]["selector"].update(matchLabels={"app": "orders"}),
    ),
]


@pytest.mark.parametrize(
    ("check", "breach", "apply"), BROKEN, ids=lambda value: value if isinstance(value, str) else ""
)
def test_rule_notices(check: Check, breach: str, apply: Break, objects: list[checks.Object]) -> None:
    apply(objects)
    assert list(check(objects)), f"{check.__name__} doesn't notice {breach}"


@pytest.mark.parametrize("overlay", ["production"], indirect=True)
@pytest.mark.parametrize(
    ("check", "breach", "apply"), ONLY_PRODUCTION, ids=lambda value: value if isinstance(value, str) else ""
)
def test_rule_notices_in_production(check: Check, breach: str, apply: Break, objects: list[checks.Object]) -> None:
    apply(objects)
    assert list(check(objects)), f"{check.__name__} doesn't notice {breach}"
