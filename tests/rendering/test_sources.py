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


@pytest.mark.parametrize("service_type", ["http", "controller"])
def test_static_files_are_rendered_as_they_are(template: Path, render: Render, service_type: str) -> None:
    service = render(service_type=service_type)
    values = {"service_name": "orders", "http": "", "controller": "", service_type: "."}
    values |= {"br_category": "ORDERS", "resource_singular": "notification", "resource_plural": "notifications"}
    compared = 0
    for name in helpers.files(template / "template"):
        if name.endswith(".jinja"):
            continue
        target = helpers.rendered_path(name, values)
        if target and (service / target).exists():
            assert (service / target).read_bytes() == (template / "template" / name).read_bytes(), name
            compared += 1
    assert compared > 20


def test_types_of_service_differ_where_they_have_a_folder_each(template: Path) -> None:
    """The same file in both folders belongs into the common tree."""
    http, controller = (template / "template" / f"[[ {name} ]]" for name in ("http", "controller"))
    both = set(helpers.files(http)) & set(helpers.files(controller))
    assert both
    common = set(helpers.files(template / "template"))
    assert not both & common, "a file for both types is hidden by one for each"
    assert [name for name in both if (http / name).read_bytes() == (controller / name).read_bytes()] == []


def test_names_work_on_windows(template: Path) -> None:
    assert [name for name in helpers.files(template) if re.search(r'[<>:"\\|?*]|[ .](/|$)', name)] == []


def test_renders_are_equal(template: Path, service: Path, tmp_path: Path) -> None:
    again = helpers.copy(template, tmp_path / "orders", {"service_name": "orders"})
    assert helpers.contents(again) == helpers.contents(service)


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
