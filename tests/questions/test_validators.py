"""Every validator, with values that it accepts and values that it refuses.

A refusal must be Copier's own error with our message, which shows the value and says what is allowed, and nothing
may be on disk afterwards (the `ask` fixture checks that).
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests import helpers
from tests.helpers import Ask

GOOD: dict[str, tuple[Any, ...]] = {
    "service_name": ("a", "a1", "orders", "order-notifier", "x1-2-b", "a" * 40, "go", "interface", "http", "t-e-s-t"),
    "service_title": ("A", "Ünïcode 服务", "R&D: it's 100 % (live), v1.2!", "t" * 80, "a_b", "-", "1st", "~ = + @ ; ?"),
    "description": (
        "x",
        'say "hello"',
        "a: b",
        "{a} {{ b }} [c] [[ d ]] [% if e %] [# f #]",
        "two\n\nparagraphs\n",
        "- [ ] <b>`x`</b> | \\ $HOME ${X} %s #1 & * _ ~ ^",
        "größer €  账单 🙂",
        "'",
        "# heading",
        "---\nfront: matter\n---",
        "null",
        "\ttab",
        "x" * 2000,
    ),
    "module_path": (
        "example.com/orders",
        "github.com/Acme/Order_Service",
        "git.example.org/a/b.go/c-d/~user/v2",
        "a-b.c/d",
        "sub.host-name.example/x1",
        "example.com/_x",
        "example.com/v2",
        "example.com/console",
    ),
    "team": (
        "a",
        "platform-team",
        "acme/payments",
        "Acme/pay.ments_eu-1",
        "acme/eu/pay",
        "my_team",
        "acme.io/pay",
        "b" * 63,
    ),
    "br_category": ("A", "ORDERS", "A1", "A" * 16),
    "license": ("Apache-2.0", "MIT", "Proprietary"),
    "service_type": ("http",),
    "resource_kind": ("A", "Notification", "PurchaseOrder2", "HTTPCall", "A" * 40, "Error", "String", "Order"),
    "resource_plural": ("a", "notifications", "v1", "p" * 63),
    "backing_services": ([],),
    "needs_rbac": (False, "no"),
    "api_domain": ("example.com", "a.b", "x-1.platform.example.org", "a" * 63 + ".io", "k8s.io.example.com"),
    "ci": ("github", "gitlab", "none"),
    "registry": (
        "registry.example.com/platform-team",
        "ghcr.io/acme",
        "localhost:5000",
        "localhost:5000/a.b/c_d/e__f/g--h",
        "docker-1.example.com:65535/x",
        "acme",
    ),
    "coverage_unit": (0, 75, 100, "80"),
    "latency_p50_ms": (1, 500),
    "latency_p99_ms": (100, 60000),
    "throughput_per_second": (1, 1000000),
    "alert_error_percent": (1, 99),
    "alert_error_minutes": (1, 1440),
    "alert_p99_seconds": (1, 10),
    "alert_p99_minutes": (1, 1440),
    "alert_queue_depth": (1, 100000),
    "alert_queue_minutes": (1, 1440),
    "alert_breaker_minutes": (1, 1440),
}

BAD: dict[str, tuple[Any, ...]] = {
    "service_name": (
        *("", "1a", "-a", "a-", "a--b", "A", "a_b", "a b", "a.b", "a/b", "../a", "größe", "a" * 41),
        *("orders\n", "\norders", "orders\nx", "a-\n", "orders ", "[[ 1 ]]", '"', "a\u2028"),
        *("internal", "vendor", "testdata", "platform", "con", "nul", "com1", "lpt9", "true", "null", "on", "n"),
    ),
    "service_title": (
        *(
            "",
            " ",
            " a",
            "a ",
            "a\n",
            "a\nb",
            "a\tb",
            "a\rb",
            'a"b',
            "a`b",
            "<a>",
            "{a}",
            "[a]",
            "a|b",
            "a*",
            "_a",
            "#a",
        ),
        *("a\\b", "t" * 81, "a\x00b", "a\x85b", "a\u2028b", "a\x1bb", "\ufeffa", "a\ud800"),
    ),
    "description": ("", "  \n ", "x" * 2001, "a\x00b", "a\x1b[0m", "a\rb", "a\x0cb", "a\x85b", "a\u2028b", "a\udcff"),
    "module_path": (
        *("", "orders", "example.com", "example.com/", "/orders", "example/orders", "Example.com/a", "example.com//a"),
        *("example.com/a b", "https://example.com/a", "example.com/a/", "example.com/.a", "example.com/a.", "a..b/c"),
        *("example.com/a./b", "example.com/internal", "example.com/vendor/x", "example.com/testdata", "example.com/ä"),
        *(
            "-a.com/b",
            "a-.com/b",
            "example.com/a\n",
            "example.com/a\n\nrequire x v1",
            "example.com/a;b",
            "example.com/-a",
        ),
        *("example.com/con", "example.com/x/NUL.go", "example.com/a~1", "example.com/x/v1", "example.com/v0"),
        "example.com/" + "a" * 200,
    ),
    "team": ("", "-a", "a-", "a b", "a//b", "a/", "/a", "@a", "a/-b", "a/b.", "a" * 64, "a-/b", "a\n", "a/b\n", "ä"),
    "br_category": ("", "a", "1A", "A-B", "A_B", "A" * 17, "A\n", "Ä", "BR A"),
    "license": ("GPL-3.0", "", "mit"),
    "service_type": ("grpc", ""),
    "resource_kind": (
        *("", "notification", "1A", "A-B", "A_B", "A.B", "Ä", "A" * 41, "A\n", "A B", "Spec", "New", "Kind", "Store"),
    ),
    "resource_plural": ("", "Notifications", "1a", "a-b", "a/b", "a\n", "ä", "p" * 64),
    "api_domain": (
        *("", "example", "Example.com", "a..b", ".a.b", "a.b.", "-a.b", "a-.b", "a_b.c", "a.b/c", "a.b\n", "ä.io"),
        *("a" * 64 + ".io", "a" * 50 + "." + "b" * 50, "k8s.io", "x.k8s.io", "kubernetes.io", "team.kubernetes.io"),
    ),
    "backing_services": (["mysql"],),
    "ci": ("jenkins", ""),
    "registry": (
        *("", "https://ghcr.io", "ghcr.io/", "ghcr.io/Acme", "ghcr.io/acme:1", "-a.io", "a..b", "a:b/c", "ghcr.io//a"),
        *("ghcr.io/a._b", "ghcr.io/a\n", "localhost:0", "localhost:123456", "a.b/-c", "ghcr.io/a b", "ä.io"),
    ),
    "coverage_unit": (-1, 101, "75 %", "all"),
    "latency_p50_ms": (0, 60001),
    "latency_p99_ms": (99, 60001),
    "throughput_per_second": (0, 1000001),
    "alert_error_percent": (0, 100),
    "alert_error_minutes": (0, 1441),
    "alert_p99_seconds": (0, 11),
    "alert_p99_minutes": (0, 1441),
    "alert_queue_depth": (0, 100001),
    "alert_queue_minutes": (0, 1441),
    "alert_breaker_minutes": (0, 1441),
}

# Refused by Copier itself, since the value isn't of the question's type or not one of its choices.
NOT_OF_TYPE = {"license", "service_type", "backing_services", "ci"}

# The other answers with which a question is asked.
ASKED_WITH = {"needs_rbac": {"service_type": "controller"}, "api_domain": {"service_type": "controller"}}

# What each message must say is allowed.
ALLOWED = re.compile(r": (use|choose|say) .+\S\.$")


def cases(table: dict[str, tuple[Any, ...]]) -> list[Any]:
    return [
        pytest.param(name, value, id=f"{name}-{ascii(value)[:40]}")
        for name, values in table.items()
        for value in values
    ]


@pytest.mark.parametrize(("name", "value"), cases(GOOD))
def test_accepts(ask: Ask, name: str, value: Any) -> None:
    answered = ask(**{name: value}, **ASKED_WITH.get(name, {}))[name]
    typed = {"int": int, "bool": lambda value: value not in {False, "no"}}.get(helpers.questions()[name]["type"])
    assert answered == (typed(value) if callable(typed) else value)


@pytest.mark.parametrize(("name", "value"), cases(BAD))
def test_refuses(ask: Ask, name: str, value: Any) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - Copier's own; the message is checked below
        ask(**{name: value}, **ASKED_WITH.get(name, {}))
    message = str(caught.value)
    if name in NOT_OF_TYPE or (isinstance(value, (str, float)) and helpers.questions()[name]["type"] == "int"):
        return
    start = f"Validation error for question '{name}': "
    assert message.startswith(start)
    ours = message.removeprefix(start)
    assert ALLOWED.search(ours), ours
    if name != "description":
        assert f'"{value}"' in ours
    assert ours == ours.strip()


def test_every_validator_has_good_and_bad_values() -> None:
    validated = {
        name for name, question in helpers.questions().items() if "validator" in question or "choices" in question
    }
    assert validated <= GOOD.keys()
    # Anything but no is refused as not built, in tests/questions/test_leaves.py.
    assert validated - {"needs_rbac"} <= BAD.keys()


def test_every_free_text_has_a_validator() -> None:
    missing = [
        name
        for name, question in helpers.questions(asked=True).items()
        if question["type"] in {"str", "int"} and not {"choices", "validator"} & question.keys()
    ]
    assert missing == []


def test_no_pattern_lets_a_line_feed_slip_in_at_its_end() -> None:
    # In Python's patterns `$` also matches before a line feed at the end.
    loose = [
        name
        for name, question in helpers.questions().items()
        if re.search(r"regex_search\('[^']*\$[^']*'\)", question.get("validator", ""))
    ]
    assert loose == []


def test_help_says_what_an_answer_changes() -> None:
    for name, question in helpers.questions(asked=True).items():
        assert question.get("help", "").strip().endswith((".", "?", "…`.")), name
