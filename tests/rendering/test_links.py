"""Relative links of Markdown lead to files and headings that are there, in services and in this repository."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests import helpers


def tokens(text: str) -> list[Token]:
    body = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    return MarkdownIt("commonmark").enable("table").parse(body)


def links(text: str) -> Iterator[str]:
    for token in tokens(text):
        for child in token.children or []:
            target = child.attrGet("href") or child.attrGet("src")
            if isinstance(target, str):
                yield target


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives to headings."""
    found: set[str] = set()
    parsed = tokens(text)
    for before, token in itertools.pairwise(parsed):
        if before.type == "heading_open":
            title = "".join(child.content for child in token.children or [] if child.type in {"text", "code_inline"})
            kept = [c for c in title.strip().lower() if c in "-_ " or unicodedata.category(c)[0] in "LNM"]
            slug = "".join(kept).replace(" ", "-")
            name, number = slug, 0
            while name in found:
                number += 1
                name = f"{slug}-{number}"
            found.add(name)
    return found


def broken(folder: Path, pages: list[Path]) -> list[str]:
    wrong = []
    for page in pages:
        for link in links(page.read_text(encoding="utf-8")):
            if re.match(r"[a-z][a-z0-9+.-]*:|//", link):
                continue
            path, _, anchor = unquote(link).partition("#")
            target = page if not path else (folder / path[1:] if path.startswith("/") else page.parent / path)
            if not target.exists() or not target.resolve().is_relative_to(folder.resolve()):
                wrong.append(f"{page.relative_to(folder)}: {link} leads nowhere")
            elif anchor and target.suffix == ".md" and anchor not in anchors(target.read_text(encoding="utf-8")):
                wrong.append(f"{page.relative_to(folder)}: {link} has no such heading")
    return wrong


def test_service(example: Path) -> None:
    pages = sorted(example.rglob("*.md"))
    assert pages
    helpers.expect_none(broken(example, pages))


def test_every_document_of_a_service_is_linked(service: Path) -> None:
    pages = sorted(service.rglob("*.md"))
    linked = {
        (page.parent / unquote(link).partition("#")[0]).resolve()
        for page in pages
        for link in links(page.read_text(encoding="utf-8"))
        if not re.match(r"[a-z]+:", link)
    }
    linked |= {path for target in linked if target.is_dir() for path in target.iterdir()}
    lost = [page.relative_to(service).as_posix() for page in pages if page.resolve() not in linked]
    helpers.expect_none(name for name in lost if name != "README.md")


def test_this_repository() -> None:
    listed = helpers.git(helpers.ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md")
    pages = [
        helpers.ROOT / name
        for name in listed.split("\0")
        if name and not name.startswith(("template/", "parts/", "spec/"))
    ]
    helpers.expect_none(broken(helpers.ROOT, [page for page in pages if page.is_file()]))


def test_links_in_go_comments_and_yaml_are_whole(example: Path) -> None:
    """Files that are named with their path in comments and texts exist, so that no target names a missing one."""
    wrong = []
    known = re.compile(
        r"(?<![\w./<-])((?:cmd|pkg|internal|api|config|deploy|docs|make|tools|test)/[\w./-]+\.(?:go|md|ya?ml|mk|json))\b"
    )
    for name in helpers.files(example):
        if name.endswith((".go", ".mk", ".yml", ".yaml", ".md", "Makefile", "Dockerfile")):
            text = (example / name).read_text(encoding="utf-8")
            places = (example, (example / name).parent)
            wrong += [
                f"{name}: {path}" for path in known.findall(text) if not any((at / path).exists() for at in places)
            ]
    helpers.expect_none(wrong)
