#!/usr/bin/env python3
"""Tag a release of the template, after checking that it may be one: `make release VERSION=x.y.z`.

The version says what a team must do after `copier update`: nothing for a patch or minor version. Only a major version,
or a minor one before 1.0.0, may have a section "After the update" in the changelog.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence

from scripts.git import git
from scripts.settings import ROOT

VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
WORK = "### After the update"

Version = tuple[int, ...]


def parse(text: str) -> Version | None:
    """Return the parts of a version x.y.z, None for anything else."""
    match = VERSION.fullmatch(text)
    return tuple(int(part) for part in match.groups()) if match else None


def released() -> list[Version]:
    """Return the released versions, oldest first."""
    return sorted(version for tag in git("tag", "--list", "v*").split() if (version := parse(tag[1:])))


def section(changelog: str, version: str) -> str:
    """Return what the changelog says of a version, empty if it has no dated section of it."""
    head = rf"^## {re.escape(version)} - \d{{4}}-\d\d-\d\d$"
    match = re.search(rf"{head}\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    return match[1].strip() if match else ""


def asks_for_work(version: Version, before: Version) -> bool:
    """Tell whether a version may ask teams for work, by the part of it that grew."""
    return version[0] > before[0] or (version[0] == 0 and version[1] > before[1])


def problems(text: str) -> Iterator[str]:
    """Yield what stands against releasing a version."""
    version = parse(text)
    if not version:
        yield f"{text} is not a version: use x.y.z, such as 1.4.0"
        return
    before = released()
    if before and version <= before[-1]:
        yield f"{text} is not newer than {'.'.join(map(str, before[-1]))}, the newest release"
    if dirty := git("status", "--porcelain"):
        yield f"the work tree has changes: commit or stash\n{dirty}"
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    if declared != text:
        yield f"pyproject.toml has version {declared}: set it to {text}"
    notes = section((ROOT / "CHANGELOG.md").read_text("utf-8"), text)
    if not notes:
        yield f'CHANGELOG.md has no section "## {text} - YYYY-MM-DD" with the changes: rename Unreleased'
    elif before and WORK in notes and not asks_for_work(version, before[-1]):
        part = "major" if version[0] else "minor"
        yield f'CHANGELOG.md asks teams for work ("{WORK}"): {text} must be a {part} version'


def main(argv: Sequence[str] | None = None) -> int:
    """Check, run all tests, and write the tag."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", help="x.y.z")
    parser.add_argument("--tests", default="make lint test-all", metavar="COMMAND", help="what must pass (%(default)s)")
    options = parser.parse_args(argv)
    if found := list(problems(options.version)):
        print("\n".join(found), file=sys.stderr)
        return 1
    if subprocess.run(options.tests, shell=True, cwd=ROOT, check=False).returncode:  # noqa: S602 - the user's own words
        print(f"{options.tests} failed: nothing was tagged", file=sys.stderr)
        return 1
    notes = section((ROOT / "CHANGELOG.md").read_text("utf-8"), options.version)
    tag = f"v{options.version}"
    git("tag", "--annotate", tag, "--cleanup=verbatim", "--message", f"{tag}\n\n{notes}")
    print(f"{tag} is tagged. Publish it: git push origin HEAD {tag}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
