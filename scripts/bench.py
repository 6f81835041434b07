#!/usr/bin/env python3
"""Measure copying and the generated service, and report ratios.

All figures of one report come from one run on one machine, so compare the ratios, not the seconds. A
report, no gate: goals are printed beside the figures and never fail the command.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "build" / "bench.json"
ROUNDS = 7
BODY_BYTES = 10 * 1024 * 1024
RESOURCES = "notifications"
CONCURRENCY = 8


def run(command: list[str], cwd: Path, **env: str) -> str:
    """Run a command and return what it printed; its failure ends the report."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | env,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def seconds(command: list[str], cwd: Path) -> float:
    """Return the wall time of a command."""
    began = time.perf_counter()
    run(command, cwd)
    return time.perf_counter() - began


def static_template(rendered: Path, scratch: Path) -> Path:
    """Make a template of the same tree whose files all are static, the floor for a copy."""
    template = scratch / "static"
    shutil.copytree(rendered, template / "template")
    (template / "copier.yml").write_text("_subdirectory: template\nname: {type: str, default: x}\n")
    commit(template)
    return template


def commit(folder: Path) -> None:
    """Make a folder a Git repository with one tagged commit."""
    git = ["git", "-c", "user.name=bench", "-c", "user.email=bench@example.com"]
    for command in (["init", "-q"], ["add", "-Af"], ["commit", "-qm", "bench"], ["tag", "v1.0.0"]):
        run([*git, *command], folder)


def bench_copy(scratch: Path) -> dict[str, float]:
    """Time copies of the template against copies of static files, alternating between the two."""
    clone = scratch / "template"
    shutil.copytree(ROOT, clone, ignore=shutil.ignore_patterns(".git", ".venv", "build"))
    commit(clone)
    copy = ["copier", "copy", "--defaults", "--quiet"]
    rendered = scratch / "rendered" / "order-notifier"
    run([*copy, str(clone), str(rendered)], scratch)
    static = static_template(rendered, scratch)
    ours: list[float] = []
    floor: list[float] = []
    imports: list[float] = []
    for i in range(ROUNDS):
        ours.append(seconds([*copy, str(clone), str(scratch / f"ours{i}" / "order-notifier")], scratch))
        floor.append(seconds([*copy, str(static), str(scratch / f"floor{i}")], scratch))
        imports.append(seconds([sys.executable, "-c", "import copier._cli"], scratch))
    return {
        "copy_seconds": statistics.median(ours),
        "copy_static_seconds": statistics.median(floor),
        "copy_ratio": statistics.median(ours) / statistics.median(floor),
        "copier_import_share": statistics.median(imports) / statistics.median(ours),
        "files": sum(1 for path in rendered.rglob("*") if path.is_file()),
    }


def bench_http(service: Path) -> dict[str, float]:
    """Run the Go benchmarks and compare the stack with a bare handler.

    Throughput is measured over a connection, allocations without one: a client's don't count.
    """
    command = ["go", "test", "-run", "^$", "-bench", "(Get|Post)(Bare)?$", "-benchmem", "-count", "5"]
    printed = run([*command, f"./test/unit/{service.name}/"], service)
    found: dict[str, list[tuple[float, float]]] = {}
    pattern = re.compile(r"^Benchmark(\w+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op.*?(\d+) allocs/op", re.MULTILINE)
    for name, nanoseconds, allocations in pattern.findall(printed):
        found.setdefault(name, []).append((float(nanoseconds), float(allocations)))
    times = {name: statistics.median(time for time, _ in runs) for name, runs in found.items()}
    allocated = {name: statistics.median(count for _, count in runs) for name, runs in found.items()}
    figures: dict[str, float] = {}
    for method in ("Get", "Post"):
        key = method.lower()
        figures[f"http_{key}_ratio"] = times[f"Served{method}Bare"] / times[f"Served{method}"]
        figures[f"http_{key}_per_second"] = 1e9 / times[f"Served{method}"]
        figures[f"http_{key}_allocations"] = allocated[method]
        figures[f"http_{key}_bare_allocations"] = allocated[f"{method}Bare"]
    return figures


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def memory(pid: int, field: str) -> float:
    """Return a field of the process's status in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE)
    assert found, f"{field} is not in /proc/{pid}/status"
    return int(found[1]) / 1024


def post(port: int, size: int) -> None:
    """Post a resource whose body has the size."""
    frame = json.dumps({"type": "bench", "data": {"payload": ""}})
    body = json.dumps({"type": "bench", "data": {"payload": "x" * (size - len(frame))}}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/{RESOURCES}",
        data=body,
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 202, answer.status


def wait_ready(port: int) -> None:
    """Wait until the service says that it is ready."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz").close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    sys.exit("bench: the service did not become ready")


