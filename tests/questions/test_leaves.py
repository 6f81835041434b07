"""The decision tree: which environment a leaf has, and how leaves that aren't built yet are refused."""

from __future__ import annotations

from itertools import product

import pytest

from tests.helpers import LEAVES, Answers, Ask, settings

NO_KIND = "Integration tests on KIND are not built yet: answer no."
NO_BACKING = "Backing services are not built yet: leave the list empty."

BACKING = (["postgres"], ["redis"], ["postgres", "redis"])
KIND: dict[str, Answers] = {
    "http-kind": {"writes_kubernetes": True, "needs_rbac": True},
    "controller-kind": {"service_type": "controller", "needs_rbac": True},
}

# Each combination of a leaf and backing services that isn't built, with the question that refuses it.
NOT_BUILT = [
    *((answers, "needs_rbac", NO_KIND) for answers in KIND.values()),
    *(
        ({**answers, "backing_services": chosen}, "backing_services", NO_BACKING)
        for answers, chosen in product(LEAVES.values(), BACKING)
    ),
    *(
        ({**answers, "backing_services": chosen}, "needs_rbac", NO_KIND)
        for answers, chosen in product(KIND.values(), BACKING)
    ),
]


@pytest.mark.parametrize(
    ("answers", "question", "sentence"), NOT_BUILT, ids=[str(answers) for answers, *_ in NOT_BUILT]
)
def test_leaf_that_is_not_built_is_refused_in_one_sentence(
    ask: Ask, answers: Answers, question: str, sentence: str
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - Copier's own; the whole message is checked
        ask(**answers)
    assert str(caught.value) == f"Validation error for question '{question}': {sentence}"


ENVIRONMENTS = {
    "http-mocks": ("HTTP_MOCKS", "http", "tools"),
    "http-fake-client": ("FAKE_CLIENT", "http-fake-client", "tools"),
    "http-envtest-reads": ("ENVTEST", "http-envtest", "tools-envtest"),
    "http-envtest-writes": ("ENVTEST", "http-envtest", "tools-envtest"),
    "controller": ("ENVTEST", "controller", "tools-controller"),
}


@pytest.mark.parametrize("leaf", LEAVES)
def test_leaf_that_is_built(ask: Ask, leaf: str) -> None:
    answered = ask(**LEAVES[leaf])
    environment, lock_set, tools_set = ENVIRONMENTS[leaf]
    assert answered["test_environment"] == environment
    assert answered["lock_set"] == lock_set
    assert answered["tools_set"] == tools_set
    assert answered["uses_kubernetes"] is (environment != "HTTP_MOCKS")


@pytest.mark.parametrize(
    ("leaf", "features"),
    [
        ("http-mocks", ["core", "http", "ci-github"]),
        ("http-fake-client", ["core", "http", "kubernetes", "discovery", "discovery-services", "ci-github"]),
        ("http-envtest-reads", ["core", "http", "kubernetes", "envtest", "discovery", "discovery-pods", "ci-github"]),
        ("http-envtest-writes", ["core", "http", "kubernetes", "envtest", "configmap-store", "ci-github"]),
        ("controller", ["core", "controller", "kubernetes", "envtest", "ci-github"]),
    ],
)
def test_features_of_a_leaf(ask: Ask, leaf: str, features: list[str]) -> None:
    assert ask(**LEAVES[leaf])["features"] == features


def test_answers_to_questions_that_the_tree_does_not_ask_change_nothing(ask: Ask) -> None:
    stray = {"needs_rbac": True, "needs_selectors_or_crds": True, "api_domain": "acme.example"}
    answered = ask(**stray)  # also asserts that they aren't stored
    assert answered == {**ask(), **stray, "api_group": "orders.acme.example"}


def test_tree_stands_in_its_order() -> None:
    asked = list(settings())
    order = ["writes_kubernetes", "needs_rbac", "reads_kubernetes", "needs_selectors_or_crds", "backing_services"]
    assert [name for name in asked if name in order] == order
