"""A started service, read as Prometheus reads it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import Metric, parser
from prometheus_client.openmetrics import parser as openmetrics

from .conftest import Run

pytestmark = pytest.mark.generated

# Section 5 of the service's contract, for HTTP: type and labels of each family.
FAMILIES: dict[str, tuple[str, set[str]]] = {
    "operations": ("counter", {"operation", "status"}),
    "operation_duration_seconds": ("histogram", {"operation"}),
    "errors": ("counter", {"error_type", "operation"}),
    "deliveries": ("counter", {"channel", "result"}),
    "delivery_attempts": ("counter", {"channel", "result"}),
    "retries_scheduled": ("counter", {"channel"}),
    "circuit_breaker_state": ("gauge", {"target"}),
    "deduplicated": ("counter", {"result"}),
    "http_requests_in_flight": ("gauge", set()),
    "http_request_duration_seconds": ("histogram", {"method", "route", "code"}),
    "queue_depth": ("gauge", {"queue_name"}),
    "queue_latency_seconds": ("histogram", {"queue_name"}),
    "build_info": ("gauge", {"version", "revision", "goversion"}),
}

BUCKETS = {
    "operation_duration_seconds": [0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10],
    "queue_latency_seconds": [0.5, 1, 5, 10, 30, 60, 300],
}

CONFIG = """
shutdown: {delay: 0s}
channels:
  console: {type: console}
  hook: {type: webhook, url: "http://127.0.0.1:1/", timeout: 1s}
"""


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def get(port: int, path: str, accept: str = "*/*") -> str:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - http, to this machine
        text: str = answer.read().decode("utf-8")
    return text


@pytest.fixture(scope="module")
def started(default_repository: Path, run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """Ports of the API and of the metrics of a service that runs."""
    run(default_repository, "go", "build", "-o", "bin/orders", "./cmd/orders")
    config = tmp_path_factory.mktemp("config") / "config.yaml"
    config.write_text(CONFIG)
    api, health, metrics = free_ports(3)
    command = [str(default_repository / "bin/orders"), f"--config={config}"]
    command += [f"--server.port={api}", f"--health.port={health}", f"--metrics.port={metrics}"]
    with subprocess.Popen(
        command, env={"PATH": os.environ["PATH"]}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        deadline = time.monotonic() + 20
        while True:
            try:
                get(health, "/readyz")
                break
            except (urllib.error.URLError, ConnectionError):
                assert process.poll() is None, process.communicate()[0]
                assert time.monotonic() < deadline, "not ready after 20 seconds"
                time.sleep(0.05)
        yield api, metrics
        process.terminate()
        output, _ = process.communicate(timeout=40)
    assert process.returncode == 0, output
    assert "Graceful shutdown initiated" in output


def families(text: str) -> dict[str, Metric]:
    return {family.name: family for family in parser.text_string_to_metric_families(text)}


def test_all_families_are_there_before_the_first_request(started: tuple[int, int]) -> None:
    found = families(get(started[1], "/metrics"))
    for name, (kind, labels) in FAMILIES.items():
        family = found.get(f"orders_{name}")
        assert family, f"orders_{name} is missing"
        assert family.type == kind, name
        assert family.documentation.endswith("."), name
        assert family.samples, f"{name} has no series yet"
        assert set(family.samples[0].labels) - {"le"} == labels, name
    for name, bounds in BUCKETS.items():
        samples = [sample for sample in found[f"orders_{name}"].samples if sample.name.endswith("_bucket")]
        series = {**samples[0].labels, "le": ""}
        seen = [float(s.labels["le"]) for s in samples if {**s.labels, "le": ""} == series]
        assert seen == [*bounds, float("inf")], name
    assert {"go_goroutines", "process_cpu_seconds"} <= found.keys()
    own = {name.removeprefix("orders_") for name in found if name.startswith("orders_")}
    assert own == FAMILIES.keys(), "families beside the contract's belong into it"


def test_openmetrics_is_whole(started: tuple[int, int]) -> None:
    text = get(started[1], "/metrics", accept="application/openmetrics-text; version=1.0.0")
    assert text.endswith("# EOF\n")
    names = {family.name for family in openmetrics.text_string_to_metric_families(text)}  # type: ignore[no-untyped-call]
    assert {f"orders_{name}" for name in FAMILIES} <= names


def test_series_stay_bounded_whatever_callers_send(started: tuple[int, int]) -> None:
    def series() -> set[tuple[str, tuple[tuple[str, str], ...]]]:
        text = get(started[1], "/metrics")
        found = families(text).values()
        return {
            (s.name, tuple(sorted(s.labels.items()))) for f in found if f.name.startswith("orders_") for s in f.samples
        }

    def send(number: int) -> None:
        body = json.dumps({"type": f"type-{number}", "data": {"n": str(number)}, "channels": ["console"]}).encode()
        for method, path in (
            ("POST", "/api/v1/notifications"),
            (f"VERB{number}", f"/x/{number}"),
            ("GET", f"/y?z={number}"),
        ):
            request = urllib.request.Request(
                f"http://127.0.0.1:{started[0]}{path}",
                data=body if method == "POST" else None,
                method=method,
                headers={"Content-Type": "application/json", "X-Request-Id": f"id-{number}"},
            )
            with contextlib.suppress(urllib.error.HTTPError):
                urllib.request.urlopen(request, timeout=5).close()  # noqa: S310 - http, to this machine

    send(0)
    time.sleep(0.3)
    before = series()
    for number in range(1, 20):
        send(number)
    time.sleep(0.3)
    assert series() == before
