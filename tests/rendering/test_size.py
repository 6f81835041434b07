"""A service stays small enough to be read before its first feature is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import helpers
from tests.helpers import Render

# Upper bound for the lines of Go of a service without its tests and test environment.
MOST_LINES = 5000


def production(service: Path) -> dict[str, int]:
    """Return the number of lines of each Go file that is built into the service."""
    names = [name for name in helpers.files(service) if name.endswith(".go") and not name.startswith("test/")]
    return {name: len((service / name).read_text(encoding="utf-8").splitlines()) for name in names}


@pytest.mark.parametrize("example", ["http-mocks", "controller"])
def test_service_is_small(render: Render, example: str) -> None:
    answers = helpers.read_answers(helpers.ROOT / f"examples/answers/{example}.yml")
    lines = production(render(**answers))
    total = sum(lines.values())
    longest = sorted(lines, key=lines.__getitem__, reverse=True)[:10]
    assert total < MOST_LINES, "\n".join([f"{total} lines", *(f"{lines[name]:5} {name}" for name in longest)])
