"""The how-to pages, each done in a clone as it is written.

A comment before a block says what the block is: text to `append` to a file or to `insert` before or after a line of it,
a file to `create`, a text to `replace`, or commands to `run`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests import helpers

PAGES = sorted((helpers.ROOT / "docs/how-to").glob("*.md"))
BLOCK = re.compile(r"^( *)<!-- (\w+):? ?(.*?) -->\n\1```\w*\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def clone(folder: Path) -> Path:
    """Give a copy of the working tree, with this repository's virtual environment and built programs."""
    helpers.snapshot(folder)
    for name in (".venv", "build"):
        (folder / name).symlink_to(helpers.ROOT / name)
    with (folder / ".git/info/exclude").open("a") as ignored:
        ignored.write(".venv\nbuild\n")
    return folder


def write(folder: Path, action: str, target: str, text: str) -> None:
    """Do what a block says to a file."""
    name, _, where = target.partition(", ")
    path = folder / name
    if action == "create":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    elif action == "append":
        path.write_text(path.read_text() + text)
    elif action == "replace":
        old, new = (json.loads(quoted) for quoted in where.split(" with "))
        assert path.read_text().count(old) == 1
        assert new in text, "the block shows the new text"
        path.write_text(path.read_text().replace(old, new))
    else:
        place, _, quoted = where.partition(": ")
        anchor = json.loads(quoted) + "\n"
        old = path.read_text()
        assert old.count(anchor) == 1, f"{name} has {anchor!r} {old.count(anchor)} times"
        assert place in {"before", "after"}
        path.write_text(old.replace(anchor, {"before": text + anchor, "after": anchor + text}[place]))


def run(folder: Path, command: str) -> None:
    environment = {**os.environ, "PATH": f"{folder}/.venv/bin:{os.environ['PATH']}"}
    for name in [name for name in environment if name.startswith(("PYTEST_", "COPIER_"))]:
        del environment[name]
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"


@pytest.mark.slow
@pytest.mark.parametrize("page", [path for path in PAGES if path.stem != "release"], ids=lambda path: path.stem)
def test_page_works_as_it_is_written(page: Path, tmp_path: Path) -> None:
    folder = clone(tmp_path / "clone")
    blocks = [
        (action, target, re.sub(rf"^{indent}", "", text, flags=re.MULTILINE))
        for indent, action, target, text in BLOCK.findall(page.read_text())
    ]
    assert any(action == "run" for action, *_ in blocks)
    for action, target, text in blocks:
        if action == "run":
            for command in text.splitlines():
                run(folder, command)
        else:
            write(folder, action, target, text)
    helpers.commit(folder)
    changed = helpers.git(folder, "show", "--name-only", "--format=").split()
    assert {target.partition(",")[0] for action, target, _ in blocks if action != "run"} <= {
        name.strip('"') for name in helpers.git(folder, "show", "--name-only", "--format=", "-z").split("\0")
    }, changed


def test_every_page_is_linked_from_contributing() -> None:
    text = (helpers.ROOT / "CONTRIBUTING.md").read_text()
    assert [path.name for path in PAGES if f"(docs/how-to/{path.name})" not in text] == []
    assert text.count("\n") <= 80
