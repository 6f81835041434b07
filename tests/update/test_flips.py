"""Answers of the decision tree that a team changes later: the adapters arrive, and nothing of the team's changes."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from copier import VcsRef

from tests import helpers
from tests.helpers import Answers, Ask, Render

from .test_update import conflicts, yours

pytestmark = pytest.mark.update


class Flip(NamedTuple):
    """An answer that changes: what was answered, what is from now on, what appears, and what no longer is."""

    before: Answers
    after: Answers
    appears: set[str]
    goes: frozenset[str] = frozenset()


FLIPS = {
    "reads": Flip(
        {},
        {"reads_kubernetes": True},
        {"pkg/orders/discovery/directory.go", "pkg/orders/discovery/services.go", "test/unit/orders/services_test.go"},
    ),
    "selectors": Flip(
        {"reads_kubernetes": True},
        {"needs_selectors_or_crds": True},
        {"pkg/orders/discovery/pods.go", "test/unit/orders/pods_test.go", "make/envtest.mk", "test/testenv/envtest.go"},
    ),
    "writes": Flip(
        {},
        {"writes_kubernetes": True},
        {"pkg/orders/store/configmaps.go", "test/unit/orders/configmaps_test.go", "make/envtest.mk"},
    ),
}


@pytest.fixture(params=FLIPS)
def flip(request: pytest.FixtureRequest) -> Flip:
    return FLIPS[request.param]


@pytest.fixture
def flipped(flip: Flip, template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Path, str]:
    """A service with edits in each Go file of the team's, updated with other answers; and what Copier said."""
    service = helpers.copy(template, tmp_path / "orders", {"service_name": "orders", **flip.before})
    for name in helpers.files(service):
        if name.endswith(".go") and name.startswith(("cmd/", "pkg/", "test/unit/orders/", "test/integration/")):
            with (service / name).open("a") as file:
                file.write("\n// Ours.\n")
    helpers.commit(service, "feat: start orders")
    capsys.readouterr()
    helpers.update(service, flip.after, vcs_ref=VcsRef.CURRENT, quiet=False)
    return service, capsys.readouterr().err


def test_adapters_arrive_and_the_teams_files_stay(flip: Flip, flipped: tuple[Path, str], ask: Ask) -> None:
    service, _ = flipped
    assert conflicts(service) == []
    own = yours(ask)
    changed = {line[3:] for line in helpers.git(service, "status", "--porcelain", "-uno").splitlines()}
    assert set(own.match_files(changed)) - flip.goes == set(), "files of the team's that were changed"
    assert flip.appears <= set(helpers.files(service))
    features = yaml.safe_load((service / ".copier-answers.yml").read_text())["scaffolded"]
    assert set(ask(**flip.before, **flip.after)["features"]) <= set(features)


def wire(service: Path, said: str) -> None:
    """Do what the message says: put its lines in the place of those that name what filled the slot before."""
    path = service / "cmd/orders/assembly/config.go"
    text = path.read_text()
    found = re.findall(r"^(\w+) \(or what fills its place now\).*\n\n((?: {4,}.*\n)+)", said, re.MULTILINE)
    assert found, said
    for before, lines in found:
        for line, old in zip(lines.splitlines(), (rf"^\t{before} .*$", rf"^\tc\.{before} = .*$"), strict=True):
            text, replaced = re.subn(old, f"\t{line.strip()}", text, flags=re.MULTILINE)
            assert replaced == 1, f"{old} is in {path.name}"
    path.write_text(text)
    for names in re.findall(r"^ +rm (.*)$", said, re.MULTILINE):
        for name in names.split():
            (service / name).unlink()


def test_message_names_the_lines_of_a_new_service(flip: Flip, flipped: tuple[Path, str], render: Render) -> None:
    service, said = flipped
    if flip.before:
        said = said.replace("ConfiguredChannels", "ServiceChannels")
    wire(service, said)
    fresh = (render(**flip.before, **flip.after) / "cmd/orders/assembly/config.go").read_text()
    assert (service / "cmd/orders/assembly/config.go").read_text() == f"{fresh}\n// Ours.\n"


@pytest.mark.generated
@pytest.mark.slow
@pytest.mark.parametrize("flip", ["reads", "writes"], indirect=True)
def test_service_builds_before_and_after_it_is_wired(flipped: tuple[Path, str]) -> None:
    service, said = flipped
    run(service, "go", "mod", "tidy")
    run(service, "go", "build", "./...")
    wire(service, said)
    run(service, "go", "vet", "./...")
    run(service, "go", "test", "./test/unit/...")


def run(folder: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout[-4000:]}{done.stderr[-4000:]}"
