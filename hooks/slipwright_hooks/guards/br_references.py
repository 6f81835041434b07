"""Hold specs and business requirements together.

Every requirement that a spec names must be listed in docs/requirements/BR-<CODE>-REQUIREMENTS.md, every top-level
container must name one, and every listed requirement needs a spec or an `untested_reason`.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import PurePath

import yaml

from slipwright_hooks.guards import _common
from slipwright_hooks.guards._common import Finding, Repository
from slipwright_hooks.guards._go import scan

__all__ = ["Reference", "Requirement", "Spec", "check", "main", "read_requirements", "read_spec"]

_REQUIREMENTS = re.compile(r"^docs/requirements/BR-[^/]*-REQUIREMENTS\.md$")
_SPECS = re.compile(r"^(?:(?:test|internal)/.*\.go|.*_test\.go)$")
_NOT_OURS = re.compile(r"(?:^|/)(?:vendor|testdata|node_modules)/")

_CATEGORY = re.compile(r"[A-Z][A-Z0-9]{0,15}")
_ID = re.compile(r"(?<![A-Za-z0-9])BR-[A-Z][A-Z0-9]{0,15}-\d{3,}(?!\d)")

# Ginkgo's nodes. F focuses, P and X leave out: a spec that never runs covers nothing.
_CONTAINERS = {"Describe", "Context", "When", "DescribeTable", "DescribeTableSubtree"}
_NODES = {prefix + name for prefix in ("", "F", "P", "X") for name in _CONTAINERS | {"It", "Specify", "Entry"}}
_TEXTS = _NODES | {"Label"}


@dataclass(frozen=True)
class Requirement:
    """One entry of a requirements list."""

    id: str
    path: str
    line: int
    untested_reason: str = ""


@dataclass(frozen=True)
class Reference:
    """A requirement named by a spec; `runs` is false in and below a pending node."""

    id: str
    line: int
    runs: bool


@dataclass(frozen=True)
class Spec:
    """What a Go file says about requirements."""

    path: str
    references: tuple[Reference, ...] = ()
    unnamed: tuple[tuple[int, str], ...] = ()


@dataclass
class _Frame:
    """An open bracket; `call` is the name before it, if it is one of Ginkgo's."""

    bracket: str
    call: str
    line: int
    top: bool
    named: bool = False
    pending: bool = False


@dataclass
class _Reader:
    """Follows the brackets of a file, to know in which call a string stands."""

    frames: list[_Frame] = field(default_factory=list)
    found: list[tuple[str, int, tuple[_Frame, ...]]] = field(default_factory=list)
    unnamed: list[tuple[int, str]] = field(default_factory=list)

    def opened(self, bracket: str, call: str, line: int, *, used: bool) -> None:
        call = call if bracket == "(" and call in _TEXTS else ""
        top = used and not any(frame.bracket == "{" for frame in self.frames)
        self.frames.append(_Frame(bracket, call, line, top, pending=call in _NODES and call[0] in "PX"))

    def closed(self) -> None:
        frame = self.frames.pop() if self.frames else None
        if frame and frame.top and frame.call.lstrip("FPX") in _CONTAINERS and not frame.named:
            self.unnamed.append((frame.line, frame.call))

    def decorated(self, name: str) -> None:
        if name == "Pending" and self.frames and self.frames[-1].call in _NODES:
            self.frames[-1].pending = True

    def text(self, value: str, line: int) -> None:
        if not self.frames or not self.frames[-1].call:
            return
        for match in _ID.finditer(value):
            at = line + value.count("\n", 0, match.start())
            self.found.append((match[0], at, tuple(self.frames)))
            for frame in takewhile(lambda f: f.call, reversed(self.frames)):
                frame.named = True


def read_spec(path: str, source: str) -> Spec:
    """Collect the requirements that a Go file names in its Ginkgo nodes and labels."""
    if "onsi/ginkgo" not in source:
        return Spec(path)
    reader, before, last = _Reader(), "", ""
    for token in scan(source):
        if token.kind == "comment":
            continue
        if token.kind == "mark" and token.text in "([{":
            # `func (c collector) Describe(` is a declaration, `_ = Describe(` and `ginkgo.Describe(` are calls.
            reader.opened(token.text, last, token.line, used=before in ("=", "."))
        elif token.kind == "mark" and token.text in ")]}":
            reader.closed()
        elif token.kind == "string":
            reader.text(token.text, token.line)
        elif token.kind == "name":
            reader.decorated(token.text)
        before, last = last, token.text
    references = (Reference(name, line, not any(f.pending for f in frames)) for name, line, frames in reader.found)
    return Spec(path, tuple(references), tuple(reader.unnamed))


