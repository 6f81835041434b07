"""The decision tree: which environment a leaf has, and how leaves that aren't built yet are refused."""

from __future__ import annotations

import pytest

from tests.helpers import Ask, settings

NOT_BUILT = (
    ({"service_type": "controller"}, "Controllers are not built yet: choose http."),
    ({"writes_kubernetes": True}, "Services that write to Kubernetes are not built yet: answer no."),
    (
        {"writes_kubernetes": True, "needs_rbac": True},
        "Services that write to Kubernetes are not built yet: answer no.",
    ),
    ({"reads_kubernetes": True}, "Services that read from Kubernetes are not built yet: answer no."),
    (
        {"reads_kubernetes": True, "needs_selectors_or_crds": True},
        "Services that read from Kubernetes are not built yet: answer no.",
    ),
    ({"backing_services": ["postgres"]}, "Backing services are not built yet: leave the list empty."),
    ({"backing_services": ["postgres", "redis"]}, "Backing services are not built yet: leave the list empty."),
)


@pytest.mark.parametrize(("answers", "sentence"), NOT_BUILT, ids=[" ".join(answers) for answers, _ in NOT_BUILT])
def test_leaf_that_is_not_built_is_refused_in_one_sentence(ask: Ask, answers: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - Copier's own; the whole message is checked
        ask(**answers)
    [question, *_] = answers
    assert str(caught.value) == f"Validation error for question '{question}': {sentence}"


def test_leaf_that_is_built(ask: Ask) -> None:
    answered = ask()
    assert answered["test_environment"] == "HTTP_MOCKS"
    assert answered["features"] == ["core", "http", "ci-github"]
    assert answered["uses_kubernetes"] is False


def test_answers_to_questions_that_the_tree_does_not_ask_change_nothing(ask: Ask) -> None:
    stray = {"needs_rbac": True, "needs_selectors_or_crds": True, "api_domain": "acme.example"}
    answered = ask(**stray)  # also asserts that they aren't stored
    assert answered == {**ask(), **stray}


def test_tree_stands_in_its_order() -> None:
    asked = list(settings())
    order = ["writes_kubernetes", "needs_rbac", "reads_kubernetes", "needs_selectors_or_crds", "backing_services"]
    assert [name for name in asked if name in order] == order
