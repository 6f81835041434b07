"""The pages that are made from copier.yml are fresh."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from scripts import docs
from tests import helpers
from tests.helpers import Render


def stale(pages: dict[Path, str]) -> Iterator[Path]:
    return (path for path, text in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != text)


def test_pages_of_the_questions_are_fresh() -> None:
    helpers.expect_none(stale(docs.pages()), "Run `make docs`.")


def test_example_is_fresh(render: Render) -> None:
    pages = docs.example_pages(render(service_name=docs.EXAMPLE_SERVICE))
    helpers.expect_none(stale(pages), "Run `make docs`.")
    stored = {path for path in docs.EXAMPLE.rglob("*") if path.is_file()}
    assert stored == pages.keys(), "files that the example no longer shows"


def test_every_question_and_every_pattern_is_there() -> None:
    questions, ownership = docs.pages().values()
    helpers.expect_none(name for name in helpers.questions(asked=True) if f"\n| `{name}` |" not in questions)
    for feature, owners in helpers.values({})["feature_map"].items():
        for pattern in itertools.chain(*owners.values()):
            assert f"\n| `{pattern.replace('/orders/', '/<name>/')}` |" in ownership, feature
