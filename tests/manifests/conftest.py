"""Builds the overlays of rendered services."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Objects = list[dict[str, Any]]


@pytest.fixture(scope="session")
def build() -> Callable[[Path], Objects]:
    """Return a function that builds a folder with kustomize, once, and gives its objects."""
    built: dict[Path, str] = {}

    def run(folder: Path) -> Objects:
        if folder not in built:
            result = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=False)
            assert result.returncode == 0, result.stderr
            built[folder] = result.stdout
        return list(yaml.safe_load_all(built[folder]))

    return run


@pytest.fixture(params=["kind", "production"])
def overlay(request: pytest.FixtureRequest, service: Path) -> Path:
    """Return one overlay's folder of the default service."""
    return service / "deploy/orders/overlays" / str(request.param)


@pytest.fixture
def objects(overlay: Path, build: Callable[[Path], Objects]) -> Objects:
    """Return the overlay's objects, fresh for each test so that a test may change them."""
    return build(overlay)


@pytest.fixture(scope="session")
def go_cache_env() -> dict[str, str]:
    """Return an environment in which `go run tool@version` neither edits a go.mod nor asks for another Go."""
    return {**os.environ, "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"}
