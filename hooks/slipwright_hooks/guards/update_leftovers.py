"""Find what an unfinished merge or `copier update` left behind.

Conflict markers, `*.rej` files and paths that are unmerged in the index. Unlike pre-commit's own check
it doesn't need git to be in a merge, since `copier update` merges outside of one.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from slipwright_hooks.guards import _common
from slipwright_hooks.guards._common import Finding, Repository

__all__ = ["find_markers", "find_rejects", "main"]

_OURS, _BASE, _MIDDLE, _THEIRS = "<" * 7, "|" * 7, "=" * 7, ">" * 7
_FIX = "keep the lines that should stay and delete the marker"


def find_markers(path: str, text: str) -> Iterator[Finding]:
    """Yield the conflict markers of a file.

    A line of equals signs also underlines headings in Markdown and reStructuredText, and one of bars may be part of
    a table: both count only between an opening and a closing marker.
    """
    inner: list[Finding] | None = None
    for number, line in enumerate(_common.lines(text), start=1):
        marker = line[:7]
        if line[7:8].strip() or marker not in (_OURS, _BASE, _MIDDLE, _THEIRS):
            continue
        finding = Finding(path, number, f"conflict marker {marker}", _FIX)
        if marker == _OURS:
            yield finding
            inner = []
        elif marker == _THEIRS:
            yield from inner or ()
            yield finding
            inner = None
        elif inner is not None:
            inner.append(finding)


def find_rejects(paths: Sequence[str]) -> Iterator[Finding]:
    """Yield the files in which a patch tool left hunks that did not apply."""
    for path in paths:
        if path.endswith(".rej"):
            yield Finding(
                path, 1, "rejected change", f"apply it to {path.removesuffix('.rej')} by hand and delete this file"
            )


def main(argv: Sequence[str] | None = None) -> int:
    """Check the named files, or all files that git tracks or would add; the index is always checked."""
    return _common.run(_check, _common.parser(__doc__).parse_args(argv))


def _check(options: argparse.Namespace) -> Iterator[Finding]:
    repository = Repository.here()
    names: list[str] = options.files or repository.files("--cached", "--others", "--exclude-standard")
    for name, text in _common.texts(names):
        yield from find_markers(name, text)
    # Many projects ignore *.rej, which hides them from `git status` but doesn't apply them.
    ignored = repository.files("--others", "--ignored", "--exclude-standard", "--directory")
    yield from find_rejects(
        [*names, *repository.files("--cached", "--others", "--exclude-standard", "*.rej"), *ignored]
    )
    for name in repository.unmerged():
        yield Finding(name, 1, "unmerged in the index", "resolve it and run git add on it")


if __name__ == "__main__":
    raise SystemExit(main())
