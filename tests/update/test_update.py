"""Updates of a service from one release to the next, with a team's edits in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from copier import VcsRef, run_recopy
from pathspec import PathSpec
from slipwright_hooks.guards import update_leftovers

from tests import helpers
from tests.helpers import Ask, Render

from .conftest import Start

pytestmark = pytest.mark.update

MAKE = "make/build.mk"


def edited(older: Path, name: str, old: str, new: str) -> str:
    text = (older / name).read_text()
    assert text.count(old) == 1, f"{name} holds {old!r} once"
    return text.replace(old, new)


def conflicts(service: Path) -> list[str]:
    """Return the paths in which an update left a conflict."""
    unmerged = {line.split("\t")[1] for line in helpers.git(service, "ls-files", "--unmerged").splitlines()}
    rejected = {path.relative_to(service).as_posix() for path in service.rglob("*.rej")}
    marked = {
        name
        for name in helpers.files(service)
        if list(update_leftovers.find_markers(name, (service / name).read_text()))
    }
    return sorted(unmerged | rejected | marked)


def yours(ask: Ask) -> PathSpec[Any]:
    answered = ask()
    listed = [pattern for owners in answered["feature_map"].values() for pattern in owners.get("yours", [])]
    return PathSpec.from_lines("gitignore", listed)


def test_nothing_of_the_teams_is_lost(start: Start, older: Path, releases: Path, ask: Ask) -> None:
    own = yours(ask)
    # A line in every file that is the team's, a file of its own, one deleted, one of the template's edited and deleted.
    edits: dict[str, str | None] = {
        name: (older / name).read_text() + "// ours\n" for name in own.match_files(helpers.files(older))
    }
    last = (older / MAKE).read_text().rstrip("\n").rsplit("\n", 1)[-1]
    edits |= {
        "pkg/orders/own/own.go": "package own\n",
        "make/own.mk": "own:\n",
        "docs/dropped.md": "# Dropped later\n\nOurs.\n",
        "config/development.yaml": None,
        ".editorconfig": None,
        MAKE: edited(older, MAKE, last, f"{last}\n# Ours, far from the first line."),
    }
    service = start(edits)
    helpers.update(service)
    assert conflicts(service) == []
    for name, text in edits.items():
        if text is None:
            assert not (service / name).exists(), f"{name} was deleted by the team and is back"
        elif name != MAKE:
            assert (service / name).read_text() == text, f"{name} is the team's and was changed"
    # The template's file has both changes; the files that the release dropped are gone where they are the template's.
    make = (service / MAKE).read_text()
    assert "# Ours, far from the first line." in make
    assert "# An older first line." not in make
    assert (older / "make/dropped.mk").exists()
    assert not (service / "make/dropped.mk").exists()
    assert yaml.safe_load((service / ".copier-answers.yml").read_text())["_commit"] == "v0.2.0"


def test_edits_of_the_same_line_are_a_conflict_that_shows(start: Start, older: Path) -> None:
    service = start({MAKE: edited(older, MAKE, "# An older first line.", "# Our first line.")})
    helpers.update(service)
    assert conflicts(service) == [MAKE]
    text = (service / MAKE).read_text()
    assert "# Our first line." in text
    assert text.count("<<<<<<<") == text.count(">>>>>>>") == 1
    newest = (older / MAKE).read_text().split("\n", 1)[1]
    assert newest in text, "the rest of the file is whole"


def test_update_equals_a_fresh_copy(start: Start, older: Path, releases: Path, ask: Ask, tmp_path: Path) -> None:
    service = start()
    helpers.update(service)
    assert conflicts(service) == []
    fresh = helpers.contents(helpers.copy(releases, tmp_path / "fresh" / "orders"))
    own = yours(ask)
    kept = {name: data for name, data in helpers.contents(older).items() if own.match_file(name)}
    assert helpers.contents(service) == fresh | kept
    # What differs is what the newer release changed in files of the team's.
    assert {name for name, data in kept.items() if fresh.get(name) != data} == {
        "docs/dropped.md",
        "pkg/orders/metrics/custom.go",
    }


def test_other_answers_bring_their_files_only(start: Start, older: Path, ask: Ask) -> None:
    own_workflow = ".github/workflows/own.yml"
    service = start({own_workflow: "on: push\n"})
    before = helpers.contents(service)
    helpers.update(service, {"ci": "gitlab", "license": "MIT", "coverage_unit": 80})
    assert conflicts(service) == []
    after = helpers.contents(service)
    gone = {name for name in before.keys() - after.keys() if name != "make/dropped.mk"}
    assert gone == {name for name in before if name.startswith(".github/")} - {own_workflow}
    assert after.keys() - before.keys() == {".gitlab-ci.yml"}
    # The license and everything else that is the team's is as it was.
    own = yours(ask)
    assert all(after[name] == data for name, data in before.items() if own.match_file(name))
    answers = yaml.safe_load((service / ".copier-answers.yml").read_text())
    assert (answers["ci"], answers["license"], answers["coverage_unit"]) == ("gitlab", "MIT", 80)
    assert answers["scaffolded"] == sorted({*ask()["features"], "gitlab"})
    # And back again.
    helpers.commit(service, "chore: GitLab")
    helpers.update(service, {"ci": "github"}, vcs_ref=VcsRef.CURRENT)
    assert conflicts(service) == []
    assert {*gone, own_workflow} <= set(helpers.files(service))
    assert ".gitlab-ci.yml" not in set(helpers.files(service))


def test_recopy_keeps_what_is_the_teams(start: Start, older: Path, ask: Ask) -> None:
    own = yours(ask)
    edits = dict.fromkeys(own.match_files(helpers.files(older)), "ours\n")
    service = start({**edits, MAKE: "# Ours.\n"})
    run_recopy(service, defaults=True, overwrite=True, quiet=True)
    assert {name: (service / name).read_text() for name in edits} == edits
    assert (service / MAKE).read_text() != "# Ours.\n", "what is the template's is as new"


def test_kind_outlives_a_longer_list_of_reserved_ones(start: Start, releases: Path, tmp_path: Path) -> None:
    later = tmp_path / "later"
    helpers.git(tmp_path, "clone", "--quiet", str(releases), str(later))
    shape = later / "questions/shape.yml"
    text = shape.read_text().replace("    [Accepted,", "    [Notification, Accepted,")
    assert "[Notification, Accepted," in text
    shape.write_text(text)
    helpers.commit(later, "reserve more", "v0.3.0")
    service = start()
    answers = service / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace(str(releases), str(later)))
    helpers.commit(service)
    helpers.update(service)
    assert conflicts(service) == []
    values = yaml.safe_load(answers.read_text())
    assert (values["_commit"], values["resource_kind"]) == ("v0.3.0", "Notification")
    with pytest.raises(ValueError, match='"Notification" is a name that the generated code needs itself'):
        helpers.copy(later, tmp_path / "fresh")


def test_copy_with_another_services_answers_is_whole(
    template: Path, service: Path, render: Render, tmp_path: Path
) -> None:
    answers = yaml.safe_load((service / ".copier-answers.yml").read_text())
    copied = helpers.copy(template, tmp_path / "orders", answers)
    assert helpers.contents(copied) == helpers.contents(service)
    # With another name, everything that isn't an answer is the other service's own.
    renamed = helpers.copy(template, tmp_path / "billing", {**answers, "service_name": "billing"})
    plain = {key: value for key, value in answers.items() if key in helpers.questions()}
    assert helpers.contents(renamed) == helpers.contents(render(**{**plain, "service_name": "billing"}))
