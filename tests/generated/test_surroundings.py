"""Services in surroundings that have been reported as trouble: workspaces, vendoring, CI containers, odd tags."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests import helpers
from tests.helpers import Render

from .conftest import Run, examples_of

pytestmark = pytest.mark.generated

DRY = "--dry-run"


@pytest.fixture
def place(service: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that puts the default service into a folder."""

    def run(name: str) -> Path:
        return Path(shutil.copytree(service, tmp_path / name))

    return run


def recipe(folder: Path, run: Run, target: str, *variables: str, **environment: str) -> str:
    """Return the commands of a target, without running them."""
    return run(folder, "make", DRY, target, *variables, **environment)


def start_tool(folder: Path, run: Run) -> str:
    """Start the linter as `make lint` does, without linting."""
    command = recipe(folder, run, "lint").strip()
    assert command.endswith(" run")
    return run(folder, "bash", "-c", f"{command.removesuffix(' run')} version")


def test_workspace_above_the_service(place: Callable[[str], Path], run: Run) -> None:
    service = place("mono/services/orders")
    mono = service.parent.parent
    (mono / "libs/x").mkdir(parents=True)
    (mono / "libs/x/go.mod").write_text("module example.com/x\n\ngo 1.26.0\n")
    (mono / "libs/x/x.go").write_text("package x\n")
    (mono / "go.work").write_text("go 1.26.0\n\nuse (\n\t./libs/x\n\t./services/orders\n)\n")
    run(service, "make", "build", "VERSION=v9.9.9")
    assert "v9.9.9" in run(service, "bin/orders", "--version")
    assert "golangci-lint" in start_tool(service, run)


def test_tools_of_a_service_that_vendors_its_modules(place: Callable[[str], Path], run: Run) -> None:
    service = place("orders")
    run(service, "go", "mod", "vendor")
    assert "golangci-lint" in start_tool(service, run)


def test_work_tree_of_another_user(place: Callable[[str], Path], run: Run, tmp_path: Path) -> None:
    service = place("orders")
    helpers.commit(service)
    config = tmp_path / "gitconfig"
    config.write_text("")
    # What git itself uses to test its check of the owner.
    stranger = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1", "GIT_CONFIG_GLOBAL": str(config)}
    with pytest.raises(pytest.fail.Exception, match="dubious ownership"):
        run(service, "git", "status", **stranger)
    run(service, "make", "build", GOFLAGS="-buildvcs=auto", **stranger)


def test_before_the_first_commit(place: Callable[[str], Path], run: Run) -> None:
    service = place("orders")
    helpers.git(service, "init", "--quiet")
    run(service, "make", "build", GOFLAGS="-buildvcs=auto")
    assert "unknown" in run(service, "bin/orders", "--version")


def test_tests_where_cgo_is_off(place: Callable[[str], Path], run: Run) -> None:
    service = place("orders")
    shutil.rmtree(service / "test/unit")
    (service / "test/unit/tiny").mkdir(parents=True)
    (service / "test/unit/tiny/tiny_test.go").write_text(
        'package tiny\n\nimport (\n\t"testing"\n\n\t_ "github.com/onsi/ginkgo/v2"\n)\n\nfunc TestTiny(*testing.T) {}\n'
    )
    run(service, "make", "test-unit", CGO_ENABLED="0")


@pytest.mark.parametrize(
    ("version", "tag"),
    [
        ("7284872", "7284872"),
        ("1.10", "1.10"),
        ("services/orders/v1.2.0", "v1.2.0"),
        ("v1.0.0+7", "v1.0.0-7"),
    ],
)
def test_version_becomes_an_image_tag(
    place: Callable[[str], Path], run: Run, tool: Callable[[str], Path], version: str, tag: str
) -> None:
    service = place("orders")
    assert f"/orders:{tag} ." in recipe(service, run, "image", f"VERSION={version}", "CONTAINER_TOOL=docker")
    run(service, "make", "set-image", f"VERSION={version}")
    shown = run(service, str(tool("kubectl")), "kustomize", "deploy/orders/overlays/production")
    assert re.search(rf"image: \S+/orders:{re.escape(tag)}$", shown, re.MULTILINE)


@pytest.mark.parametrize("tier", ["unit", "integration", "e2e"])
def test_service_with_the_name_of_a_tier(render: Render, run: Run, tier: str) -> None:
    shown = recipe(render(service_name=tier), run, f"test-{tier}")
    assert shown.count("go test") == 1
    assert "warning" not in shown


