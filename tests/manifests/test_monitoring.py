"""Alerts and dashboard: they run in Prometheus, follow the answers, and use only metrics that the service has."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import helpers

Render = Callable[..., Path]
Promtool = Callable[..., "subprocess.CompletedProcess[str]"]

# The service's families by the file that defines them.
COUNTERS_AND_GAUGES = {
    "standard.go": """
        operations_total errors_total deliveries_total delivery_attempts_total retries_scheduled_total
        circuit_breaker_state deduplicated_total build_info
    """.split(),
    "http.go": "http_requests_in_flight queue_depth".split(),
    "controller.go": "resources_processed_total reconciliation_errors_total".split(),
}
HISTOGRAMS = {
    "standard.go": ["operation_duration_seconds"],
    "http.go": "http_request_duration_seconds queue_latency_seconds".split(),
    "controller.go": ["reconciliation_duration_seconds"],
}

# From the client library's process and Go collectors, and from Prometheus itself.
COLLECTORS = {
    "go_goroutines",
    "go_memory_classes_heap_objects_bytes",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "up",
}

# From controller-runtime and client-go, without a prefix of the service.
LIBRARIES = """
workqueue_depth leader_election_master_status rest_client_requests_total controller_runtime_reconcile_panics_total
""".split()
LIBRARY_HISTOGRAMS = ["workqueue_queue_duration_seconds"]

ANSWERS: dict[str, dict[str, Any]] = {
    "default": {},
    "low": {
        "service_name": "a-1",
        "team": "acme/payments",
        "alert_error_percent": 99,
        "alert_error_minutes": 1,
        "alert_p99_seconds": 10,
        "alert_p99_minutes": 1,
        "alert_queue_depth": 1,
        "alert_queue_minutes": 1,
        "alert_breaker_minutes": 1,
    },
    "high": {
        "service_name": "billing-notifier",
        "alert_error_percent": 1,
        "alert_error_minutes": 60,
        "alert_p99_seconds": 1,
        "alert_p99_minutes": 30,
        "alert_queue_depth": 100000,
        "alert_queue_minutes": 60,
        "alert_breaker_minutes": 20,
    },
}

# The archetypes are the leaves whose alerts and dashboards differ.
ALERTS = {
    "http-mocks": "ErrorRatio LatencyP99 QueueDepth BreakerOpen TargetDown RestartLoop".split(),
    "controller": "ErrorRatio ReconcileP99 WorkqueueDepth NoLeader BreakerOpen TargetDown RestartLoop".split(),
}
archetypes = pytest.mark.parametrize("leaf", ALERTS, indirect=True)
answered = pytest.mark.parametrize("answers", ANSWERS)


def monitoring(service: Path) -> Path:
    """Return the component's folder."""
    return service / "deploy" / service.name / "components/monitoring"


def cut_rules(service: Path, target: Path) -> Path:
    """Write the plain rules of the PrometheusRule as `make manifests` does, and the tests beside them."""
    text = (monitoring(service) / "prometheusrule.yaml").read_text()
    result = subprocess.run(["sed", "1,/^spec:$/d; s/^  //"], input=text, capture_output=True, text=True, check=True)
    rules = target / "rules.yaml"
    rules.write_text(result.stdout)
    shutil.copy(monitoring(service) / "alerts_test.yaml", target)
    return rules


@pytest.fixture(scope="session")
def promtool(tool: Callable[[str], Path]) -> Promtool:
    """Return a function that runs promtool."""
    program = tool("promtool")
    return lambda *arguments: subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


def alerts(service: Path) -> list[dict[str, Any]]:
    """Return the rules of the component."""
    loaded = yaml.safe_load((monitoring(service) / "prometheusrule.yaml").read_text())
    rules: list[dict[str, Any]] = [rule for group in loaded["spec"]["groups"] for rule in group["rules"]]
    return rules


def queries(part: object) -> Iterator[str]:
    """Yield every query of a dashboard, nested panels and variables included."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key in {"expr", "query"} and isinstance(value, str) and value != "prometheus":
                yield value
            else:
                yield from queries(value)
    elif isinstance(part, list):
        for item in part:
            yield from queries(item)


def metrics_in(query: str) -> set[str]:
    """Return the metric names of a PromQL query or a label_values() variable."""
    query = re.sub(r"label_values\((.*),\s*\w+\)", r"\1", query)
    query = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", query)
    query = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", query)
    names = re.findall(r"(?<![\w.])([a-zA-Z_:][\w:]*)\b(?!\s*\()", query)
    return set(names) - {"and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring"}


def dashboard(service: Path) -> dict[str, Any]:
    """Return the component's dashboard."""
    loaded: dict[str, Any] = json.loads((monitoring(service) / "dashboard.json").read_text())
    return loaded


def families(leaf: str, names: dict[str, list[str]]) -> list[str]:
    """Return the names of a leaf's files."""
    return [*names["standard.go"], *names["controller.go" if leaf == "controller" else "http.go"]]


