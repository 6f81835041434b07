"""Dependencies: complete, of the Go version that is pinned, and the same wherever they occur."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import helpers
from tests.helpers import Ask, Render


def tidy(module: Path) -> str:
    done = subprocess.run(["go", "mod", "tidy", "-diff"], cwd=module, capture_output=True, text=True, check=False)
    return done.stdout + (done.stderr if done.returncode else "")


leaves = pytest.mark.parametrize("leaf", helpers.LEAVES)


@pytest.mark.generated
@leaves
def test_service_needs_no_tidy(leaf: str, render: Render, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(render(**helpers.LEAVES[leaf]), tmp_path / "orders"))
    helpers.expect_none(tidy(copied).splitlines(), "Run `make locks`.")


@pytest.mark.generated
@pytest.mark.slow
@leaves
def test_tools_need_no_tidy(leaf: str, render: Render, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(render(**helpers.LEAVES[leaf]) / "tools", tmp_path / "tools"))
    helpers.expect_none(tidy(copied).splitlines(), "Run `make locks`.")


@pytest.mark.parametrize("folder", [".", "tools"])
def test_module_has_its_name_and_the_pinned_go(folder: str, service: Path, ask: Ask) -> None:
    text = (service / folder / "go.mod").read_text()
    version = ask()["go_version"]
    name = "example.com/orders" if folder == "." else "example.com/orders/tools"
    assert text.splitlines()[0] == f"module {name}"
    assert re.findall(r"^go (\S+)$", text, re.MULTILINE) == [".".join(version.split(".")[:2]) + ".0"]
    if folder == ".":
        assert re.findall(r"^toolchain go(\S+)$", text, re.MULTILINE) == [version]


def test_every_set_is_complete() -> None:
    sets = {path.name for path in (helpers.ROOT / "locks").iterdir() if path.is_dir()}
    assert {"http", "tools"} <= sets
    for name in sets:
        folder = helpers.ROOT / "locks" / name
        assert (folder / "go.mod").read_text().startswith("module service.invalid")
        assert (folder / "go.sum").stat().st_size > 0, f"locks/{name}/go.sum is empty: run `make locks`"


def test_kubernetes_libraries_move_as_one_set(ask: Ask) -> None:
    """Libraries, the API server of the tests and the code generator are of one minor version (k8s.io/x v0.N is 1.N)."""
    wanted = "v" + ask()["kubernetes_version"].replace("1.", "0.", 1)
    for path in (helpers.ROOT / "locks").glob("*/go.mod"):
        if not path.parent.name.startswith("tools"):
            libraries = re.findall(
                r"^\t(k8s\.io/(?:api|apimachinery|client-go|apiextensions-apiserver)) (\S+)",
                path.read_text(),
                re.MULTILINE,
            )
            assert {version for _, version in libraries} <= {wanted}, path
