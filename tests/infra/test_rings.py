"""A run of the tests names its ring, its counts and what it left out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests import helpers

SUITE = """
import pytest

def test_runs():
    pass

def test_needs_a_package(needs):
    needs("no-such-program")

@pytest.mark.slow
def test_takes_long():
    pass

def test_uses_a_tool(tool):
    tool("no-such-tool")
"""


def run(folder: Path, *arguments: str, ci: str = "") -> subprocess.CompletedProcess[str]:
    """Run the suite with the hooks and fixtures of tests/conftest.py."""
    (folder / "test_suite.py").write_text(SUITE)
    # Another rootdir: only the suite's folder and its empty settings count.
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n  slow\n  generated\n  update\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(helpers.ROOT), "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )


def test_ring_lists_what_it_left_out_and_closes_with_counts_and_time(tmp_path: Path) -> None:
    done = run(tmp_path, "--ring=check")
    assert done.returncode == 0, done.stdout
    assert (
        "not run: test_suite.py::test_needs_a_package: programs are missing: apt-get install no-such-program\n"
        in done.stdout
    )
    assert re.search(r"^ring check: 1 passed, 1 not run in \d+ s$", done.stdout, re.MULTILINE)


def test_missing_package_fails_in_ci(tmp_path: Path) -> None:
    done = run(tmp_path, "--ring=check", ci="true")
    assert done.returncode == 1
    assert re.search(r"^ring check: 1 passed, 1 failed in \d+ s$", done.stdout, re.MULTILINE)


def test_rings_grow(tmp_path: Path) -> None:
    """The suite's test of a tool belongs to the ring that builds tools, and fails since there is no such tool."""
    counted = {ring: run(tmp_path, f"--ring={ring}").stdout.splitlines() for ring in ("test", "slow", "all")}
    told = {ring: next(line for line in lines if line.startswith("ring ")) for ring, lines in counted.items()}
    assert told["test"].startswith("ring test: 1 passed, 1 failed, 1 not run in ")
    assert told["slow"].startswith("ring slow: 1 passed in ")
    assert told["all"].startswith("ring all: 2 passed, 1 failed, 1 not run in ")
