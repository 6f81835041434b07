"""The image, built by a real engine and run as the production overlay demands, with its configuration."""

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import helpers

from . import checks

pytestmark = [pytest.mark.generated, pytest.mark.slow]

INFRA = helpers.ROOT / "infra"
IMAGE = "localhost/slipwright-test/orders:v9.9.9"
CREDENTIAL = "for-this-test-only"


def podman(*arguments: str | Path, timeout: float = 60) -> str:
    """Run podman with the settings of infra/ and return its output."""
    environment = {**os.environ, "CONTAINERS_CONF": str(INFRA / "containers.conf")}
    command = ["podman", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=timeout)
    assert done.returncode == 0, f"podman {arguments[0]}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout.strip()


@pytest.fixture(scope="session")
def image(service: Path, needs: Callable[..., None]) -> str:
    """Build the default service's image on a builder image made from this machine."""
    needs("podman", "runc", "debootstrap")
    made = subprocess.run([INFRA / "podman-images"], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    arguments = [f"BUILDER_IMAGE={made.stdout.strip()}", "VERSION=v9.9.9", "REVISION=0123abc"]
    flags = [flag for argument in arguments for flag in ("--build-arg", argument)]
    podman("build", *flags, "--tag", IMAGE, service, timeout=550)
    return IMAGE


def request(port: int, method: str, path: str, body: object = None, **headers: str) -> tuple[int, str]:
    """Send one request to the machine itself."""
    content = {"Content-Type": "application/json", **headers}
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request(method, path, json.dumps(body) if body is not None else None, content)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


@pytest.fixture
def container(
    image: str, service: Path, build: Callable[[Path], list[checks.Object]], tmp_path: Path
) -> Iterator[tuple[str, dict[str, int]]]:
    """Start a container with the production overlay's user, limits, configuration and mounts."""
    objects = build(service / "deploy/orders/overlays/production")
    item = checks.container(objects)
    mounts = {mount["name"]: mount["mountPath"] for mount in item["volumeMounts"]}
    [config] = [entry["data"] for entry in checks.of_kind(objects, "ConfigMap") if "config.yaml" in entry["data"]]
    folders = {"config": {"config.yaml": config["config.yaml"]}, "secrets": {"api-key": CREDENTIAL}}
    flags = ["--read-only", "--read-only-tmpfs=false", "--cap-drop=all", "--security-opt=no-new-privileges"]
    flags += [f"--memory={checks.bytes_of(item['resources']['limits']['memory'])}"]
    for name, files in folders.items():
        (tmp_path / name).mkdir()
        for file, text in files.items():
            (tmp_path / name / file).write_text(text)
        flags.append(f"--volume={tmp_path / name}:{mounts[name]}:ro")
    flags += [f"--env={entry['name']}={entry['value']}" for entry in item["env"]]
    flags += [f"--publish=127.0.0.1::{port['containerPort']}" for port in item["ports"]]
    identifier = podman("run", "--detach", *flags, image)
    try:
        [state] = json.loads(podman("inspect", identifier))
        bound = state["NetworkSettings"]["Ports"]
        ports = {port["name"]: int(bound[f"{port['containerPort']}/tcp"][0]["HostPort"]) for port in item["ports"]}
        wait_for(lambda: request(ports["probes"], "GET", "/readyz")[0] == 200)
        yield identifier, ports
    finally:
        podman("rm", "--force", "--time=0", identifier)


def wait_for(condition: Callable[[], bool], limit: float = 20) -> None:
    """Ask until a condition holds."""
    end = time.monotonic() + limit
    while True:
        try:
            if condition():
                return
        except (OSError, http.client.HTTPException):
            pass
        assert time.monotonic() < end, "the container isn't ready"
        time.sleep(0.1)


def inspect(image: str) -> dict[str, Any]:
    """Return what podman knows of an image."""
    [found] = json.loads(podman("image", "inspect", image))
    assert isinstance(found, dict)
    return found


def test_image_is_small_and_labeled(image: str) -> None:
    found = inspect(image)
    assert found["Size"] < 25_000_000
    assert found["Config"]["User"] == "65532:65532"
    prefix = "org.opencontainers.image."
    labels = {key.removeprefix(prefix): value for key, value in found["Labels"].items() if key.startswith(prefix)}
    assert labels == {
        "title": "orders",
        "vendor": "platform-team",
        "licenses": "Apache-2.0",
        "version": "v9.9.9",
        "revision": "0123abc",
    }


def test_binary_knows_its_version(image: str) -> None:
    assert re.search(r"v9\.9\.9.*0123abc", podman("run", "--rm", image, "--version"))


def test_container_serves_and_ends_as_production_demands(container: tuple[str, dict[str, int]]) -> None:
    identifier, ports = container
    assert request(ports["probes"], "GET", "/healthz")[0] == 200
    body = {"type": "greeting", "data": {"text": "hello"}}
    assert request(ports["api"], "POST", "/api/v1/notifications", body)[0] == 401
    status, answer = request(ports["api"], "POST", "/api/v1/notifications", body, Authorization=f"Bearer {CREDENTIAL}")
    assert status == 202, answer
    status, text = request(ports["metrics"], "GET", "/metrics")
    assert status == 200
    assert "orders_build_info{" in text
    podman("kill", f"--signal={signal.SIGTERM.name}", identifier)
    wait_for(lambda: request(ports["probes"], "GET", "/readyz")[0] == 503)
    assert podman("wait", identifier) == "0"
    logs = subprocess.run(["podman", "logs", identifier], capture_output=True, text=True, check=True)
    assert "Graceful shutdown initiated" in logs.stdout + logs.stderr
