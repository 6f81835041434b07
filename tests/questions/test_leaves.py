"""The decision tree: which environment the answers lead to, and how leaves that aren't built yet are refused."""

from __future__ import annotations

from typing import Any

import pytest

from scripts import lock
from scripts.settings import values
from tests import helpers
from tests.helpers import LEAVES, Answers, Ask

# The tree of the seed, answer by answer.
TREE: tuple[tuple[Answers, str], ...] = (
    ({}, "HTTP_MOCKS"),
    ({"backing_services": ["postgres"]}, "PODMAN"),
    ({"reads_kubernetes": True}, "FAKE_CLIENT"),
    ({"reads_kubernetes": True, "needs_selectors_or_crds": True}, "ENVTEST"),
    ({"writes_kubernetes": True}, "ENVTEST"),
    ({"writes_kubernetes": True, "needs_rbac": True}, "KIND"),
    ({"service_type": "controller"}, "ENVTEST"),
    ({"service_type": "controller", "needs_rbac": True}, "KIND"),
)


@pytest.mark.parametrize(("answers", "environment"), TREE, ids=[environment for _, environment in TREE])
def test_tree_leads_to_an_environment(answers: Answers, environment: str) -> None:
    assert values(answers)["test_environment"] == environment


def test_each_environment_that_is_built_has_a_leaf() -> None:
    built = {values(answers)["test_environment"] for answers in LEAVES.values()}
    assert {environment for _, environment in TREE} - built == {"KIND", "PODMAN"}


@pytest.mark.parametrize("leaf", LEAVES)
def test_values_of_a_leaf_are_those_that_copier_computes(ask: Ask, leaf: str) -> None:
    computed = values(LEAVES[leaf])
    del computed["_folder_name"]
    assert computed == ask(**LEAVES[leaf])


@pytest.mark.parametrize(
    ("question", "answers", "sentence"),
    [
        (
            "needs_rbac",
            {"writes_kubernetes": True, "needs_rbac": True},
            "Integration tests on KIND are not built yet: answer no.",
        ),
        (
            "backing_services",
            {"backing_services": ["redis"]},
            "Backing services are not built yet: leave the list empty.",
        ),
    ],
)
def test_leaf_that_is_not_built_is_refused_in_one_sentence(
    ask: Ask, question: str, answers: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - Copier's own; the whole message is checked
        ask(**answers)
    assert str(caught.value) == f"Validation error for question '{question}': {sentence}"


def test_each_lock_set_has_a_leaf() -> None:
    assert lock.sets().keys() == {path.name for path in lock.LOCKS.iterdir() if path.is_dir()}


def test_answers_to_questions_that_the_tree_does_not_ask_change_nothing(ask: Ask) -> None:
    stray = {"needs_rbac": True, "needs_selectors_or_crds": True, "api_domain": "acme.example"}
    answered = ask(**stray)  # also asserts that they aren't stored
    assert answered == {**ask(), **stray, "api_group": "orders.acme.example"}


def test_tree_is_asked_in_its_order() -> None:
    order = ["writes_kubernetes", "needs_rbac", "reads_kubernetes", "needs_selectors_or_crds", "backing_services"]
    assert [name for name in helpers.settings() if name in order] == order
