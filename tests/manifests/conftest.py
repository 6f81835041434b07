"""Builds the overlays of rendered services, the default one's unless a test names other leaves of the decision tree."""

import copy
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import helpers
from tests.helpers import Render

Objects = list[dict[str, Any]]


@pytest.fixture(scope="session")
def build(tool: Callable[[str], Path]) -> Callable[[Path], Objects]:
    """Return a function that builds a folder with kustomize, once, and returns its objects, fresh each time."""
    built: dict[Path, Objects] = {}
    kubectl = tool("kubectl")

    def run(folder: Path) -> Objects:
        if folder not in built:
            result = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, check=False)
            assert result.returncode == 0, result.stderr
            built[folder] = list(yaml.safe_load_all(result.stdout))
        return copy.deepcopy(built[folder])

    return run


@pytest.fixture
def leaf(request: pytest.FixtureRequest) -> str:
    """Return the leaf that a test was parametrized with, or the default service's."""
    return str(getattr(request, "param", "http-mocks"))


@pytest.fixture
def leaf_service(leaf: str, render: Render) -> Path:
    """Return the leaf's service, named orders."""
    return render(**helpers.LEAVES[leaf])


@pytest.fixture(params=["kind", "production"])
def overlay(request: pytest.FixtureRequest, leaf_service: Path) -> Path:
    """Return one overlay's folder of the leaf's service."""
    return leaf_service / "deploy/orders/overlays" / str(request.param)


@pytest.fixture
def objects(overlay: Path, build: Callable[[Path], Objects]) -> Objects:
    """Return the overlay's objects, which a test may change."""
    return build(overlay)
