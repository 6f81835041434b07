"""The commands of both READMEs are run.

The convention: a block marked ```sh is run, as one script with `set -euo pipefail`, from the root of the repository or
the service; its commands are meant to work on any machine that has what the README asks for. A block marked ```console
or ```text is shown only: it needs an answer, another repository, or a cluster.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests import helpers
from tests.helpers import Render

from .conftest import Run, examples_of

pytestmark = [pytest.mark.generated, pytest.mark.slow]


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def unknown_fences(page: Path) -> list[str]:
    opened = re.findall(r"^```(\S*)\n.*?^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [fence for fence in opened if fence not in {"sh", "console", "text", "yaml", "json", "go"}]


@examples_of("http-mocks", "controller")
def test_commands_of_a_services_readme(repository: Path, api_server: dict[str, str], run: Run, ports: None) -> None:
    found = blocks(repository / "README.md")
    assert len(found) > 1
    for block in found:
        run(repository, "bash", "-euo", "pipefail", "-c", block, **api_server)
    assert helpers.git(repository, "status", "--porcelain") == "", "the commands leave nothing that isn't ignored"


def test_commands_of_this_readme(template: Path, run: Run, ports: None, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(template, tmp_path / "slipwright"))
    found = [block for block in blocks(copied / "README.md") if "make test" not in block]
    assert found
    for block in found:
        run(copied, "bash", "-euo", "pipefail", "-c", block)


def test_commands_of_this_readme_are_make_targets() -> None:
    """Also those that aren't run here, since they would run these tests again."""
    text = (helpers.ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", text, re.MULTILINE))
    for block in blocks(helpers.ROOT / "README.md"):
        for line in block.splitlines():
            if match := re.match(r"make ([a-z -]+)", line):
                assert set(match[1].split()) <= targets, line


@pytest.mark.parametrize("leaf", helpers.LEAVES)
def test_every_block_says_what_it_is(leaf: str, render: Render) -> None:
    for page in (helpers.ROOT / "README.md", render(**helpers.LEAVES[leaf]) / "README.md"):
        helpers.expect_none(unknown_fences(page), str(page))
