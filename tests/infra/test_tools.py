"""The programs that tests run: of the pinned version, built once, refused when versions differ."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from tests import helpers

MODULE = "infra/kubernetes"
WARM = 5  # seconds


def envtest(root: Path, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [root / "scripts/envtest"], env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False
    )


def wanted() -> str:
    versions = yaml.safe_load((helpers.ROOT / "locks/versions.yml").read_text())
    return str(versions["kubernetes_version"]["default"])


@pytest.fixture(scope="module")
def assets(tool: Callable[[str], Path]) -> Path:
    return tool("kube-apiserver").resolve().parent


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """What the command reads, in a folder where it may be changed."""
    for name in ("scripts/envtest", "scripts/tools", "locks/versions.yml", f"{MODULE}/go.mod", f"{MODULE}/go.sum"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(helpers.ROOT / name, tmp_path / name)
    return tmp_path


def test_programs_run_and_have_the_pinned_version(assets: Path) -> None:
    printed = subprocess.run([assets / "kube-apiserver", "--version"], capture_output=True, text=True, check=True)
    assert printed.stdout == f"Kubernetes v{wanted()}\n"
    required = helpers.ROOT.joinpath(MODULE, "go.mod").read_text().split("go.etcd.io/etcd/server/v3 v")[1].split()[0]
    printed = subprocess.run([assets / "etcd", "--version"], capture_output=True, text=True, check=True)
    assert printed.stdout.startswith(f"etcd Version: {required}\n")
    printed = subprocess.run([assets / "kubectl", "version", "--client"], capture_output=True, text=True, check=True)
    assert printed.stdout.startswith(f"Client Version: v{wanted()}\n")


def test_second_run_builds_nothing(assets: Path) -> None:
    before = time.monotonic()
    done = envtest(helpers.ROOT)
    assert (done.stdout, done.stderr) == (f"{assets}\n", "")
    assert time.monotonic() - before < WARM


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (f"{MODULE}/go.mod", "k8s.io/kubernetes v", "k8s.io/kubernetes v9", "k8s.io/kubernetes v9"),
        (f"{MODULE}/go.mod", "=> k8s.io/api v0", "=> k8s.io/api v9", "k8s.io/api v9"),
        ("locks/versions.yml", f'"{wanted()}"', '"1.36.9"', "pins Kubernetes 1.36.9"),
    ],
)
def test_versions_that_differ_are_refused(file: str, old: str, new: str, says: str, elsewhere: Path) -> None:
    text = (elsewhere / file).read_text()
    assert old in text
    (elsewhere / file).write_text(text.replace(old, new))
    done = envtest(elsewhere, {"XDG_CACHE_HOME": str(elsewhere / "cache")})
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert f"edit that go.mod, or kubernetes_version, as {MODULE}/README.md says" in done.stderr
    assert not (elsewhere / "cache").exists()


@pytest.fixture
def pretended(elsewhere: Path) -> Callable[[str], dict[str, str]]:
    """Put a script in the place of Go: $output is what it is to write."""

    def write(script: str) -> dict[str, str]:
        program = elsewhere / "bin/go"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done\noutput=$2\n{script}\n')
        program.chmod(0o755)
        return {"XDG_CACHE_HOME": str(elsewhere / "cache"), "PATH": f"{program.parent}:{os.environ['PATH']}"}

    return write


def test_build_that_failed_leaves_nothing(elsewhere: Path, pretended: Callable[[str], dict[str, str]]) -> None:
    env = pretended('echo half >"$output"; exit 3')
    for _ in range(2):
        done = envtest(elsewhere, env)
        assert (done.returncode, done.stdout) == (1, "")
        assert "building etcd failed" in done.stderr
        assert not [path for path in (elsewhere / "cache/slipwright/tools").iterdir() if path.is_dir()]


def test_parallel_callers_build_once(elsewhere: Path, pretended: Callable[[str], dict[str, str]]) -> None:
    env = pretended(f'sleep 0.3; echo program >"$output"; echo "$output" >>{elsewhere}/built')
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda _: envtest(elsewhere, env), range(3)))
    folder = Path(done[0].stdout.strip())
    assert {(one.returncode, one.stdout) for one in done} == {(0, f"{folder}\n")}
    assert sorted(path.name for path in folder.iterdir()) == ["etcd", "kube-apiserver", "kubectl"]
    assert len((elsewhere / "built").read_text().splitlines()) == 3
    assert sorted(path.suffix for path in folder.parent.glob(f"{folder.name}.*")) == [".lock", ".log"]
