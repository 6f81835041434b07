"""Answers that an update changes: refused where the team's own files depend on them, named where those repeat them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests import helpers
from tests.helpers import Ask, Render

from .conftest import Start
from .test_update import conflicts, yours

pytestmark = pytest.mark.update

# A second value for each answer that the team's files repeat in Go code, contracts or ids.
FIXED = {
    "service_name": "billing",
    "module_path": "github.com/acme/orders",
    "br_category": "SHOP",
    "service_type": "controller",
    "resource_kind": "Parcel",
    "resource_plural": "notices",
}
# The same for answers that they repeat in texts. No other answer is derived from these.
REPEATED = {
    "service_title": "Quite Unusual Title",
    "description": "Does something unusual.",
    "team": "unusual-team",
    "license": "MIT",
    "registry": "registry.example.com/unusual",
}


@pytest.mark.parametrize("name", FIXED)
def test_answer_that_the_teams_files_depend_on_is_refused(start: Start, older: Path, name: str) -> None:
    service = start()
    before = helpers.contents(service)
    with pytest.raises(ValueError, match=rf"{name}.* comes too late: .*Rename a service.* in docs/updating\.md"):
        helpers.update(service, {name: FIXED[name]})
    assert helpers.contents(service) == before


def test_refused_answers_are_those_that_the_questions_name(ask: Ask) -> None:
    # api_domain is asked for controllers only.
    assert {*FIXED, "api_domain"} == set(ask()["fixed_answers"])
    assert set(REPEATED) == set(ask()["repeated_answers"])
    page = (helpers.ROOT / "docs/updating.md").read_text(encoding="utf-8")
    assert "## Rename a service" in page


@pytest.mark.parametrize("service_type", ["http", "controller"])
@pytest.mark.parametrize("name", REPEATED)
def test_files_that_repeat_an_answer_are_listed(render: Render, ask: Ask, service_type: str, name: str) -> None:
    """The lists hold every file of the team's that another value changes, and no other."""
    own = yours(ask)
    common = {"service_type": service_type, "registry": "registry.example.com/acme"}
    first, second = (helpers.contents(render(**{**common, **changed})) for changed in ({}, {name: REPEATED[name]}))
    changed = {file for file in own.match_files(first) if first[file] != second.get(file)}
    listed = ask(service_name="orders", **common)["repeated_answers"][name]
    assert sorted(changed) == sorted(listed)


def test_update_names_the_files_that_keep_an_old_answer(start: Start, capfd: pytest.CaptureFixture[str]) -> None:
    service = start()
    helpers.update(service, {"team": "payments"}, quiet=False)
    told = capfd.readouterr().err
    assert "The answer team has changed" in told
    assert "docs/services/orders/README.md" in told
    assert "The answer license has changed" not in told
    # The next update has nothing to tell.
    helpers.commit(service, "chore: another team")
    helpers.update(service, quiet=False, vcs_ref="HEAD")
    assert "has changed" not in capfd.readouterr().err


def test_edit_of_a_file_that_a_global_ignore_file_names_is_kept(
    start: Start, older: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "make/build.mk"
    service = start({name: (older / name).read_text() + "# Ours.\n"})
    ignored = tmp_path / "ignore"
    ignored.write_text(".golangci.yml\n*.mk\n.idea/\n")
    config = tmp_path / "gitconfig"
    config.write_text(f"[user]\nname = T\nemail = t@example.com\n[core]\nexcludesFile = {ignored}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    helpers.update(service)
    assert conflicts(service) == []
    assert (service / name).read_text().endswith("# Ours.\n")


def test_module_is_renamed_as_the_page_says(start: Start) -> None:
    page = (helpers.ROOT / "docs/updating.md").read_text(encoding="utf-8")
    [command] = re.findall(r"^\$ (git grep .*)$", page, re.MULTILINE)
    service = start()
    subprocess.run(["bash", "-c", command], cwd=service, check=True)
    helpers.commit(service, "refactor: move the module")
    helpers.update(service)
    assert conflicts(service) == []
    left = {name for name, data in helpers.contents(service).items() if b"example.com/orders" in data}
    assert left == set()
    assert "github.com/acme/orders/internal" in (service / "cmd/orders/main.go").read_text()
