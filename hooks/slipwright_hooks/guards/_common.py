"""What the guards share: findings, reading files, asking git, and the shape of a `main`."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

__all__ = ["Finding", "Repository", "UsageError", "lines", "parser", "read_text", "run", "texts"]

# As much of a file's head as git looks at to tell binary from text.
_SNIFF = 8000


class UsageError(Exception):
    """The guard can't do its work as it was called: exit code 2."""


@dataclass(frozen=True, order=True)
class Finding:
    """One thing to correct, and how."""

    path: str
    line: int
    what: str
    fix: str

    def __str__(self) -> str:
        """Return `file:line: finding; what to do`."""
        return f"{self.path}:{self.line}: {self.what}; {self.fix}"


def read_text(path: str) -> str | None:
    """Return the file's text, or None for what has no lines: binary files, links, submodules.

    Bytes that are not UTF-8 are replaced, so that a guard sees the rest of the file.
    """
    file = Path(path)
    if file.is_symlink() or not file.is_file():
        return None
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    if b"\0" in data[:_SNIFF]:
        return None
    return data.decode("utf-8-sig", errors="replace")


@dataclass(frozen=True)
class Repository:
    """A git work tree, or a part of one. Paths are relative to the current folder, names to the root."""

    root: Path

    @classmethod
    def here(cls) -> Repository:
        """Find the work tree around the current folder, or the part of one that HOOKS_ROOT names.

        Raises UsageError where there is none. In a repository of several services, pre-commit runs in its root, and
        `make hooks` names the service's folder.
        """
        if part := os.environ.get("HOOKS_ROOT"):
            return cls(Path(part))
        top = _git("rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape").rstrip("\n")
        return cls(Path(top))

    def names(self, *options: str) -> list[str]:
        """List names relative to the root, as `git ls-files` does with these options: tracked files without any."""
        return sorted(set(self._records(*options)))

    def files(self, *options: str) -> list[str]:
        """List the same as paths."""
        return [self.path(name) for name in self.names(*options)]

    def unmerged(self) -> list[str]:
        """List the paths that the index holds in more than one version."""
        return sorted({self.path(record.split("\t", 1)[1]) for record in self._records("-u")})

    def path(self, name: str) -> str:
        """Return a name as a path."""
        return os.path.relpath(self.root / name)

    def _records(self, *options: str) -> list[str]:
        out = _git("-C", str(self.root), "ls-files", "-z", *options)
        return [record for record in out.decode("utf-8", "surrogateescape").split("\0") if record]


def _git(*arguments: str) -> bytes:
    try:
        return subprocess.run(["git", *arguments], check=True, capture_output=True).stdout
    except FileNotFoundError as error:
        raise UsageError("git is not on PATH; install it") from error
    except subprocess.CalledProcessError as error:
        detail = error.stderr.decode("utf-8", "replace").strip()
        raise UsageError(f"git {arguments[0]}: {detail}; run this inside a git repository") from error


def parser(doc: str | None) -> argparse.ArgumentParser:
    """Return an argument parser with what every guard takes."""
    result = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    result.add_argument("files", nargs="*", help="files to check (default: the whole repository)")
    result.add_argument("--exclude", metavar="REGEX", type=_pattern, help="leave out paths that match")
    return result


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a regular expression: {error}") from error


def run(check: Callable[[argparse.Namespace], Iterable[Finding]], options: argparse.Namespace) -> int:
    """Run a check, print its findings in order, and return the exit code."""
    try:
        for name in options.files:
            if not os.path.lexists(name):
                raise UsageError(f"{name}: no such file")
        excluded: re.Pattern[str] | None = options.exclude
        findings = sorted({f for f in check(options) if not (excluded and excluded.search(f.path))})
    except UsageError as error:
        _say(f"error: {error}", sys.stderr)
        return 2
    for finding in findings:
        _say(str(finding), sys.stdout)
    return 1 if findings else 0


def _say(line: str, stream: TextIO) -> None:
    # A file name may hold bytes that the terminal's encoding has no place for.
    encoding = stream.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding), file=stream)


def lines(text: str) -> list[str]:
    """Split as editors count lines: str.splitlines also breaks at form feeds and the like."""
    return [line.removesuffix("\r") for line in text.split("\n")]


def texts(names: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Yield name and text of those that are text files."""
    for name in names:
        text = read_text(name)
        if text is not None:
            yield name, text
