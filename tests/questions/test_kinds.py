"""Which kinds would declare a name twice in the generated code: exactly the list in questions/shape.yml."""

from __future__ import annotations

import re
from pathlib import Path

from tests import helpers
from tests.helpers import Ask, Render

# A kind that no generated file holds otherwise.
KIND = "Qwxyz"


def declared(package: Path) -> set[str]:
    """Return the exported names that a package's files, in gofmt's layout, declare at the top."""
    names: set[str] = set()
    for path in package.glob("*.go"):
        text = path.read_text()
        found = re.findall(r"^(?:const|var|type|func) (\w+(?:, \w+)*)", text, re.MULTILINE)
        for block in re.findall(r"^(?:const|var|type) \(\n(.*?)^\)", text, re.MULTILINE | re.DOTALL):
            found += re.findall(r"^\t(\w+(?:, \w+)*)", block, re.MULTILINE)
        names |= {name for group in found for name in group.split(", ")}
    return {name for name in names if name[0].isupper()}


def clashing(names: set[str]) -> set[str]:
    """Return the kinds that are one of the names, or become one with what the code puts around the kind."""
    fixed = {name for name in names if KIND not in name}
    around = [re.escape(name).replace(KIND, "([A-Z][A-Za-z0-9]*)") for name in names - {KIND} if KIND in name]
    return fixed | {match[1] for pattern in around for name in fixed if (match := re.fullmatch(pattern, name))}


def test_reserved_kinds_are_those_that_clash(ask: Ask, render: Render) -> None:
    needed: set[str] = set()
    for answers in helpers.LEAVES.values():
        service = render(service_name="orders", resource_kind=KIND, resource_plural="qwxyzs", **answers)
        for package in ("pkg/orders/domain", "api/orders/v1alpha1"):
            needed |= clashing(declared(service / package))
        for contract in service.glob("api/openapi.yaml"):
            needed |= clashing(set(helpers.documents(contract)[0]["components"]["schemas"]))
    reserved = ask()["reserved_kinds"]
    assert needed == set(reserved), "questions/shape.yml"
    assert reserved == sorted(reserved)
