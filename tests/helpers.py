"""What the tests of all folders share: snapshots of this repository, renders of them, and views of a tree."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import copier
import pytest
import yaml

from scripts.settings import EXAMPLES, ROOT, Answers, jinja, leaves, questions, read_answers, settings, values

__all__ = ["EXAMPLES", "LEAVES", "ROOT", "Answers", "jinja", "questions", "read_answers", "settings", "values"]

TAG = "v0.1.0"
LEAVES = leaves()


class Render(Protocol):
    """Gives the folder of a service rendered from answers; the folder is shared, so it is only read."""

    def __call__(self, folder: str | None = None, /, **answers: object) -> Path: ...


Ask = Callable[..., Answers]
Once = Callable[[str, Callable[[Path], object]], Path]


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return what it printed."""
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr}{done.stdout}"
    return done.stdout


def commit(folder: Path, message: str = "change", tag: str | None = None) -> None:
    """Commit everything in a folder, which becomes a repository where it isn't one."""
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    if tag:
        git(folder, "tag", tag)


def snapshot(target: Path, tag: str = TAG) -> Path:
    """Copy the working tree, uncommitted changes included and ignored files not, into a tagged repository."""
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        source = ROOT / name
        if source.is_file():
            destination = target / name
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, destination)
    commit(target, "snapshot", tag)
    return target


def copy(template: Path, target: Path, answers: Mapping[str, object] | None = None, **options: Any) -> Path:
    """Copy a template into a folder without asking."""
    copier.run_copy(
        str(template),
        target,
        data=dict(answers or {}),
        **{"defaults": True, "overwrite": True, "quiet": True, **options},
    )
    return target


def update(target: Path, answers: Mapping[str, object] | None = None, **options: Any) -> None:
    """Update a service to its template's newest tag without asking."""
    copier.run_update(
        target, data=dict(answers or {}), **{"defaults": True, "overwrite": True, "quiet": True, **options}
    )


def files(folder: Path) -> Iterator[str]:
    """Yield the paths of a tree's files, sorted, without those of git."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(".git/"):
            yield name


def expect_none(problems: Iterable[object], hint: str = "") -> None:
    """Fail with all problems, one a line."""
    if found := [str(problem) for problem in problems]:
        pytest.fail("\n".join([f"{len(found)} found. {hint}".strip(), *found[:50]]), pytrace=False)


def contents(folder: Path) -> dict[str, bytes]:
    """Return a tree's files with their bytes."""
    return {name: (folder / name).read_bytes() for name in files(folder)}


def documents(path: Path) -> list[Any]:
    """Return a YAML file's documents, refusing keys that occur twice."""
    return list(yaml.load_all(path.read_text(encoding="utf-8"), Loader=_Strict))


class _Strict(yaml.SafeLoader):
    """A safe loader that refuses a key that stands in a mapping twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if twice := {json.dumps(key) for key in keys if keys.count(key) > 1}:
            raise yaml.constructor.ConstructorError(None, None, f"keys that occur twice: {twice}", node.start_mark)
        return super().construct_mapping(node, deep)


def rendered_path(source: str, values: Mapping[str, object]) -> str | None:
    """Return where a file of the template is rendered to; None if a part of its path is empty for these values."""
    parts = [jinja().from_string(part).render(values) for part in source.removesuffix(".jinja").split("/")]
    return "/".join(part for part in parts if part != ".") if all(parts) else None
