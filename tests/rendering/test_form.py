"""Rendered files look as if somebody had written them with care: they parse, and no tool would change them."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from slipwright_hooks.guards import leftover_placeholders, update_leftovers
from yamllint import linter
from yamllint.config import YamlLintConfig

from tests import helpers
from tests.helpers import Render

# Names and texts that make it hard; the same for kinds.
HARD = (
    {"service_name": "a", "resource_kind": "A", "br_category": "A"},
    {
        "service_name": "x" * 38 + "-9",
        "resource_kind": "K" * 40,
        "module_path": "example.com/" + "m" * 180,
        "team": "o" * 39 + "/" + "t" * 63,
        "service_title": "T" * 80,
        "description": "d" * 2000,
    },
    {"service_name": "interface", "resource_kind": "Type", "resource_plural": "type", "service_title": "yes"},
    {"service_name": "nil", "service_title": "null", "team": "on", "description": "~", "br_category": "NO"},
    {
        "service_name": "z-1-2",
        "service_title": "- 'a': %b & c, é!",
        "description": 'x: "y" # z\n\n- {a}: [b]\t|\n---\n<c>',
    },
)

# Where the template may be named: the service says what it was made from.
NAMES_THE_TEMPLATE = {".copier-answers.yml", ".pre-commit-config.yaml", "README.md"}


@pytest.fixture(scope="session", params=[*helpers.EXAMPLES, *HARD], ids=lambda value: getattr(value, "stem", "hard"))
def tree(request: pytest.FixtureRequest, render: Render) -> Path:
    answers = helpers.read_answers(request.param) if isinstance(request.param, Path) else request.param
    return render(**answers)


def texts(tree: Path, *suffixes: str) -> Iterator[tuple[str, str]]:
    for name in helpers.files(tree):
        if not suffixes or name.endswith(suffixes):
            yield name, (tree / name).read_bytes().decode("utf-8")


def test_go_is_formatted(tree: Path) -> None:
    done = subprocess.run(["gofmt", "-l", "-s", "."], cwd=tree, capture_output=True, text=True, check=False)
    helpers.expect_none((done.stdout + done.stderr).splitlines())


def test_go_imports_are_sorted_by_group(tree: Path) -> None:
    """Standard library, third parties, the module's own: each group sorted (gofmt sorts), in this order."""
    module = (tree / "go.mod").read_text().splitlines()[0].removeprefix("module ")
    wrong = []
    for name, text in texts(tree, ".go"):
        if match := re.search(r"^import \((.*?)^\)", text, re.MULTILINE | re.DOTALL):
            groups = [
                {kind(path, module) for path in re.findall(r'"([^"]+)"', group)} for group in match[1].split("\n\n")
            ]
            order = [kinds.pop() for kinds in groups if len(kinds) == 1]
            if len(order) != len(groups) or order != sorted(set(order)):
                wrong.append(name)
    helpers.expect_none(wrong)


def kind(path: str, module: str) -> int:
    if path == module or path.startswith(f"{module}/"):
        return 2
    return 1 if "." in path.split("/", maxsplit=1)[0] else 0


def test_yaml_parses_and_lints(tree: Path) -> None:
    config = YamlLintConfig(file=str(tree / ".yamllint.yml"))
    problems = []
    for name, text in texts(tree, ".yml", ".yaml"):
        helpers.documents(tree / name)
        problems += [f"{name}:{problem}" for problem in linter.run(text, config, name)]
    helpers.expect_none(problems)


def test_json_and_toml_parse(tree: Path) -> None:
    for _, text in texts(tree, ".json"):
        json.loads(text)
    for _, text in texts(tree, ".toml"):
        tomllib.loads(text)


def test_front_matter_and_fences_of_markdown(tree: Path) -> None:
    for name, text in texts(tree, ".md"):
        if text.startswith("---\n"):
            front, closed, _ = text[4:].partition("\n---\n")
            assert closed, f"{name}: the front matter doesn't end"
            assert isinstance(yaml.safe_load(front), dict), name
        assert len(re.findall(r"^ *```", text, re.MULTILINE)) % 2 == 0, f"{name}: a code block isn't closed"


