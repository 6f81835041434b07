"""Services in repositories of their own, in which commands may write, one for each leaf.

All of them share the user's Go caches: a dependency is compiled once. With `--dist loadgroup`, a service stays with one
worker.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import helpers
from tests.helpers import Render

Run = Callable[..., str]

# Without -trimpath, Go's cache holds what it compiles per folder: each run, in new folders, would compile it again.
ENVIRONMENT = {
    "GOFLAGS": f"{os.environ.get('GOFLAGS', '')} -trimpath".strip(),
    "PRE_COMMIT_HOME": str(helpers.ROOT / "build/pre-commit"),
}

# The leaves whose integration tests need a real API server.
ENVTEST = ("http-envtest-reads", "http-envtest-writes", "controller")

# The examples that differ from a leaf in texts only, such as names that are hard to quote.
TEXTS = [path.stem for path in helpers.EXAMPLES if path.stem not in helpers.LEAVES]


def group(name: str) -> Any:
    path = helpers.ROOT / "examples/answers" / f"{name}.yml"
    return pytest.param(path, id=name, marks=pytest.mark.xdist_group(name))


def examples_of(*names: str) -> pytest.MarkDecorator:
    """Run a test on these examples instead of all leaves."""
    return pytest.mark.parametrize("answers", [group(name) for name in names], indirect=True, scope="session")


envtest_leaves = examples_of(*ENVTEST)
every_example = examples_of(*(path.stem for path in helpers.EXAMPLES))


@pytest.fixture(scope="session", params=[group(name) for name in helpers.LEAVES])
def answers(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The leaf's answers."""
    return helpers.read_answers(request.param)


@pytest.fixture(scope="session")
def repository(answers: dict[str, Any], render: Render, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The leaf's service, committed."""
    return checkout(answers, render, tmp_path_factory)


@pytest.fixture(scope="session")
def default_repository(render: Render, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default service, committed."""
    return checkout(helpers.read_answers(helpers.ROOT / "examples/answers/http-mocks.yml"), render, tmp_path_factory)


def checkout(answers: dict[str, Any], render: Render, tmp_path_factory: pytest.TempPathFactory) -> Path:
    parent = tmp_path_factory.mktemp("repository")
    copied = Path(shutil.copytree(render(**answers), parent / answers["service_name"]))
    helpers.commit(copied, "feat: start")
    return copied


@pytest.fixture(scope="session")
def run() -> Run:
    """Return a function that runs a command and gives what it printed; it fails the test with all of it."""

    def call(folder: Path, *command: str, **environment: str) -> str:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **ENVIRONMENT, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.fail(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout[-8000:]}", pytrace=False)
        return done.stdout

    return call


@pytest.fixture(scope="session")
def api_server(tool: Callable[[str], Path]) -> dict[str, str]:
    """The environment in which integration tests find etcd and kube-apiserver."""
    return {
        "KUBEBUILDER_ASSETS": str(tool("kube-apiserver").resolve().parent),
        # 20 s are the default, too few on a machine that does other things too.
        "KUBEBUILDER_CONTROLPLANE_START_TIMEOUT": "3m",
    }


@pytest.fixture
def ports() -> Iterator[None]:
    """Hold the ports that a README names against other workers, and fail at once if somebody else has them."""
    with (Path(tempfile.gettempdir()) / "slipwright-ports.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for port in (8080, 8081, 9090):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    pytest.fail(f"port {port}, which the commands use, is taken on this machine", pytrace=False)
        yield
