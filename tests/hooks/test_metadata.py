"""Lists that must agree: hooks, entry points, the services' configuration, and versions."""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
OWN: dict[str, Any] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
SERVICE = (ROOT / "template/.pre-commit-config.yaml.jinja").read_text()
IDS = [hook["id"] for hook in HOOKS]

PIN = re.compile(r"([A-Za-z][\w.-]*)==([\w.]+)")


@pytest.mark.parametrize("hook", HOOKS, ids=IDS)
def test_every_hook_has_an_entry_point(hook: dict[str, Any]) -> None:
    module, _, name = PROJECT["scripts"][hook["entry"].split()[0]].partition(":")
    main: Callable[[list[str]], int] = getattr(importlib.import_module(module), name)
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    assert {"name", "description", "language"} <= hook.keys()
    assert hook["language"] == "python"


def test_every_entry_point_is_a_hook() -> None:
    assert {hook["entry"].split()[0] for hook in HOOKS} == {s for s in PROJECT["scripts"] if s != "slipwright"}


def test_this_repository_runs_every_hook() -> None:
    own = [hook for repository in OWN["repos"] for hook in repository["hooks"]]
    assert {hook["id"] for hook in own} >= set(IDS)
    assert {repository["repo"] for repository in OWN["repos"]} == {"local"}
    for hook in own:
        assert hook["language"] == "python"
        assert all("==" in package for package in hook["additional_dependencies"]), hook["id"]


@pytest.mark.parametrize("name", IDS)
def test_services_run_every_hook(name: str) -> None:
    assert SERVICE.count(f"- id: {name}\n") == 2, "once from a URL, once from a folder"


def test_versions_agree() -> None:
    """A package that several files pin has one version in all of them."""
    versions: dict[str, set[str]] = {}
    texts = [(ROOT / name).read_text() for name in ("pyproject.toml", ".pre-commit-config.yaml")]
    for name, version in PIN.findall("\n".join([*texts, SERVICE])):
        versions.setdefault(name.lower().replace("_", "-"), set()).add(version)
    versions["pre-commit"].add(
        yaml.safe_load((ROOT / "locks/versions.yml").read_text())["pre_commit_version"]["default"]
    )
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}