def known_metrics(leaf: str, service: Path) -> set[str]:
    """Return what the service, its collectors and its libraries expose, with what Prometheus makes of a histogram."""
    prefix = service.name.replace("-", "_") + "_"
    whole = {prefix + name for name in families(leaf, COUNTERS_AND_GAUGES)} | COLLECTORS
    histograms = [prefix + name for name in families(leaf, HISTOGRAMS)]
    if leaf == "controller":
        whole |= set(LIBRARIES)
        histograms += LIBRARY_HISTOGRAMS
    return whole | {f"{name}_{part}" for name in histograms for part in ("bucket", "count", "sum")}


@pytest.fixture
def monitored(leaf: str, answers: str, render: Render) -> Path:
    """Return the leaf's service with thresholds of its own."""
    return render(**helpers.LEAVES[leaf], **ANSWERS[answers])


@archetypes
@answered
def test_rules_are_valid_and_fire_when_they_should(
    leaf: str, monitored: Path, promtool: Promtool, tmp_path: Path
) -> None:
    rules = cut_rules(monitored, tmp_path)
    checked = promtool("check", "rules", rules)
    assert f"{len(ALERTS[leaf])} rules found" in checked.stdout, checked.stdout + checked.stderr
    tested = promtool("test", "rules", tmp_path / "alerts_test.yaml")
    assert tested.returncode == 0, tested.stdout + tested.stderr


# Each change makes one alert of a leaf wrong in one way.
CHANGES = {
    "http-mocks": {
        "error threshold": ("> 5 / 100", "> 6 / 100"),
        "error sensitivity": ("> 5 / 100", "> 3 / 100"),
        "successes counted": ('{status="failure"}', ""),
        "latency threshold": (") >= 5", ") > 10"),
        "latency sensitivity": (") >= 5", ") >= 4"),
        "queue threshold": ("> 1000", "> 1001"),
        "queue sensitivity": ("> 1000", ">= 1000"),
        "queue per pod": ("sum by (namespace, queue_name)", "max by (namespace, queue_name)"),
        "breaker moments": ("max_over_time(orders_circuit_breaker_state[2m])", "orders_circuit_breaker_state"),
        "half-open counts": ("[2m])) == 2", "[2m])) >= 0"),
        "breaker wait": (
            "for: 5m\n          labels:\n            severity: ticket",
            "labels:\n            severity: ticket",
        ),
        "no pod at all": (' or absent_over_time(up{job="orders"}[1d])', ""),
        "no pod in a namespace": (
            (
                ' or group by (namespace) (last_over_time(up{job="orders"}[1d]))\n'
                '                unless group by (namespace) (up{job="orders"})\n'
            ),
            "\n",
        ),
        "operations together": ("sum by (namespace, operation)", "sum by (namespace)"),
        "pods that answer": ('up{job="orders"} == 0', 'up{job="orders"} >= 0'),
        "restart threshold": ("[15m]) > 2", "[15m]) > 3"),
        "restart sensitivity": ("[15m]) > 2", "[15m]) > 1"),
        "severity": ("severity: page", "severity: ticket"),
    },
    "controller": {
        "reconcile threshold": (") >= 5", ") > 30"),
        "reconcile sensitivity": (") >= 5", ") >= 4"),
        "work queue threshold": ("> 1000", "> 1001"),
        "work queue sensitivity": ("> 1000", ">= 1000"),
        "work queue per priority": ("sum by (namespace) (workqueue", "max by (namespace) (workqueue"),
        "everybody's work queues": ('workqueue_depth{job="orders", ', "workqueue_depth{"),
        "leader lost": ('leader_election_master_status{job="orders"}) == 0', "vector(1)) == 0"),
        "leader at all times": ("max by (namespace) (leader", "min by (namespace) (leader"),
        "leader wait": (
            "for: 5m\n          labels:\n            severity: page",
            "labels:\n            severity: page",
        ),
    },
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("leaf", "change"), [(leaf, change) for leaf, changes in CHANGES.items() for change in changes], indirect=["leaf"]
)
def test_rule_tests_notice(leaf: str, change: str, leaf_service: Path, promtool: Promtool, tmp_path: Path) -> None:
    rules = cut_rules(leaf_service, tmp_path)
    # The cut moves everything two columns to the left.
    old, new = (text.replace("\n  ", "\n") for text in CHANGES[leaf][change])
    text = rules.read_text()
    assert old in text
    rules.write_text(text.replace(old, new))
    assert promtool("test", "rules", tmp_path / "alerts_test.yaml").returncode != 0


@archetypes
@answered
def test_alerts_carry_what_a_person_needs(leaf: str, answers: str, monitored: Path) -> None:
    service = monitored
    severities = []
    for rule in alerts(service):
        severities.append(rule["labels"]["severity"])
        assert rule["labels"]["service"] == service.name
        assert rule["labels"]["team"] == ANSWERS[answers].get("team", "platform-team")
        assert {"summary", "description", "runbook"} <= set(rule["annotations"])
        runbook = service / rule["annotations"]["runbook"]
        assert runbook.read_text().startswith(f"# {rule['alert']}\n")
    assert set(severities) == {"page", "ticket"}
    pages = {rule["annotations"]["runbook"].rpartition("/")[2] for rule in alerts(service)}
    assert {path.name for path in (service / "docs/services" / service.name / "runbooks").iterdir()} == pages


