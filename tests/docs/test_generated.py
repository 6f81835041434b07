"""The pages that are made from copier.yml are fresh."""

from __future__ import annotations

import itertools

from scripts import docs
from tests import helpers


def test_pages_are_fresh() -> None:
    helpers.expect_none(
        (path for path, text in docs.pages().items() if path.read_text(encoding="utf-8") != text), "Run `make docs`."
    )


def test_every_question_and_every_pattern_is_there() -> None:
    questions, ownership = docs.pages().values()
    helpers.expect_none(name for name in helpers.questions(asked=True) if f"\n| `{name}` |" not in questions)
    for feature, owners in helpers.values({})["feature_map"].items():
        for pattern in itertools.chain(*owners.values()):
            assert f"\n| `{pattern.replace('/orders/', '/<name>/')}` |" in ownership, feature
