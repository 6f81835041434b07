"""Which words a service's name and its kind must not become, computed from a rendered service.

A failure prints what is missing; it goes into questions/reserved.yml.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from slipwright_hooks import _go

from tests import helpers
from tests.helpers import Ask, Render

# Words that no generated file holds, so that whatever is found is the template's own.
NAME, KIND = "zyxwvut", "Qwxyz"

KEYWORDS = """
break case chan const continue default defer else fallthrough for func go goto if import interface map package range
return select struct switch type var
""".split()
PREDECLARED = """
any append bool byte cap clear close comparable complex complex128 complex64 copy delete error false float32 float64
imag int int16 int32 int64 int8 iota len make max min new nil panic print println real recover rune string true uint
uint16 uint32 uint64 uint8 uintptr
""".split()
# Package names with a meaning: commands, initializers, and what `go build` leaves out.
SPECIAL = ["documentation", "init", "main"]


@pytest.fixture(scope="module")
def rendered(render: Render) -> list[Path]:
    """A service of each leaf."""
    named = {"service_name": NAME, "resource_kind": KIND, "resource_plural": "qwxyzs"}
    return [render(**named, **answers) for answers in helpers.LEAVES.values()]


def go_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.go"))


def identifiers(path: Path) -> set[str]:
    """Return a file's lower-case identifiers, without fields, methods and what is picked from a package."""
    found: set[str] = set()
    before = ""
    for token in _go.scan(path.read_text(encoding="utf-8")):
        if token.kind == "name" and before != "." and re.fullmatch(r"[a-z][a-z0-9]*", token.text):
            found.add(token.text)
        before = token.text
    return found


def in_scope_of_the_package(folder: Path) -> set[str]:
    """Return what may clash with the package's name, in packages that import it and in the package itself.

    An import's name must differ from the top-level names of all files of its package, not only of its own file.
    """
    imports = f'"example.com/{NAME}/pkg/{NAME}"'
    packages = {path.parent for path in go_files(folder) if imports in path.read_text(encoding="utf-8")}
    packages.add(folder / "pkg" / NAME)
    assert len(packages) > 5, "the pipeline's packages import the root package"
    found: set[str] = set()
    for package in packages:
        for path in package.glob("*.go"):
            found |= identifiers(path)
    return found - {NAME}


def standard_packages() -> set[str]:
    """Return the names of the standard library's packages, which readers expect to mean these."""
    listed = subprocess.run(["go", "list", "std"], capture_output=True, text=True, check=True).stdout.split()
    public = [path for path in listed if not re.search(r"(^|/)(internal|vendor)(/|$)", path)]
    return {re.sub(r"/v\d+$", "", path).rsplit("/", 1)[-1] for path in public}


def top_level(path: Path) -> set[str]:
    """Return the exported names that a Go file in gofmt's layout declares at the top."""
    found: set[str] = set()
    block = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if re.match(r"(const|var|type) \($", line):
            block = True
        elif line == ")":
            block = False
        match = re.match(r"\t([\w, ]+)" if block else r"(?:const|var|type|func) ([\w, ]+)", line)
        if match:
            found |= set(re.findall(r"(?:^|, )([A-Z]\w*)", match[1]))
    return found


def shown(words: set[str]) -> str:
    return "missing in questions/reserved.yml: " + ", ".join(sorted(words))


def test_packages(rendered: list[Path], ask: Ask) -> None:
    reserved = ask()["reserved_packages"]
    needed = (
        set().union(*map(in_scope_of_the_package, rendered)) | standard_packages() | {*KEYWORDS, *PREDECLARED, *SPECIAL}
    )
    assert needed <= set(reserved), shown(needed - set(reserved))


def test_kinds(rendered: list[Path], ask: Ask) -> None:
    reserved = set(ask()["reserved_kinds"])
    needed: set[str] = set()
    for service in rendered:
        # The kind is declared in the domain's package, and in the API's where there is one.
        for package in (service / "pkg" / NAME, service / "api" / NAME / "v1alpha1"):
            needed |= clashing(set().union(*(top_level(path) for path in package.glob("*.go"))))
        for contract in (service / "api").glob("openapi.yaml"):
            [document] = helpers.documents(contract)
            needed |= clashing(set(document["components"]["schemas"]))
    assert needed <= reserved, shown(needed - reserved)
    assert reserved <= needed, f"no longer needed: {reserved - needed}"


def clashing(declared: set[str]) -> set[str]:
    """Return the kinds that would declare a name twice beside these."""
    needed = {name for name in declared if KIND not in name}
    # A name made of the kind and something must not become one that is there already.
    for name in declared - {KIND}:
        if KIND in name:
            start, end = name.split(KIND)
            inner = {other[len(start) : len(other) - len(end) or None] for other in needed if fits(other, start, end)}
            needed |= {word for word in inner if re.fullmatch(r"[A-Z][A-Za-z0-9]*", word)}
    return needed


def fits(name: str, start: str, end: str) -> bool:
    return name.startswith(start) and name.endswith(end) and len(name) > len(start) + len(end)


def test_kind_in_lower_case_is_no_go_name(rendered: list[Path]) -> None:
    # resource_singular and resource_plural are for texts: as names in Go they would need a list of their own.
    files = [path for service in rendered for path in go_files(service)]
    used = {name for path in files for name in identifiers(path) if KIND.lower() in name}
    assert used == set()


def test_lists_are_sorted_words(ask: Ask) -> None:
    for name in ("reserved_packages", "reserved_kinds"):
        words = ask()[name]
        assert all(isinstance(word, str) for word in words), f"{name}: quote what YAML takes for something else"
        assert words == sorted(set(words)), name
