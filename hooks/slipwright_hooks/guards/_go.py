"""A small scanner for Go source: enough to tell strings, comments and calls apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

__all__ = ["Token", "scan"]

Kind = Literal["comment", "string", "rune", "name", "mark"]

_TOKEN = re.compile(
    r"""
      (?P<comment> //[^\n]* | /\*.*?(?:\*/|\Z) )
    | (?P<string>  "(?:\\.|[^"\\\n])*" | `[^`]*(?:`|\Z) )
    | (?P<rune>    '(?:\\.|[^'\\\n])*' )
    | (?P<name>    [^\W\d]\w* )
    | (?P<mark>    [(){}\[\].,=] )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """A piece of source, and where it stands (`line` counts from 1)."""

    kind: Kind
    text: str
    start: int
    line: int


def scan(source: str) -> Iterator[Token]:
    """Yield the tokens that matter here; numbers and most operators are left out."""
    line, last = 1, 0
    for match in _TOKEN.finditer(source):
        line += source.count("\n", last, match.start())
        last = match.start()
        kind: Kind = match.lastgroup  # type: ignore[assignment]
        yield Token(kind, match[0], match.start(), line)