def bench_memory(service: Path) -> dict[str, float]:
    """Measure the resident memory of an idle service, and its peak when it takes a large body."""
    run(["make", "build"], service)
    api, health = free_port(), free_port()
    command = [f"bin/{service.name}", f"--server.port={api}", f"--health.port={health}", "--metrics.port=0"]
    command += [f"--server.bodyLimit={BODY_BYTES}B", f"--server.inFlight={BODY_BYTES}B"]
    process = subprocess.Popen(
        [*command, "--shutdown.delay=0s", "--log.level=error"], cwd=service, stdout=subprocess.DEVNULL
    )
    try:
        wait_ready(health)
        post(api, 100)
        idle = memory(process.pid, "VmRSS")
        post(api, BODY_BYTES)
        peak = memory(process.pid, "VmHWM")
    finally:
        process.terminate()
        process.wait(10)
    return {
        "idle_rss_mib": idle,
        "large_body_peak_rss_mib": peak,
        "large_body_ratio": peak / (BODY_BYTES / 1024 / 1024),
    }


def bench_unit_tests(service: Path) -> dict[str, float]:
    """Time the unit tier with warm caches, each time from the start of `make test-unit`."""
    command = ["make", "test-unit"]
    run(command, service)
    return {"unit_tests_seconds": statistics.median(seconds(command, service) for _ in range(3))}


def bench_controller(scratch: Path) -> dict[str, float]:
    """Run a controller and a textbook one against a real API server, alternating between the two.

    The resources are there before the controller starts; the time is from its first change of a status to the last.
    """
    service = scratch / "controller" / "orders"
    answers = ["--data", "service_type=controller"]
    run(["copier", "copy", "--defaults", "--quiet", *answers, str(scratch / "template"), str(service)], scratch)
    shutil.copytree(ROOT / "bench/controller", service / "cmd/bench")
    (service / "build").mkdir()
    commands = {"orders": "./cmd/orders", "baseline": "./cmd/bench/baseline", "driver": "./cmd/bench/driver"}
    for name, package in commands.items():
        run(["go", "build", "-mod=mod", "-o", f"bin/{name}", package], service)
    ours = (
        "bin/orders --kubernetes.kubeconfig={kubeconfig} --kubernetes.namespace={namespace} --health.port={health}"
        f" --metrics.port=0 --leaderElection.enabled=false --controller.concurrency={CONCURRENCY}"
    )
    textbook = (
        "bin/baseline -kubeconfig {kubeconfig} -namespace {namespace} -health 127.0.0.1:{health}"
        f" -concurrency {CONCURRENCY} -qps -1"
    )
    assets = run([str(ROOT / "scripts/envtest")], ROOT).strip()
    driver = ["bin/driver", "-resources", "1000", "-rounds", "3", f"ours={ours}", f"textbook={textbook}"]
    measured = json.loads(run(driver, service, KUBEBUILDER_ASSETS=assets))
    figures = {
        f"controller_{whose}{name}": value
        for whose, values in (("", measured["ours"]), ("textbook_", measured["textbook"]))
        for name, value in values.items()
    }
    ratio = figures["controller_objects_per_second"] / figures["controller_textbook_objects_per_second"]
    return {"controller_ratio": ratio, **figures}


GOALS = {
    "controller_ratio": ">= 1.2",
    "copy_ratio": "<= 1.5",
    "http_get_ratio": ">= 0.7",
    "http_post_ratio": ">= 0.7",
    "idle_rss_mib": "<= 30",
    "large_body_ratio": "<= 4",
    "unit_tests_seconds": "<= 10",
}


def main() -> None:
    """Measure everything, print it, and store it as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        figures = bench_copy(scratch)
        service = scratch / "rendered" / "order-notifier"
        commit(service)
        for measure in (bench_http, bench_memory, bench_unit_tests):
            figures |= measure(service)
        figures |= bench_controller(scratch)
    for name, value in figures.items():
        goal = GOALS.get(name, "")
        print(f"{name:40} {value:12.3f}   {'goal ' + goal if goal else ''}".rstrip())
    REPORT.parent.mkdir(exist_ok=True)
    about = {
        "python": platform.python_version(),
        "go": run(["go", "version"], ROOT).split()[2],
        "cores": os.cpu_count(),
    }
    REPORT.write_text(json.dumps({"about": about, "goals": GOALS, "figures": figures}, indent=2) + "\n")
    print(f"stored in {REPORT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
