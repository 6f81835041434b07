"""The pages that are made from copier.yml are fresh, and say what Copier does."""

from __future__ import annotations

import pytest

from scripts import docs
from tests import helpers
from tests.helpers import Ask


@pytest.mark.parametrize("path", docs.pages(), ids=lambda path: path.stem)
def test_page_is_fresh(path: object) -> None:
    pages = docs.pages()
    [page] = [page for page in pages if page == path]
    assert page.read_text(encoding="utf-8") == pages[page], "run `make docs`"


def test_defaults_are_those_that_copier_computes(ask: Ask) -> None:
    documents = list(docs.groups())
    questions = helpers.questions()
    assert documents[0][1]["_subdirectory"] == "template"
    computed = docs.values(docs.environment(documents[0][1]), questions)
    del computed["_folder_name"]
    assert computed == ask(folder=docs.FOLDER)


def test_every_question_and_every_pattern_is_there() -> None:
    questions, ownership = docs.pages().values()
    helpers.expect_none(name for name in helpers.questions(asked=True) if f"\n| `{name}` |" not in questions)
    for pattern in helpers.settings()["_skip_if_exists"]:
        assert pattern.replace("[[ service_name | default('-') ]]", "<name>") in ownership
