"""A template with two releases: v0.1.0 is made older than the working tree, v0.2.0 is the working tree."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import helpers
from tests.helpers import Once

MAKE = "template/make/build.mk"
DROPPED_OURS, DROPPED_YOURS = "template/make/dropped.mk", "template/docs/dropped.md"
CHANGED_YOURS = "template/pkg/[[ service_name ]]/metrics/custom.go"
OLDER_LINE = "# An older first line."

Start = Callable[..., Path]


@pytest.fixture(scope="session")
def releases(template: Path, once: Once) -> Path:
    """The template's repository with its two releases. It is only read."""

    def make(folder: Path) -> None:
        shutil.copytree(template, folder, ignore=shutil.ignore_patterns(".git"))
        newer = {name: (folder / name).read_text() for name in (MAKE, CHANGED_YOURS)}
        # A first line that the newer release has in a file that is the template's, ...
        first, rest = newer[MAKE].split("\n", 1)
        assert rest.count("\n") > 10, "long enough for edits that don't touch each other"
        (folder / MAKE).write_text(f"{OLDER_LINE}\n{rest}")
        assert first != OLDER_LINE
        # ... one in a file that is the team's, ...
        (folder / CHANGED_YOURS).write_text(f"// Older.\n{newer[CHANGED_YOURS]}")
        # ... and a file of each that the newer release no longer has.
        (folder / DROPPED_OURS).write_text("# Dropped later.\n")
        (folder / DROPPED_YOURS).write_text("# Dropped later\n")
        helpers.commit(folder, "older", "v0.1.0")
        for name, text in newer.items():
            (folder / name).write_text(text)
        (folder / DROPPED_OURS).unlink()
        (folder / DROPPED_YOURS).unlink()
        helpers.commit(folder, "newer", "v0.2.0")

    return once("releases", make)


@pytest.fixture(scope="session")
def older(releases: Path, once: Once) -> Path:
    """A service as the older release renders it. It is only read."""
    return once("older", lambda made: helpers.copy(releases, made / "orders", vcs_ref="v0.1.0")) / "orders"


@pytest.fixture
def start(older: Path, tmp_path: Path) -> Start:
    """Return a function that gives a team's repository with the older service and edits committed in it."""

    def run(edits: dict[str, str | None] | None = None) -> Path:
        service = Path(shutil.copytree(older, tmp_path / "orders"))
        helpers.commit(service, "feat: start orders")
        for name, text in (edits or {}).items():
            path = service / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        helpers.commit(service, "feat: our own")
        return service

    return run
