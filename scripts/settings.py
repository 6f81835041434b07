"""What copier.yml and the files that it includes say, for the other scripts and the tests."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jinja2
import yaml

ROOT = Path(__file__).resolve().parent.parent
# One answers file for each leaf of the decision tree and each common combination.
EXAMPLES = sorted((ROOT / "examples/answers").glob("*.yml"))

Answers = dict[str, Any]
Question = dict[str, Any]


def groups() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the documents of copier.yml with the comment at their top, the settings first."""
    main = (ROOT / "copier.yml").read_text(encoding="utf-8")
    first, *includes = main.split("\n---\n")
    yield "", yaml.safe_load(first)
    for include in includes:
        text = (ROOT / include.removeprefix("!include").strip()).read_text(encoding="utf-8")
        comment = re.match(r"(?:# ?.*\n)*", text)
        title = re.sub(r"^# ?", "", comment[0] if comment else "", flags=re.MULTILINE).strip()
        yield title, yaml.safe_load(text)


def settings() -> dict[str, Any]:
    """Return Copier's settings and the questions, in order."""
    return {name: value for _, document in groups() for name, value in document.items()}


def questions(asked: bool = False) -> dict[str, Question]:
    """Return the questions; with `asked`, without the derived ones."""
    return {
        name: question
        for name, question in settings().items()
        if not name.startswith("_") and not (asked and question.get("when") is False)
    }


@functools.cache
def jinja() -> jinja2.Environment:
    """Return an environment with the template's own delimiters and Copier's filters."""
    options = {name: value for name, value in settings()["_envops"].items() if name != "undefined"}
    extension = "jinja2_ansible_filters.AnsibleCoreFiltersExtension"
    loader = jinja2.FileSystemLoader(ROOT)
    return jinja2.Environment(undefined=jinja2.StrictUndefined, extensions=[extension], loader=loader, **options)  # noqa: S701 - no HTML


def values(answers: Mapping[str, object], folder: str = "orders") -> Answers:
    """Return the value of each question for these answers and otherwise its default, derived ones included.

    Defaults are computed as Copier does: in order, from the values before them. Nothing is validated.
    """
    known: Answers = {"_folder_name": folder}
    for name, question in questions().items():
        value = answers.get(name, question.get("default"))
        if isinstance(value, str) and name not in answers:
            value = jinja().from_string(value).render(known)
            if question["type"] in {"yaml", "bool", "int"}:
                value = yaml.safe_load(value)
        known[name] = value
    return known


def read_answers(path: Path) -> Answers:
    """Return the answers in a file, without what Copier and the template note beside them."""
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    noted = {"rendered_as", "scaffolded"}
    return {key: value for key, value in loaded.items() if not key.startswith("_") and key not in noted}


def leaves() -> dict[str, Answers]:
    """Return the leaves of the decision tree, by example: its answers to the tree's questions and nothing else.

    Of examples with the same answers there, the one with the shortest name is the leaf; the others differ in texts.
    """
    tree = ["service_type", *next(document for _, document in groups() if "writes_kubernetes" in document)]
    found: dict[str, Answers] = {}
    for path in sorted(EXAMPLES, key=lambda path: (len(path.stem), path.stem)):
        answers = {name: value for name, value in read_answers(path).items() if name in tree}
        if answers not in found.values():
            found[path.stem] = answers
    return dict(sorted(found.items()))
