"""Every rendered path belongs to one feature and one owner, and the lists that say so agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pathspec import PathSpec

from tests import helpers
from tests.helpers import Ask, Render

OWNERS = {"template", "yours", "commands"}

FeatureMap = dict[str, dict[str, list[str]]]


def raw_map() -> FeatureMap:
    loaded: FeatureMap = yaml.safe_load(
        helpers.settings()["feature_map"]["default"].replace("[[ service_name ]]", "NAME")
    )
    return loaded


def matches(pattern: str, paths: list[str]) -> list[str]:
    return list(PathSpec.from_lines("gitignore", [pattern]).match_files(paths))


def patterns(feature_map: FeatureMap) -> Iterator[tuple[str, str, str]]:
    for feature, owners in feature_map.items():
        for owner, listed in owners.items():
            for pattern in listed:
                yield feature, owner, pattern


@pytest.fixture(scope="module")
def example_answers(request: pytest.FixtureRequest) -> dict[str, Any]:
    return helpers.read_answers(request.param)


examples = pytest.mark.parametrize("example_answers", helpers.EXAMPLES, indirect=True, ids=lambda path: path.stem)


@examples
def test_every_path_has_one_owner(example_answers: dict[str, Any], render: Render, ask: Ask) -> None:
    answered = ask(**example_answers)
    paths = list(helpers.files(render(**example_answers)))
    owned: dict[str, list[tuple[str, str]]] = {path: [] for path in paths}
    for feature, owner, pattern in patterns(answered["feature_map"]):
        for path in matches(pattern, paths):
            owned[path].append((feature, owner))
    # In one feature a path has one pattern; between features the later one counts.
    wrong = {path: by for path, by in owned.items() if not by or len(by) != len({feature for feature, _ in by})}
    helpers.expect_none(f"{path}: {by or 'nobody'}" for path, by in wrong.items())
    # What a feature that the answers don't call for owns isn't there.
    features = {by[-1][0] for by in owned.values()}
    assert features <= set(answered["features"])
    # A team's folder holds nothing of the template's: `copier recopy` would not bring it.
    helpers.expect_none(
        f"{path}: {by}"
        for path, by in owned.items()
        if by[-1][1] == "template" and {"yours", "commands"} & set(dict(by).values())
    )


def test_every_pattern_matches_something(render: Render, ask: Ask) -> None:
    paths: list[str] = []
    for example in helpers.EXAMPLES:
        answers = helpers.read_answers(example)
        name = answers["service_name"]
        paths += [path.replace(f"/{name}/", "/NAME/") for path in helpers.files(render(**answers))]
    dead = [f"{feature}: {pattern}" for feature, _, pattern in patterns(raw_map()) if not matches(pattern, paths)]
    helpers.expect_none(dead, "Patterns that match no rendered path.")


def test_examples_cover_every_feature(ask: Ask) -> None:
    features = {feature for example in helpers.EXAMPLES for feature in ask(**helpers.read_answers(example))["features"]}
    assert raw_map().keys() <= features


def test_owners_are_known() -> None:
    assert {owner for _, owner, _ in patterns(raw_map())} <= OWNERS
    assert all(pattern.startswith("/") for _, _, pattern in patterns(raw_map())), "anchored at the service's root"


def test_lists_are_in_order() -> None:
    for feature, owners in raw_map().items():
        for owner, listed in owners.items():
            assert len(listed) == len(set(listed)), f"{feature}/{owner}"


def test_features_that_are_rendered_are_in_the_map(ask: Ask) -> None:
    for ci in ("github", "gitlab", "none"):
        assert set(ask(ci=ci)["features"]) <= raw_map().keys()


def test_every_feature_but_the_core_has_its_folder() -> None:
    folders = {path.name for path in (helpers.ROOT / "template").glob("?? with.*")}
    assert folders == {f"[[ with.{feature} ]]" for feature in raw_map() if feature != "core"}


def test_every_source_is_rendered_by_some_answers(render: Render, ask: Ask, template: Path) -> None:
    sources = set(helpers.files(template / "template"))
    unused = set(sources)
    for example in helpers.EXAMPLES:
        answers = helpers.read_answers(example)
        values = {**ask(**answers), "_copier_conf": {"answers_file": ".copier-answers.yml"}}
        rendered = set(helpers.files(render(**answers)))
        for source in sources:
            path = helpers.rendered_path(source, values)
            if path in rendered:
                unused.discard(source)
                rendered.discard(path)
        helpers.expect_none(sorted(rendered), f"{example.name}: rendered without a source")
    helpers.expect_none(sorted(unused), "No example renders these.")
