"""`make doctor` reports each prerequisite, and fails if one is missing or too old."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests import helpers


def doctor(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [helpers.ROOT / "scripts/doctor"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def pretend(folder: Path, program: str, script: str) -> str:
    """Return a PATH on which a script comes before the program of its name."""
    path = folder / program
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def old_go(toolchain: str) -> str:
    return f'case "$2" in GOVERSION) echo go1.22.1 ;; GOTOOLCHAIN) echo {toolchain} ;; CC) echo gcc ;; esac'


def test_machine_that_runs_the_tests_passes() -> None:
    done = doctor()
    assert done.returncode == 0, done.stdout + done.stderr
    assert {"git", "make", "go", "python3", "venv"} <= {line.split()[0] for line in done.stdout.splitlines()}


def test_missing_compiler_fails_with_the_command_that_installs_it() -> None:
    done = doctor(CC="/nowhere/cc")
    assert done.returncode == 1
    assert "MISSING   apt-get install gcc libc6-dev" in done.stdout


@pytest.mark.parametrize(
    ("program", "script", "says"),
    [
        ("git", "echo git version 2.1.0", "TOO OLD, 2.27 or newer is needed: apt-get install git"),
        ("make", "echo GNU Make 3.81", "TOO OLD, 3.82 or newer is needed: apt-get install make"),
        ("python3", "echo Python 3.9.2", "TOO OLD, 3.11 or newer is needed: apt-get install python3"),
        ("go", old_go("local"), "newer is needed: https://go.dev/doc/install"),
    ],
)
def test_old_version_fails_with_the_version_that_is_needed(
    program: str, script: str, says: str, tmp_path: Path
) -> None:
    done = doctor(PATH=pretend(tmp_path, program, script))
    assert done.returncode == 1
    assert says in done.stdout


def test_old_go_that_fetches_the_pinned_one_passes(tmp_path: Path) -> None:
    done = doctor(PATH=pretend(tmp_path, "go", old_go("auto")))
    assert done.returncode == 0, done.stdout
