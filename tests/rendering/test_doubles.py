"""Variants of a file share few lines: common text belongs in the template's core or in a common part."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests import helpers

# Upper bound for identical lines, summed over all pairs of files with the same path in two feature folders.
MOST_LINES = 500

# Upper bound for the share of lines that two variants have in common; exceptions have a reason.
MOST_SHARED = 0.6
REASONS: dict[str, str] = {}


def variants() -> dict[str, list[Path]]:
    """Return the files of every path that exists in several feature folders of template/ or of parts/."""
    found: dict[str, list[Path]] = {}
    for folder in [*(helpers.ROOT / "template").glob("[[][[] with.* ]]"), *(helpers.ROOT / "parts").iterdir()]:
        for name in helpers.files(folder) if folder.is_dir() else ():
            found.setdefault(name.removesuffix(".jinja"), []).append(folder / name)
    return {name: paths for name, paths in found.items() if len(paths) > 1}


def lines(path: Path) -> Counter[str]:
    """Count a file's lines without blank ones; indentation does not count."""
    return Counter(filter(None, map(str.strip, path.read_text(encoding="utf-8").splitlines())))


def doubles() -> Iterator[tuple[str, int, float]]:
    """Yield each pair of variants: path, number of identical lines, and their share of the smaller file."""
    for name, paths in sorted(variants().items()):
        for one, other in itertools.combinations(map(lines, paths), 2):
            same = (one & other).total()
            yield name, same, same / max(1, min(one.total(), other.total()))


def test_variants_share_few_lines() -> None:
    found = sorted(doubles(), key=lambda pair: pair[1], reverse=True)
    total = sum(same for _, same, _ in found)
    assert total <= MOST_LINES, "\n".join(
        [f"{total} identical lines", *(f"{same:5} {name}" for name, same, _ in found)]
    )


def test_variants_of_a_file_differ() -> None:
    alike = {name: share for name, _, share in doubles() if share > MOST_SHARED}
    helpers.expect_none(
        (f"{name}: {share:.0%} of the identical lines" for name, share in alike.items() if name not in REASONS),
        "Move what they share into template/ or parts/.",
    )
    assert REASONS.keys() <= alike.keys(), "unused reasons"
