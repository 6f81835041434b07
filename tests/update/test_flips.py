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


def test_message_names_lines_that_a_new_service_has(flip: Flip, flipped: tuple[Path, str], render: Render) -> None:
    """Each indented line of Go in the message stands in the file that it is said to belong into."""
    _, said = flipped
    fresh = render(**flip.before, **flip.after)
    named = re.findall(r"\b[Ii]n (\S+\.go):\n\n((?: {4}.*\n)+)", said)
    assert {name for name, _ in named} >= {"cmd/orders/assembly/assembly.go", "cmd/orders/assembly/config.go"}
    for name, lines in named:
        text = {" ".join(line.split()) for line in (fresh / name).read_text().splitlines()}
        missing = [line for line in lines.splitlines() if line.strip() and " ".join(line.split()) not in text]
        helpers.expect_none(missing, f"Not in {name} of a new service.")


@pytest.mark.generated
@pytest.mark.slow
@pytest.mark.parametrize("flip", ["reads", "selectors"], indirect=True)
def test_service_builds_and_passes_its_unit_tests_before_it_is_wired(flipped: tuple[Path, str]) -> None:
    service, _ = flipped
    for command in (
        "go mod tidy",
        "go vet -tags=integration,e2e ./...",
        "go test ./test/unit/...",
    ):
        done = subprocess.run(command.split(), cwd=service, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}: {done.stdout[-4000:]}{done.stderr[-4000:]}"