def test_doctor_names_all_that_is_missing(place: Callable[[str], Path], tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("bash", "sh", "make", "go"):
        (programs / name).symlink_to(shutil.which(name) or pytest.fail(f"{name} is missing"))
    (programs / "python3").write_text("#!/bin/sh\nexit 1\n")  # one without venv
    (programs / "python3").chmod(0o755)
    environment = {**os.environ, "PATH": str(programs)}
    done = subprocess.run(
        ["make", "doctor"], cwd=place("orders"), env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert re.findall(r"^  (\S+) +MISSING", done.stdout, re.MULTILINE) == ["git", "gcc", "venv"]


def test_hook_outlives_clean_and_a_move(place: Callable[[str], Path], run: Run, tmp_path: Path) -> None:
    service = place("orders")
    paths = os.environ["PATH"].split(os.pathsep)
    bare = os.pathsep.join(path for path in paths if not Path(path, "pre-commit").exists())
    command = recipe(service, run, "hooks-install", PATH=bare, HOME="/home/me")
    folder = re.search(r"(\S+)/bin/pre-commit install", command)
    assert folder
    assert folder[1].startswith("/home/me/.cache/")
    assert "$HOME" not in folder[1]


@pytest.mark.slow
def test_hooks_of_a_service_in_a_subfolder(place: Callable[[str], Path], run: Run) -> None:
    """They check all of the service and nothing beside it, not even what it vendors."""
    service = place("mono/services/orders")
    mono = service.parent.parent
    (mono / "theirs.txt").write_text("of another team \n")
    vendored = service / "vendor/example.org/dep/dep.go"
    vendored.parent.mkdir(parents=True)
    vendored.write_text("package dep // text \n\n\n")
    helpers.commit(mono)
    shown = run(service, "make", "hooks")
    assert "Passed" in shown
    assert "Skipped" not in shown
    assert helpers.git(mono, "status", "--porcelain") == ""
    # A requirement that no spec names is found there, too.
    [requirements] = (service / "docs/requirements").glob("*.md")
    text = requirements.read_text()
    requirements.write_text(text.replace("BR-ORDERS-001", "BR-ORDERS-999", 1))
    with pytest.raises(pytest.fail.Exception, match="BR-ORDERS-999"):
        run(service, "make", "hooks")


@examples_of("controller")
def test_api_server_in_a_folder_with_a_space(repository: Path, run: Run, tmp_path: Path) -> None:
    service = Path(shutil.copytree(repository, tmp_path / "my code"))
    version = run(service, "go", "list", "-m", "-f", "{{.Version}}", "k8s.io/api").strip().split(".")[1]
    machine = "-".join(run(service, "go", "env", "GOHOSTOS", "GOHOSTARCH").split())
    fetched = service / f"bin/k8s/k8s/1.{version}.0-{machine}"
    fetched.mkdir(parents=True)
    shown = run(service, "make", "--silent", "test-integration", 'GO_TEST=echo "[$$KUBEBUILDER_ASSETS]" #')
    assert f"[{fetched}]" in shown


class Refusing(BaseHTTPRequestHandler):
    """A cluster that counts who talks to it."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(403)
        self.end_headers()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the names that http.server looks up

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[Path, list[str]]]:
    """A kubeconfig, and what was asked of the cluster that it names."""
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Counting", (Refusing,), {"asked": asked}))
    Thread(target=server.serve_forever, daemon=True).start()
    path = tmp_path / "kubeconfig"
    path.write_text(
        "{apiVersion: v1, kind: Config, current-context: prod,"
        " contexts: [{name: prod, context: {cluster: prod, user: me}}], users: [{name: me, user: {token: x}}],"
        f' clusters: [{{name: prod, cluster: {{server: "http://127.0.0.1:{server.server_port}"}}}}]}}\n'
    )
    yield path, asked
    server.shutdown()
    server.server_close()


@examples_of("controller")
def test_specs_leave_the_cluster_of_the_kubeconfig_alone(
    repository: Path, api_server: dict[str, str], run: Run, cluster: tuple[Path, list[str]]
) -> None:
    kubeconfig, asked = cluster
    environment = {**api_server, "KUBECONFIG": str(kubeconfig), "USE_EXISTING_CLUSTER": "true"}
    command = ["go", "test", "-count=1", "-tags=integration", "./test/integration/...", "-ginkgo.focus=rejects"]
    run(repository, *command, **environment)
    assert asked == []
