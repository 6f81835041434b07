"""Git in this repository."""

from __future__ import annotations

import subprocess

from scripts.settings import ROOT


def git(*arguments: str) -> str:
    """Run git in this repository and return what it prints."""
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
