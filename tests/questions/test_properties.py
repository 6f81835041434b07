"""Answers that nobody thought of: what is accepted gives a tree that parses, what is refused leaves nothing behind."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests import helpers
from tests.helpers import Answers, Ask

# What an answer must look like, said apart from the validators.
SHAPES = {
    "service_name": r"[a-z][a-z0-9]*(-[a-z0-9]+)*",
    "module_path": r"([a-z0-9]+(-+[a-z0-9]+)*\.)+[a-z0-9]+(-+[a-z0-9]+)*(/[\w~][\w.~-]*[\w~-]|/[\w~])+",
    "team": r"[A-Za-z0-9]+(-+[A-Za-z0-9]+)*(/[A-Za-z0-9]+([._-]+[A-Za-z0-9]+)*)?",
    "br_category": r"[A-Z][A-Z0-9]*",
    "resource_kind": r"[A-Z][A-Za-z0-9]*",
    "resource_plural": r"[a-z][a-z0-9]*",
    "registry": r"[a-z0-9]+([.-]+[a-z0-9]+)*(:\d+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*",
    "service_title": r"[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?",
}

# Marks that mean something to one of the languages that the answers end up in.
MARKS = st.sampled_from(
    [*list("\"'`:{}[]()<>|*#&%@!$\\/-_=+~^,;.?"), "\n", "\t", " ", "\r", "\x00", "\u2028", "{{", "[[", "[%"]
)
TEXT = st.one_of(
    st.text(),
    st.lists(st.one_of(MARKS, st.text(alphabet="abcXYZ019", max_size=4), st.text(max_size=2)), max_size=12).map(
        "".join
    ),
)
NUMBERS = [name for name, question in helpers.questions(asked=True).items() if question["type"] == "int"]


def near(shape: str) -> st.SearchStrategy[str]:
    """Return texts of the shape, some of them with something behind or between."""
    right = st.from_regex(re.compile(shape, re.ASCII), fullmatch=True)
    return st.one_of(right, st.tuples(right, MARKS, right | st.just("")).map("".join))


VALUES: dict[str, st.SearchStrategy[Any]] = {
    **{name: st.one_of(near(shape), TEXT) for name, shape in SHAPES.items()},
    "description": TEXT,
    "license": st.sampled_from(["Apache-2.0", "MIT", "Proprietary"]) | TEXT,
    "ci": st.sampled_from(["github", "gitlab", "none"]) | TEXT,
    **{name: st.integers(-1, 2_000_000) for name in NUMBERS},
}
# Few at a time, so that most of them are accepted together.
ANY = st.lists(
    st.one_of([st.tuples(st.just(name), value) for name, value in sorted(VALUES.items())]), min_size=1, max_size=3
).map(dict)


@given(answers=ANY)
def test_answers_are_accepted_as_they_are_or_refused(ask: Ask, answers: Answers) -> None:
    try:
        answered = ask(**answers)  # also asserts that nothing is on disk after a refusal, and that answers are stored
    except ValueError as error:
        message = str(error)
        refused = re.match(r"Validation error for question '(\w+)': \S|Invalid choice for '(\w+)'", message)
        assert refused, message
        name = refused[1] or refused[2]
        assert name in answers, f"the default of {name} is refused: {message}"
        return
    for name, value in answers.items():
        assert answered[name] == value
    for name, shape in SHAPES.items():
        assert re.fullmatch(shape, answered[name], 0 if name == "service_title" else re.ASCII), f"{name} accepted"
    assert len(answered["service_name"]) <= 40
    assert re.fullmatch(r"[A-Z][A-Z0-9_]*", answered["env_prefix"])


def accepted(name: str, most: int = 40) -> st.SearchStrategy[str]:
    return st.from_regex(re.compile(SHAPES[name], re.ASCII), fullmatch=True).filter(lambda text: len(text) <= most)


PRINTABLE = st.characters(
    codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff"
)
TITLE = st.text(PRINTABLE, min_size=1, max_size=80).filter(
    lambda text: not set(text) & set('\\"`<>{}[]|*#') and text[0] != "_" and text == text.strip()
)
DESCRIPTION = st.text(
    st.one_of(PRINTABLE, st.sampled_from("\n\t\"'`:{}[]<>|*#&%@!$\\-")), min_size=1, max_size=400
).filter(str.strip)
GOOD = st.fixed_dictionaries(
    {
        "service_name": accepted("service_name"),
        "service_title": TITLE,
        "description": DESCRIPTION,
        "license": st.sampled_from(["Apache-2.0", "MIT", "Proprietary"]),
        "ci": st.sampled_from(["github", "gitlab", "none"]),
        "coverage_unit": st.integers(0, 100),
        "alert_error_percent": st.integers(1, 99),
        "alert_error_minutes": st.integers(1, 1440),
        "alert_p99_seconds": st.integers(1, 10),
        "alert_queue_depth": st.integers(1, 100000),
    },
    optional={
        "module_path": accepted("module_path", 200),
        "team": accepted("team", 39),
        "br_category": accepted("br_category", 16),
        "resource_kind": accepted("resource_kind"),
        "registry": accepted("registry", 100),
    },
)


# A render takes a second, so there are few; answers that are refused cost next to nothing.
@settings(max_examples=max(8, settings().max_examples // 8))
@given(answers=GOOD)
def test_what_is_accepted_gives_a_tree_that_parses(
    template: Path, tmp_path_factory: pytest.TempPathFactory, answers: dict[str, Any]
) -> None:
    parent = tmp_path_factory.mktemp("property")
    target = parent / "service"
    try:
        refusal = refused(template, target, answers)
        if refusal:
            assert refusal.startswith("Validation error for question '")
            assert not target.exists()
        else:
            parse(target)
    finally:
        shutil.rmtree(parent)


def refused(template: Path, target: Path, answers: Answers) -> str:
    """Copy, and return Copier's message where it refuses an answer."""
    try:
        helpers.copy(template, target, answers)
    except ValueError as error:
        return str(error)
    return ""


def parse(tree: Path) -> None:
    """Parse every file of a tree with the parser of its language."""
    done = subprocess.run(["gofmt", "-l", "."], cwd=tree, capture_output=True, text=True, check=False)
    helpers.expect_none((done.stdout + done.stderr).splitlines(), "gofmt")
    for name in helpers.files(tree):
        path = tree / name
        text = path.read_text(encoding="utf-8")
        if name.endswith((".yml", ".yaml")):
            helpers.documents(path)
        elif name.endswith(".json"):
            json.loads(text)
        elif name.endswith(".toml"):
            tomllib.loads(text)
        elif name.endswith(".md"):
            MarkdownIt("commonmark").parse(text)
            if text.startswith("---\n"):
                yaml.safe_load(text[4:].partition("\n---\n")[0])
