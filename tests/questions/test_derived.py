"""Names that are derived from answers, for the answers that make it hard."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers import Ask

NAMES: tuple[tuple[str, dict[str, str]], ...] = (
    (
        "orders",
        {
            "service_title": "Orders",
            "service_snake": "orders",
            "service_camel": "Orders",
            "env_prefix": "ORDERS",
            "br_category": "ORDERS",
            "module_path": "example.com/orders",
            "namespace": "orders",
            "image": "registry.example.com/platform-team/orders",
            "description": "Orders delivers resources to its channels.",
        },
    ),
    (
        "billing-notifier",
        {
            "service_title": "Billing Notifier",
            "service_snake": "billing_notifier",
            "service_camel": "BillingNotifier",
            "env_prefix": "BILLING_NOTIFIER",
            "br_category": "BILLINGNOTIFIER",
        },
    ),
    ("a", {"service_title": "A", "service_camel": "A", "env_prefix": "A", "br_category": "A"}),
    (
        "x1-2-go",
        {
            "service_title": "X1 2 Go",
            "service_snake": "x1_2_go",
            "service_camel": "X12Go",
            "br_category": "X12GO",
        },
    ),
    ("a" * 40, {"br_category": "A" * 16}),
)

PLURALS = (
    ("Notification", "notifications"),
    ("Order", "orders"),
    ("PurchaseOrder", "purchaseorders"),
    ("PolicyBreach", "policybreaches"),
    ("Address", "addresses"),
    ("Box", "boxes"),
    ("Buzz", "buzzes"),
    ("Wish", "wishes"),
    ("Policy", "policies"),
    ("Enquiry", "enquiries"),
    ("Key", "keys"),
    ("Day", "days"),
    ("Person", "people"),
    ("Child", "children"),
    ("Series", "series"),
    ("Data", "data"),
    ("Index", "indices"),
    ("Analysis", "analyses"),
    ("Quiz", "quizzes"),
    ("Leaf", "leaves"),
    ("Y", "ys"),
    ("A", "as"),
    ("S", "ses"),
)

FOLDERS = (
    ("orders", "orders"),
    ("My Service_1", "my-service-1"),
    ("123", "my-service"),
    ("1st-service", "st-service"),
    (".hidden", "hidden"),
    ("größe", "gr-e"),
    ("服务", "my-service"),
    ("a.b.c", "a-b-c"),
    ("--x--", "x"),
    ("UPPER", "upper"),
    ("a" * 60, "a" * 40),
    ("a" * 39 + "-b", "a" * 39),
    ("it's [here]", "it-s-here"),
    ("{{ x }}", "x"),
)


@pytest.mark.parametrize(("name", "expected"), NAMES, ids=[name for name, _ in NAMES])
def test_names(ask: Ask, name: str, expected: dict[str, Any]) -> None:
    answered = ask(service_name=name)
    assert {key: answered[key] for key in expected} == expected


@pytest.mark.parametrize(("kind", "plural"), PLURALS)
def test_plural(ask: Ask, kind: str, plural: str) -> None:
    answered = ask(resource_kind=kind)
    assert (answered["resource_plural"], answered["resource_singular"]) == (plural, kind.lower())


@pytest.mark.parametrize(("folder", "name"), FOLDERS)
def test_name_of_the_folder_is_the_default(ask: Ask, folder: str, name: str) -> None:
    assert ask(folder=folder)["service_name"] == name


def test_folder_whose_name_is_refused_says_so(ask: Ask) -> None:
    with pytest.raises(ValueError, match='"vendor" is a reserved folder name in Go'):
        ask(folder="vendor")


def test_registry_follows_the_team(ask: Ask) -> None:
    answered = ask(team="Acme/pay.-_ments")
    assert answered["registry"] == "registry.example.com/acme/pay-ments"


def test_latency_targets_follow_each_other(ask: Ask) -> None:
    targets = [ask(latency_p50_ms=median)["latency_p99_ms"] for median in (1, 100, 60000)]
    assert targets == [5, 500, 60000]


def test_longest_default_description_is_accepted(ask: Ask) -> None:
    assert ask(service_title="t" * 80)["description"].startswith("t" * 80)
