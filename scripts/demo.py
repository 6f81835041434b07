#!/usr/bin/env python3
"""Render a service, build and test it, start it, send it a request, and stop it: scripts/demo.py FOLDER.

Needs copier and Go on PATH.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
API, HEALTH, METRICS = 18080, 18081, 19090
PATIENCE = 20.0  # seconds until the service is ready, and until it has delivered


def main(folder: Path) -> None:
    """Show the steps, each under a heading."""
    say(f"Rendering {folder}")
    shutil.rmtree(folder, ignore_errors=True)
    run([ROOT / "scripts/render", folder], ROOT)
    name = folder.name
    answers = (folder / ".copier-answers.yml").read_text(encoding="utf-8")
    plural = re.findall(r"^resource_plural: (\S+)$", answers, re.MULTILINE)[0]

    say("Building")
    run(["go", "build", "-trimpath", "-o", f"bin/{name}", f"./cmd/{name}"], folder)

    say("Running the unit tests")
    run(["go", "test", "-trimpath", "-count=1", "./test/unit/..."], folder)

    say(f"Starting it on port {API}")
    ports = [f"--server.port={API}", f"--health.port={HEALTH}", f"--metrics.port={METRICS}"]
    command: list[str | Path] = [folder / "bin" / name, "--config", "config/development.yaml", "--log.format=json"]
    command += ports
    log = folder / "bin/demo.log"
    with log.open("wb") as out, subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT) as service:
        try:
            use(service, plural, log)
            say("Stopping it")
            service.send_signal(signal.SIGTERM)
            if code := service.wait(timeout=60):
                sys.exit(f"the service ended with {code}: see {log}")
        finally:
            service.kill()
    print("\n".join(re.findall(r'"msg":"Graceful shutdown initiated"', log.read_text(encoding="utf-8"))))

    say(f"The service is in {folder}")
    print(*sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")), sep="  ")


def use(service: subprocess.Popen[bytes], plural: str, log: Path) -> None:
    """Post a resource to a service, wait until it is delivered, and show the metrics."""

    def ready() -> bool:
        if service.poll() is not None:
            sys.exit(f"the service did not start:\n{log.read_text(encoding='utf-8')}")
        try:
            return bool(call(f"localhost:{HEALTH}/readyz"))
        except OSError:
            return False

    wait(ready, "the service is not ready")

    say(f"POST /api/v1/{plural}")
    posted = {"type": "order-shipped", "priority": "high", "data": {"order": "4711"}}
    headers = {"Content-Type": "application/json", "Idempotency-Key": "demo"}
    response = call(f"localhost:{API}/api/v1/{plural}", posted, headers)
    print(response)
    path = f"/api/v1/{plural}/{json.loads(response)['id']}"

    say(f"GET {path}")
    wait(lambda: json.loads(call(f"localhost:{API}{path}"))["status"] == "complete", "the resource is not delivered")
    print(call(f"localhost:{API}{path}"))

    say(f"Its metrics (localhost:{METRICS}/metrics)")
    counted = re.findall(
        r"^[a-z_]+_(?:operations|deliveries)_total.* [1-9]\d*$", call(f"localhost:{METRICS}/metrics"), re.MULTILINE
    )
    print(*counted, sep="\n")


def say(heading: str) -> None:
    """Print a step's heading."""
    print(f"\n== {heading}", flush=True)


def run(command: list[str | Path], folder: Path) -> None:
    """Run a command, and end with its exit code if it fails."""
    if code := subprocess.run(command, cwd=folder, check=False).returncode:
        sys.exit(code)


def call(address: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None) -> str:
    """Send a request, a POST if there is a body, and return the response's body."""
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(f"http://{address}", data, headers or {})
    # Straight to this machine, whatever proxy the environment names.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=5) as response:
        text: str = response.read().decode()
    return text.strip()


def wait(condition: Callable[[], bool], otherwise: str) -> None:
    """Poll a condition until it holds; end with a message if it doesn't in time."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"{otherwise} after {PATIENCE:g} s")
        time.sleep(0.1)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
