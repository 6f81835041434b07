#!/usr/bin/env python3
"""Show what the working tree changes in the services: render each example before and after, and compare.

The differences go to build/preview/NAME.diff; with examples named, they are printed too. BASE is the commit to compare
with, HEAD unless the environment says otherwise.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import copier

from scripts.git import git
from scripts.settings import EXAMPLES, ROOT, read_answers

OUT = ROOT / "build/preview"
# Files that name the commit of the template they were rendered from.
NAME_THE_COMMIT = (".copier-answers.yml", ".pre-commit-config.yaml")


def render(example: Path, revision: str, folder: Path) -> None:
    """Render an example from a revision; `HEAD` includes uncommitted changes."""
    warnings.filterwarnings("ignore", message="Dirty template changes")
    copier.run_copy(
        str(ROOT), folder, read_answers(example), vcs_ref=revision, defaults=True, overwrite=True, quiet=True
    )
    answers = folder / NAME_THE_COMMIT[0]
    commit = next(line for line in answers.read_text("utf-8").splitlines() if line.startswith("_commit: ")).split()[1]
    for path in (folder / name for name in NAME_THE_COMMIT):
        path.write_text(path.read_text("utf-8").replace(commit, "COMMIT"), "utf-8")


def compare(example: Path, base: str) -> tuple[str, str]:
    """Return the changes of an example's service: their summary and the differences."""
    with tempfile.TemporaryDirectory() as work:
        for side, revision in (("before", base), ("after", "HEAD")):
            render(example, revision, Path(work) / side)
        diff = ["git", "diff", "--no-index", "--no-color", "--find-renames"]
        # git ends with 1 where there is a difference, and with more where it fails.
        found = [
            subprocess.run([*diff, *options, "before", "after"], cwd=work, capture_output=True, text=True, check=False)
            for options in (["--shortstat"], ["--patch"])
        ]
    for done in found:
        if done.returncode > 1:
            raise RuntimeError(done.stderr)
    return found[0].stdout.strip() or "unchanged", found[1].stdout


def main(names: Iterable[str]) -> int:
    """Compare the named examples, or all."""
    known = {path.stem: path for path in EXAMPLES}
    chosen = list(names) or list(known)
    if unknown := sorted(set(chosen) - known.keys()):
        print(f"no example is called {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    # A commit, since Copier includes uncommitted changes when it is asked for HEAD.
    base = git("rev-parse", "--verify", f"{os.environ.get('BASE', 'HEAD')}^{{commit}}")
    OUT.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor() as pool:
        results = pool.map(partial(compare, base=base), [known[name] for name in chosen])
        for name, (summary, text) in zip(chosen, results, strict=True):
            (OUT / f"{name}.diff").write_text(text, "utf-8")
            print(f"{name:24} {summary}")
            if names:
                print(text)
    print(f"The differences: {OUT.relative_to(ROOT)}/NAME.diff")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