@archetypes
@pytest.mark.parametrize("answers", ["high"])
def test_thresholds_follow_the_answers(leaf: str, monitored: Path) -> None:
    service = monitored
    by_name = {rule["alert"].removeprefix("BillingNotifier"): rule for rule in alerts(service)}
    assert list(by_name) == ALERTS[leaf]
    thresholds = {"ErrorRatio": "> 1 / 100", ALERTS[leaf][1]: ">= 1", ALERTS[leaf][2]: "> 100000"}
    for name, threshold in thresholds.items():
        assert by_name[name]["expr"].rstrip().endswith(threshold)
    waits = {name: rule["for"] for name, rule in by_name.items() if "for" in rule}
    fixed = {"NoLeader": "5m"} if leaf == "controller" else {}
    assert waits == {
        "ErrorRatio": "60m",
        ALERTS[leaf][1]: "30m",
        ALERTS[leaf][2]: "60m",
        **fixed,
        "BreakerOpen": "20m",
        "TargetDown": "5m",
    }


@archetypes
@answered
def test_only_known_metrics_are_used(leaf: str, monitored: Path) -> None:
    asked = list(queries(dashboard(monitored)))
    assert len(asked) > 20
    for query in [*asked, *(rule["expr"] for rule in alerts(monitored))]:
        assert metrics_in(query), query
        assert metrics_in(query) <= known_metrics(leaf, monitored), query


@archetypes
def test_known_metrics_are_the_services(leaf: str, leaf_service: Path) -> None:
    for path in (leaf_service / "pkg/orders/metrics").glob("*.go"):
        known = [*COUNTERS_AND_GAUGES.get(path.name, []), *HISTOGRAMS.get(path.name, [])]
        made = re.findall(r'\b(?:counter|histogram|options)\(\s*"(\w+)"', path.read_text())
        assert sorted(made) == sorted(known), path.name


@archetypes
def test_every_family_is_on_the_dashboard(leaf: str, leaf_service: Path) -> None:
    shown = set().union(*(metrics_in(query) for query in queries(dashboard(leaf_service))))
    found = {re.sub(r"_(bucket|count|sum)$", "", name) for name in shown}
    own = {f"orders_{name}" for names in (COUNTERS_AND_GAUGES, HISTOGRAMS) for name in families(leaf, names)}
    missing = (own | {*LIBRARIES, *LIBRARY_HISTOGRAMS} if leaf == "controller" else own) - found
    assert not missing


@archetypes
def test_every_family_is_documented(leaf: str, leaf_service: Path) -> None:
    readme = (leaf_service / "docs/services/orders/README.md").read_text()
    section = readme.partition("\n### Metrics\n")[2].partition("\n### ")[0]
    own = {f"orders_{name}" for names in (COUNTERS_AND_GAUGES, HISTOGRAMS) for name in families(leaf, names)}
    wanted = own | {*LIBRARIES, *LIBRARY_HISTOGRAMS} if leaf == "controller" else own
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == wanted


@archetypes
def test_queries_are_promql(leaf: str, leaf_service: Path, promtool: Promtool, tmp_path: Path) -> None:
    asked = [query for query in queries(dashboard(leaf_service)) if not query.startswith("label_values")]
    asked = [query.replace("$__rate_interval", "5m").replace("$namespace", "orders") for query in asked]
    rules = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(asked)]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    checked = promtool("check", "rules", "--lint=none", tmp_path / "rules.yaml")
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("sum by (code) (rate(orders_errors_total{x='y'}[5m]))", {"orders_errors_total"}),
        ("up{job='a'} == 0 or absent(up)", {"up"}),
        ("histogram_quantile(0.99, sum by (le) (rate(a_bucket[1h])))", {"a_bucket"}),
        ("a / on (x) group_left (y) b > 1e3", {"a", "b"}),
        ("label_values(orders_build_info, namespace)", {"orders_build_info"}),
    ],
)
def test_metric_names_are_found(query: str, names: set[str]) -> None:
    assert metrics_in(query) == names


@archetypes
def test_dashboard_panels_do_not_overlap(leaf: str, leaf_service: Path) -> None:
    panels = dashboard(leaf_service)["panels"]
    taken: dict[tuple[int, int], str] = {}
    ids = [panel["id"] for panel in panels]
    assert len(ids) == len(set(ids))
    for panel in panels:
        grid = panel["gridPos"]
        assert grid["x"] + grid["w"] <= 24
        for x in range(grid["x"], grid["x"] + grid["w"]):
            for y in range(grid["y"], grid["y"] + grid["h"]):
                assert (x, y) not in taken, f"{panel['title']} lies over {taken.get((x, y))}"
                taken[x, y] = panel["title"]
