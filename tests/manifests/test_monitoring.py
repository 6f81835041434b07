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

Render = Callable[..., Path]

# The service's families, with what Prometheus makes of a histogram.
COUNTERS_AND_GAUGES = """
operations_total errors_total deliveries_total delivery_attempts_total retries_scheduled_total circuit_breaker_state
deduplicated_total http_requests_in_flight queue_depth build_info
""".split()
HISTOGRAMS = "operation_duration_seconds http_request_duration_seconds queue_latency_seconds".split()

# From the client library's process and Go collectors, and from Prometheus itself.
COLLECTORS = {
    "go_goroutines",
    "go_memory_classes_heap_objects_bytes",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "up",
}

ANSWERS: list[dict[str, Any]] = [
    {},
    {
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
    {
        "service_name": "billing-notifier",
        "alert_error_percent": 1,
        "alert_error_minutes": 60,
        "alert_p99_seconds": 1,
        "alert_p99_minutes": 30,
        "alert_queue_depth": 100000,
        "alert_queue_minutes": 60,
        "alert_breaker_minutes": 20,
    },
]


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


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run promtool, of Debian's package prometheus."""
    return subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)


def alerts(service: Path) -> list[dict[str, Any]]:
    """Return the rules of the component."""
    loaded = yaml.safe_load((monitoring(service) / "prometheusrule.yaml").read_text())
    rules: list[dict[str, Any]] = [rule for group in loaded["spec"]["groups"] for rule in group["rules"]]
    return rules


def queries(dashboard: object) -> Iterator[str]:
    """Yield every query of a dashboard, nested panels and variables included."""
    if isinstance(dashboard, dict):
        for key, value in dashboard.items():
            if key in {"expr", "query"} and isinstance(value, str) and value != "prometheus":
                yield value
            else:
                yield from queries(value)
    elif isinstance(dashboard, list):
        for item in dashboard:
            yield from queries(item)


def metrics_in(query: str) -> set[str]:
    """Return the metric names of a PromQL query or a label_values() variable."""
    query = re.sub(r"label_values\((.*),\s*\w+\)", r"\1", query)
    query = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", query)
    query = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", query)
    names = re.findall(r"(?<![\w.])([a-zA-Z_:][\w:]*)\b(?!\s*\()", query)
    return set(names) - {"and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring"}


def known_metrics(service: Path) -> set[str]:
    """Return what the service and its collectors expose."""
    prefix = service.name.replace("-", "_") + "_"
    histograms = {f"{prefix}{name}_{part}" for name in HISTOGRAMS for part in ("bucket", "count", "sum")}
    return {prefix + name for name in COUNTERS_AND_GAUGES} | histograms | COLLECTORS


@pytest.mark.parametrize("answers", ANSWERS, ids=["default", "low", "high"])
def test_rules_are_valid_and_fire_when_they_should(answers: dict[str, Any], render: Render, tmp_path: Path) -> None:
    rules = cut_rules(render(**answers), tmp_path)
    checked = promtool("check", "rules", rules)
    assert "6 rules found" in checked.stdout, checked.stdout + checked.stderr
    tested = promtool("test", "rules", tmp_path / "alerts_test.yaml")
    assert tested.returncode == 0, tested.stdout + tested.stderr