def test_white_space(tree: Path) -> None:
    problems = []
    for name, text in texts(tree):
        if text and (not text.endswith("\n") or text.endswith("\n\n")):
            problems.append(f"{name}: ends with one line feed")
        if text.startswith("\n"):
            problems.append(f"{name}: starts with an empty line")
        if "\r" in text:
            problems.append(f"{name}: carriage return")
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip():
                problems.append(f"{name}:{number}: trailing white space")
            if "\t" in line and name.endswith((".yml", ".yaml", ".json")) and not line.lstrip().startswith("- "):
                problems.append(f"{name}:{number}: tab")
        if not name.endswith(("LICENSE", ".sum", ".copier-answers.yml")) and "\n\n\n" in text:
            problems.append(f"{name}:{text[: text.index(chr(10) * 3)].count(chr(10)) + 2}: two empty lines")
    helpers.expect_none(problems)


def test_no_block_starts_or_ends_with_an_empty_line(tree: Path) -> None:
    problems = []
    for name, text in texts(tree, ".go"):
        problems += [f"{name}: {match[0]!r}" for match in re.finditer(r".*[({]\n\n|.*\n\n\t*[)}]\n", text)]
    helpers.expect_none(problems)


def test_nothing_is_left_over(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = list(helpers.files(example))
    findings = []
    for name, text in texts(example):
        findings += [*leftover_placeholders.find_in_path(name), *leftover_placeholders.find_in_text(name, text)]
        findings += update_leftovers.find_markers(name, text)
    findings += update_leftovers.find_rejects(names)
    helpers.expect_none(findings)


def test_no_phrase_of_the_seed_is_left(example: Path) -> None:
    listed = (Path(__file__).parent / "seed_phrases.txt").read_text(encoding="utf-8")
    phrases = set(listed.splitlines())  # digits are written as #
    helpers.expect_none(
        f"{name}: {match[0]}"
        for name, text in texts(example)
        for match in re.finditer(r"\[([A-Za-z0-9][^\[\]\n]{0,80})\](?![(\[])", text)
        if re.sub(r"\d+", "#", match[1]) in phrases
    )


def test_template_is_named_only_where_it_came_from(tree: Path) -> None:
    named = {name for name, text in texts(tree) if "slipwright" in text.lower()}
    assert named <= NAMES_THE_TEMPLATE


def test_no_machine_path_and_no_unfinished_work(tree: Path) -> None:
    found = []
    for name, text in texts(tree):
        if name in {".copier-answers.yml", ".pre-commit-config.yaml"} or name.endswith(".sum"):
            continue
        found += [f"{name}: {match[0]}" for match in re.finditer(r"\b(TODO|FIXME|XXX|HACK)\b|/(work|root|home)/", text)]
    helpers.expect_none(found)


def test_names_work_on_windows(tree: Path) -> None:
    names = list(helpers.files(tree))
    bad = [
        name
        for name in names
        if re.search(r'[<>:"\\|?*\x00-\x1f]|[ .](/|$)', name)
        or re.search(r"(?i)(^|/)(con|prn|aux|nul|com\d|lpt\d)(\.[^/]*)?(/|$)", name)
    ]
    helpers.expect_none(bad)
    assert len({name.lower() for name in names}) == len(names), "names differ only in case"
    assert max(len(name) for name in names) < 200


def test_every_file_is_text_without_marks_of_the_engine(tree: Path) -> None:
    for name, text in texts(tree):
        assert "\x00" not in text, name
        assert not text.startswith("\ufeff"), name


def test_only_scripts_are_executable(tree: Path) -> None:
    executable = {name for name in helpers.files(tree) if (tree / name).stat().st_mode & 0o111}
    scripts = {name for name, text in texts(tree) if text.startswith("#!")}
    assert executable == scripts
