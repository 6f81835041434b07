"""How a service's pre-commit configuration names the template that it came from."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests import helpers
from tests.helpers import ROOT

OURS = ["update-leftovers", "leftover-placeholders", "br-references"]


def configuration(source: str, commit: str | None, ci: str = "github") -> list[dict[str, Any]]:
    answers = {"_src_path": source} | ({"_commit": commit} if commit else {})
    template = helpers.jinja().get_template("template/.pre-commit-config.yaml.jinja")
    text = template.render(helpers.values({"ci": ci}), _copier_answers=answers)
    repositories: list[dict[str, Any]] = yaml.safe_load(text)["repos"]
    return repositories


@pytest.mark.parametrize(
    ("source", "url"),
    [
        ("gh:acme/slipwright", "https://github.com/acme/slipwright"),
        ("gh:/acme/slipwright.git", "https://github.com/acme/slipwright.git"),
        ("gl:acme/tools/slipwright", "https://gitlab.com/acme/tools/slipwright"),
        ("https://git.example.com/acme/slipwright.git", "https://git.example.com/acme/slipwright.git"),
        ("git+https://git.example.com/acme/slipwright", "https://git.example.com/acme/slipwright"),
        ("git+ssh://git@git.example.com/acme/x", "ssh://git@git.example.com/acme/x"),
        ("git@github.com:acme/slipwright.git", "git@github.com:acme/slipwright.git"),
        ("file:///srv/slipwright", "file:///srv/slipwright"),
    ],
)
def test_from_a_url(source: str, url: str) -> None:
    ours, others = configuration(source, "v0.1.0")
    assert (ours["repo"], ours["rev"], [hook["id"] for hook in ours["hooks"]]) == (url, "v0.1.0", OURS)
    assert others["repo"] == "local"


@pytest.mark.parametrize(
    ("commit", "revision"),
    [
        ("v0.1.0", "v0.1.0"),
        ("v1.0.0-rc.1", "v1.0.0-rc.1"),
        ("v0.1.0-3-g1234abc", "1234abc"),
        ("v1.0.0-rc.1-12-gdeadbeef", "deadbeef"),
        ("1234567", "1234567"),
        ("12345e7", "12345e7"),
    ],
)
def test_at_the_revision_that_it_was_rendered_from(commit: str, revision: str) -> None:
    assert configuration("gh:acme/slipwright", commit)[0]["rev"] == revision


@pytest.mark.parametrize("source", ["/srv/slip wright", "/srv/a: b"])
@pytest.mark.parametrize("commit", ["v0.1.0", None])
def test_from_a_folder(source: str, commit: str | None) -> None:
    (local,) = configuration(source, commit)
    ours = local["hooks"][: len(OURS)]
    assert local["repo"] == "local"
    assert [hook["id"] for hook in ours] == OURS
    assert all(hook["additional_dependencies"] == [source] for hook in ours)


def test_from_a_folder_the_hooks_are_the_same() -> None:
    shipped = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    written_hooks = configuration("/srv/slipwright", None)[0]["hooks"][: len(shipped)]
    for written, hook in zip(written_hooks, shipped, strict=True):
        del written["additional_dependencies"], hook["description"]
        hook.pop("files", None)
        assert written == hook


@pytest.mark.parametrize("source", [".", "../slipwright", "~/slipwright", "slipwright"])
def test_from_a_relative_path(source: str) -> None:
    (others,) = configuration(source, None)
    assert not {hook["id"] for hook in others["hooks"]} & set(OURS)


@pytest.mark.parametrize(
    ("ci", "own"),
    [("github", {"workflow-schema", "zizmor"}), ("gitlab", {"pipeline-schema"}), ("none", set())],
)
def test_the_pipeline_has_its_own(ci: str, own: set[str]) -> None:
    names = {hook["id"] for hook in configuration("gh:acme/slipwright", "v0.1.0", ci)[1]["hooks"]}
    assert names & {"workflow-schema", "zizmor", "pipeline-schema"} == own
