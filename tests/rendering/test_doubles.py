"""Variants of a file share few lines: common text belongs in the template's core or in a common part."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import jinja2

from tests import helpers
from tests.helpers import Ask

# Upper bound for identical lines, summed over all pairs of files with the same path in two feature folders.
MOST_LINES = 500

# Upper bound for the share of lines that two variants have in common; exceptions have a reason. Few lines may be alike.
MOST_SHARED = 0.6
FEW = 10
REASONS = {
    "config/development.yaml": "each team's own settings, which begin alike",
    "deploy/[[ service_name ]]/base/role.yaml": "the same Role, but for the one rule that each feature brings",
    "deploy/[[ service_name ]]/base/service.yaml": "the same Service, but for the ports",
    "test/e2e/[[ service_name ]]/suite_test.go": "connects to an URL or to a cluster",
    "test/integration/[[ service_name ]]/suite_test.go": "starts a different environment",
}

# Upper bound for conditional blocks in a document; a feature's text is a part that is included by its name.
MOST_BLOCKS = 5


def variants() -> dict[str, list[Path]]:
    """Return the files of every path that exists in several feature folders of template/ or of parts/."""
    found: dict[str, list[Path]] = {}
    for folder in [*(helpers.ROOT / "template").glob("[[][[] with.* ]]"), *(helpers.ROOT / "parts").iterdir()]:
        for name in helpers.files(folder) if folder.is_dir() else ():
            found.setdefault(name.removesuffix(".jinja"), []).append(folder / name)
    return {name: paths for name, paths in found.items() if len(paths) > 1}


def lines(path: Path) -> list[str]:
    """Return a file's lines without indentation, and without those that have no letter, such as braces and rules."""
    stripped = map(str.strip, path.read_text(encoding="utf-8").splitlines())
    return [line for line in stripped if any(map(str.isalpha, line))]


def doubles() -> Iterator[tuple[str, int, float]]:
    """Yield each pair of variants: path, number of identical lines in order, and their share of the smaller file."""
    for name, paths in sorted(variants().items()):
        for one, other in itertools.combinations(map(lines, paths), 2):
            blocks = difflib.SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
            same = sum(block.size for block in blocks)
            yield name, same, same / max(1, min(len(one), len(other)))


def test_variants_share_few_lines() -> None:
    found = sorted(doubles(), key=lambda pair: pair[1], reverse=True)
    total = sum(same for _, same, _ in found)
    assert total <= MOST_LINES, "\n".join(
        [f"{total} identical lines", *(f"{same:5} {name}" for name, same, _ in found)]
    )


def test_variants_of_a_file_differ() -> None:
    alike = {name: share for name, same, share in doubles() if share > MOST_SHARED and same > FEW}
    helpers.expect_none(
        (f"{name}: {share:.0%} of the lines are identical" for name, share in alike.items() if name not in REASONS),
        "Move what they share into template/ or parts/.",
    )
    assert REASONS.keys() <= alike.keys(), "unused reasons"


def test_documents_have_few_conditional_blocks() -> None:
    documents = [path for folder in ("template", "parts") for path in (helpers.ROOT / folder).rglob("*.md*")]
    blocks = {
        path: len(re.findall(r"\[%[-+]? *(if|elif|else)\b", path.read_text(encoding="utf-8"))) for path in documents
    }
    helpers.expect_none(f"{path}: {count} blocks" for path, count in blocks.items() if count > MOST_BLOCKS)


def test_every_part_is_included(ask: Ask) -> None:
    loaded: set[str] = set()

    class Loader(jinja2.FileSystemLoader):
        def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
            loaded.add(template)
            return super().get_source(environment, template)

    environment = helpers.jinja().overlay(loader=Loader(helpers.ROOT))
    template = helpers.ROOT / "template"
    sources = [name for name in helpers.files(template) if "parts/" in (template / name).read_text(encoding="utf-8")]
    for example in helpers.EXAMPLES:
        values = ask(**helpers.read_answers(example))
        for source in sources:
            if helpers.rendered_path(source, values):
                environment.get_template(f"template/{source}").render(values)
    parts = {f"parts/{name}" for name in helpers.files(helpers.ROOT / "parts")}
    helpers.expect_none(sorted(parts - loaded), "No example includes these.")