def read_requirements(path: str, text: str) -> tuple[list[Requirement], list[Finding]]:
    """Read the front matter of a requirements document; what is wrong with it comes back as findings."""
    lines = _common.lines(text)
    end = next((n for n, line in enumerate(lines[1:], start=1) if line.rstrip() == "---"), 0)
    if not lines or lines[0].rstrip() != "---" or not end:
        return [], [Finding(path, 1, "no YAML front matter", "start the file with --- and close the list with ---")]
    try:
        # The opening line stays, as a comment, so that line numbers are those of the file.
        node = yaml.compose("#\n" + "\n".join(lines[1:end]) + "\n", Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it can't be read"
        number = mark.line + 1 if mark else 1
        return [], [Finding(path, number, f"front matter is not YAML: {problem}", "correct the syntax")]
    return _Document(path).read(node)


class _Document:
    """Turns the nodes of a front matter into requirements, with the line of each."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.requirements: list[Requirement] = []
        self.findings: list[Finding] = []

    def read(self, node: yaml.Node | None) -> tuple[list[Requirement], list[Finding]]:
        if not isinstance(node, yaml.MappingNode):
            self.report(2, "front matter is not a mapping", "give it the keys category and requirements")
            return [], self.findings
        keys = self.mapping(node)
        category = self.category(keys.get("category"), _line(node))
        entries = keys.get("requirements")
        if not isinstance(entries, yaml.SequenceNode) or not entries.value:
            at = _line(entries) if entries else _line(node)
            self.report(at, "front matter lists no requirements", "add requirements: with at least one entry")
            return [], self.findings
        for entry in entries.value:
            self.entry(entry, category)
        return self.requirements, self.findings

    def report(self, line: int, what: str, fix: str) -> None:
        self.findings.append(Finding(self.path, line, what, fix))

    def mapping(self, node: yaml.MappingNode) -> Mapping[str, yaml.Node]:
        result: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = _text(key)
            if name in result:
                self.report(_line(key), f"{name} is given twice", "keep one")
            result[name] = value
        return result

    def category(self, node: yaml.Node | None, line: int) -> str:
        value = _text(node)
        if not _CATEGORY.fullmatch(value):
            at = _line(node) if node else line
            self.report(at, f"category {value!r} is not a code", "use up to 16 capitals and digits, as in ORD")
            return ""
        if PurePath(self.path).name != f"BR-{value}-REQUIREMENTS.md":
            self.report(
                _line(node),
                f"category {value} does not match the file's name",
                f"rename it to BR-{value}-REQUIREMENTS.md",
            )
        return value

    def entry(self, node: yaml.Node, category: str) -> None:
        if not isinstance(node, yaml.MappingNode):
            self.report(
                _line(node), "requirement is not a mapping", "give it id, title, text, priority and critical_path"
            )
            return
        keys = self.mapping(node)
        name = _text(keys.get("id"))
        if not _ID.fullmatch(name) or not name.startswith(f"BR-{category}-" if category else "BR-"):
            self.report(
                _line(keys.get("id", node)),
                f"id {name!r} is not one of this list",
                f"use BR-{category or 'CODE'}-001 and so on",
            )
            return
        if any(name == known.id for known in self.requirements):
            self.report(_line(node), f"{name} is listed twice", "give one of them a new number")
        for key in ("title", "text", "priority"):
            if not _text(keys.get(key)):
                self.report(_line(keys.get(key, node)), f"{name} has no {key}", f"add {key}: with a text")
        critical = keys.get("critical_path")
        if critical is None or critical.tag != "tag:yaml.org,2002:bool":
            self.report(_line(critical or node), f"{name} has no critical_path", "add critical_path: true or false")
        reason = keys.get("untested_reason")
        if reason is not None and not _text(reason):
            self.report(
                _line(reason), f"{name} has an empty untested_reason", "say why, or delete the key and write a spec"
            )
        self.requirements.append(Requirement(name, self.path, _line(node), _text(reason)))


def _line(node: yaml.Node | None) -> int:
    return node.start_mark.line + 1 if node is not None else 1


def _text(node: yaml.Node | None) -> str:
    if not isinstance(node, yaml.ScalarNode) or node.tag == "tag:yaml.org,2002:null":
        return ""
    return str(node.value).strip()


def check(requirements: Sequence[Requirement], specs: Iterable[Spec]) -> Iterator[Finding]:
    """Compare what is listed with what is specified."""
    known = {requirement.id for requirement in requirements}
    covered: set[str] = set()
    for spec in specs:
        for line, call in spec.unnamed:
            yield Finding(
                spec.path,
                line,
                f"top-level {call} names no requirement",
                "put the id that it proves into its text or labels",
            )
        for reference in spec.references:
            if reference.id not in known:
                yield Finding(
                    spec.path,
                    reference.line,
                    f"{reference.id} is not a listed requirement",
                    "correct the id or list it under docs/requirements",
                )
            elif reference.runs:
                covered.add(reference.id)
    for requirement in requirements:
        if requirement.id not in covered and not requirement.untested_reason:
            yield Finding(
                requirement.path,
                requirement.line,
                f"{requirement.id} has no spec",
                "write one that names it, or give an untested_reason",
            )


def main(argv: Sequence[str] | None = None) -> int:
    """Check the repository; named files limit what is reported, not what is read."""
    return _common.run(_check, _common.parser(__doc__).parse_args(argv))


def _check(options: argparse.Namespace) -> Iterable[Finding]:
    repository = Repository.here()
    names = [name for name in repository.names() if not _NOT_OURS.search(name)]
    requirements: list[Requirement] = []
    findings: list[Finding] = []
    for path, text in _common.texts([repository.path(n) for n in names if _REQUIREMENTS.search(n)]):
        listed, wrong = read_requirements(path, text)
        requirements += listed
        findings += wrong
    specs = [read_spec(*pair) for pair in _common.texts([repository.path(n) for n in names if _SPECS.search(n)])]
    findings += check(requirements, specs)
    named = {os.path.realpath(name) for name in options.files}
    return (finding for finding in findings if not named or os.path.realpath(finding.path) in named)


if __name__ == "__main__":
    raise SystemExit(main())
