"""`make release`: what it refuses, and an update between two releases that it has made in a clone."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import helpers
from tests.how_to.test_pages import clone


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = clone(tmp_path / "slipwright")
    helpers.git(folder, "tag", "--delete", helpers.TAG)
    return folder


def prepare(folder: Path, version: str, notes: str) -> None:
    """Give a version its section in the changelog, set it in pyproject.toml, and commit."""
    changelog = folder / "CHANGELOG.md"
    text = re.sub(
        r"## Unreleased\n", f"## Unreleased\n\n## {version} - 2026-12-01\n\n{notes}\n\n", changelog.read_text()
    )
    changelog.write_text(text)
    project = folder / "pyproject.toml"
    project.write_text(re.sub(r'^version = ".*"', f'version = "{version}"', project.read_text(), flags=re.MULTILINE))
    helpers.commit(folder, f"chore: release {version}")


def release(folder: Path, version: str, tests: str = "true") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scripts.release", version, "--tests", tests]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.update
def test_service_is_updated_from_one_release_to_the_next(repository: Path, tmp_path: Path) -> None:
    prepare(repository, "0.1.0", "- First.")
    done = release(repository, "0.1.0")
    assert done.returncode == 0, done.stderr
    assert helpers.git(repository, "tag", "--list", "--format=%(contents)", "v0.1.0").startswith("v0.1.0\n\n- First.\n")
    service = helpers.copy(repository, tmp_path / "orders")
    helpers.commit(service, "feat: start orders")

    make = repository / "template/make/build.mk"
    make.write_text(make.read_text() + "# Newer.\n")
    prepare(repository, "0.2.0", "- Newer makefiles.")
    assert release(repository, "0.2.0").returncode == 0
    helpers.update(service)
    assert "_commit: v0.2.0" in (service / ".copier-answers.yml").read_text()
    assert (service / "make/build.mk").read_text().endswith("# Newer.\n")
    assert helpers.git(service, "ls-files", "--unmerged") == ""


def test_release_is_refused_with_every_reason(repository: Path) -> None:
    prepare(repository, "1.1.0", "### After the update\n\n- Rename a key.")
    helpers.git(repository, "tag", "v1.0.0")
    (repository / "README.md").write_text("# Changed\n")
    assert "1.1.0 must be a major version" in release(repository, "1.1.0").stderr
    refused = release(repository, "0.9.0")
    assert refused.returncode == 1
    for reason in (
        "0.9.0 is not newer than 1.0.0",
        "the work tree has changes: commit or stash",
        "pyproject.toml has version 1.1.0: set it to 0.9.0",
        'CHANGELOG.md has no section "## 0.9.0 - YYYY-MM-DD"',
    ):
        assert reason in refused.stderr
    assert "v1.1 is not a version" in release(repository, "v1.1").stderr
    assert helpers.git(repository, "tag").split() == ["v1.0.0"]


def test_nothing_is_tagged_when_a_test_fails(repository: Path) -> None:
    prepare(repository, "0.1.0", "- First.")
    refused = release(repository, "0.1.0", "false")
    assert (refused.returncode, refused.stderr) == (1, "false failed: nothing was tagged\n")
    assert helpers.git(repository, "tag") == ""
