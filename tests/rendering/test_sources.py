"""The template's own files: what is static has no suffix, and what has the suffix needs it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import helpers
from tests.helpers import Render

MARKS = re.compile(r"\[\[|\[%|\[#")


def test_every_suffix_is_needed(template: Path) -> None:
    needless = [
        name
        for name in helpers.files(template / "template")
        if name.endswith(".jinja") and not MARKS.search((template / "template" / name).read_text(encoding="utf-8"))
    ]
    helpers.expect_none(needless)


@pytest.mark.parametrize("leaf", helpers.LEAVES)
def test_static_files_are_rendered_as_they_are(template: Path, render: Render, leaf: str) -> None:
    service = render(**helpers.LEAVES[leaf])
    values = helpers.values(helpers.LEAVES[leaf])
    compared = 0
    for name in helpers.files(template / "template"):
        if name.endswith(".jinja"):
            continue
        if target := helpers.rendered_path(name, values):
            assert (service / target).read_bytes() == (template / "template" / name).read_bytes(), name
            compared += 1
    assert compared > 20


def test_no_file_hides_another(template: Path) -> None:
    """Features that are on together never bring the same path; a file of several features belongs into the core."""
    for leaf, answers in helpers.LEAVES.items():
        values = {**helpers.values(answers), "_copier_conf": {"answers_file": ".copier-answers.yml"}}
        paths = [helpers.rendered_path(name, values) for name in helpers.files(template / "template")]
        rendered = [path for path in paths if path]
        assert sorted(rendered) == sorted(set(rendered)), leaf


def test_names_work_on_windows(template: Path) -> None:
    assert [name for name in helpers.files(template) if re.search(r'[<>:"\\|?*]|[ .](/|$)', name)] == []


def test_folder_does_not_matter(render: Render, service: Path) -> None:
    assert helpers.contents(render("somewhere else", service_name="orders")) == helpers.contents(service)


def test_template_needs_no_trust() -> None:
    settings = helpers.settings()
    assert not {"_tasks", "_migrations", "_jinja_extensions"} & settings.keys()


def test_every_include_of_the_settings_is_a_file() -> None:
    text = (helpers.ROOT / "copier.yml").read_text(encoding="utf-8")
    included = re.findall(r"!include (\S+)", text)
    assert all((helpers.ROOT / name).is_file() for name in included)
    assert {f"questions/{path.name}" for path in (helpers.ROOT / "questions").glob("*.yml")} <= set(included)


def test_every_example_differs() -> None:
    answers = [helpers.read_answers(path) for path in helpers.EXAMPLES]
    assert len({str(sorted(each.items())) for each in answers}) == len(answers)
    assert all(each.keys() <= helpers.questions(asked=True).keys() for each in answers), "an answer to no question"