# Each change makes one alert wrong in one way.
CHANGES = {
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
    "no pod at all": (' or absent(up{job="orders"})', ""),
    "pods that answer": ('up{job="orders"} == 0', 'up{job="orders"} >= 0'),
    "restart threshold": ("[15m]) > 2", "[15m]) > 3"),
    "restart sensitivity": ("[15m]) > 2", "[15m]) > 1"),
    "severity": ("severity: page", "severity: ticket"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_rule_tests_notice(change: str, service: Path, tmp_path: Path) -> None:
    rules = cut_rules(service, tmp_path)
    old, new = CHANGES[change]
    text = rules.read_text()
    # The cut moves everything two columns to the left.
    old, new = old.replace("\n  ", "\n"), new.replace("\n  ", "\n")
    assert old in text
    rules.write_text(text.replace(old, new))
    assert promtool("test", "rules", tmp_path / "alerts_test.yaml").returncode != 0


@pytest.mark.parametrize("answers", ANSWERS, ids=["default", "low", "high"])
def test_alerts_carry_what_a_person_needs(answers: dict[str, Any], render: Render) -> None:
    service = render(**answers)
    severities = []
    for rule in alerts(service):
        severities.append(rule["labels"]["severity"])
        assert rule["labels"]["service"] == service.name
        assert rule["labels"]["team"] == answers.get("team", "platform-team")
        assert {"summary", "description", "runbook"} <= set(rule["annotations"])
        runbook = service / rule["annotations"]["runbook"]
        assert runbook.read_text().startswith(f"# {rule['alert']}\n")
    assert set(severities) == {"page", "ticket"}
    pages = {rule["annotations"]["runbook"].rpartition("/")[2] for rule in alerts(service)}
    assert {path.name for path in (service / "docs/services" / service.name / "runbooks").iterdir()} == pages


def test_thresholds_follow_the_answers(render: Render) -> None:
    service = render(**ANSWERS[2])
    by_name = {rule["alert"].removeprefix("BillingNotifier"): rule for rule in alerts(service)}
    assert by_name["ErrorRatio"]["expr"].rstrip().endswith("> 1 / 100")
    assert by_name["LatencyP99"]["expr"].rstrip().endswith(">= 1")
    assert by_name["QueueDepth"]["expr"].rstrip().endswith("> 100000")
    waits = {name: rule.get("for") for name, rule in by_name.items()}
    assert waits == {
        "ErrorRatio": "60m",
        "LatencyP99": "30m",
        "QueueDepth": "60m",
        "BreakerOpen": "20m",
        "TargetDown": "5m",
        "RestartLoop": None,
    }


@pytest.mark.parametrize("answers", ANSWERS, ids=["default", "low", "high"])
def test_only_known_metrics_are_used(answers: dict[str, Any], render: Render) -> None:
    service = render(**answers)
    dashboard = json.loads((monitoring(service) / "dashboard.json").read_text())
    asked = list(queries(dashboard))
    assert len(asked) > 20
    for query in [*asked, *(rule["expr"] for rule in alerts(service))]:
        assert metrics_in(query), query
        assert metrics_in(query) <= known_metrics(service), query


def test_known_metrics_are_the_services(service: Path) -> None:
    code = (service / "pkg/orders/metrics/standard.go").read_text()
    block = code.partition("// Names of the metrics")[2].partition("\n)")[0]
    assert set(re.findall(r'= "(\w+)"', block)) == {*COUNTERS_AND_GAUGES, *HISTOGRAMS}


def test_every_family_is_on_the_dashboard(service: Path) -> None:
    dashboard = json.loads((monitoring(service) / "dashboard.json").read_text())
    shown = set().union(*(metrics_in(query) for query in queries(dashboard)))
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in shown}
    missing = {f"orders_{name}" for name in [*COUNTERS_AND_GAUGES, *HISTOGRAMS]} - families
    assert not missing


def test_queries_are_promql(service: Path, tmp_path: Path) -> None:
    dashboard = json.loads((monitoring(service) / "dashboard.json").read_text())
    asked = [query for query in queries(dashboard) if not query.startswith("label_values")]
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


def test_dashboard_panels_do_not_overlap(service: Path) -> None:
    dashboard = json.loads((monitoring(service) / "dashboard.json").read_text())
    taken: dict[tuple[int, int], str] = {}
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    for panel in dashboard["panels"]:
        grid = panel["gridPos"]
        assert grid["x"] + grid["w"] <= 24
        for x in range(grid["x"], grid["x"] + grid["w"]):
            for y in range(grid["y"], grid["y"] + grid["h"]):
                assert (x, y) not in taken, f"{panel['title']} lies over {taken.get((x, y))}"
                taken[x, y] = panel["title"]
