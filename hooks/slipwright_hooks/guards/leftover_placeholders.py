"""Find placeholders that nobody filled in, and what a template engine left behind.

The list is closed: bracket tokens that stand for an answer, such as [service], and the marks of Jinja and Copier.
Links, indexing, flow lists and section headers are left alone.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from slipwright_hooks.guards import _common, _go
from slipwright_hooks.guards._common import Finding, Repository

__all__ = ["find_in_path", "find_in_text", "main"]

# Spellings of what the answers name, one family a line; digits at the end don't count.
_NAMES = frozenset(
    "service|Service|SERVICE|service-name|service_name|Service Name|Service Full Name|service-type"
    "|resource|Resource|resources|Resources|ResourceKind|group|CATEGORY|TEST_ENVIRONMENT|schema"
    "|component|Component|interface|Interface|CustomMetric".split("|")
)
# Keys whose value is one text, so that `name: [service]` can't be meant as a list.
_TEXT_KEYS = frozenset(
    {"name", "namespace", "app", "app.kubernetes.io/name", "kind", "image", "group", "service", "component"}
)

_BRACKETS = re.compile(r"\[([A-Za-z0-9][^\[\]\n]{0,80})\]")
_IN_PATH = re.compile(
    r"\[(?:service|Service|SERVICE|service-name|resource|Resource|group|component\d?)\]"
    r"|\[\[ \w+ \]\]|\{\{ ?cookiecutter"
)
_FENCE = re.compile(r"^\s*(?:>\s*)*(`{3,}|~{3,})\s*([\w+-]*)")
_DEFINITION = re.compile(r"^\s{0,3}\[([^\]]+)\]:\s", re.MULTILINE)
_DOC_LINK = re.compile(r"\[\*?[A-Z][\w.]*[a-z][\w.]*\]")

_SCARS = (
    # [[ name ]], [[ name | filter ]], [[ name(x) ]], [[ a if b else c ]].
    # A shell test starts with a flag, a dollar sign or a quote, or it compares.
    re.compile(
        r"(?<![\w\])])\[\[-?\s+[A-Za-z_][\w.]*(?:\([^()\]]*\))?"
        r"(?:\s*\|(?!\|)[^\]\n]*|\s+(?:if|and|or|in|not|is)\s[^\]\n]*|\s+[~+]\s[^\]\n]*)?\s+-?\]\]"
    ),
    re.compile(
        r"\[%[-+]?\s*(?:if|elif|else|endif|for|endfor|set|endset|block|endblock|extends|include|import|from|macro|endmacro"
        r"|call|endcall|filter|endfilter|raw|endraw|with|endwith|do)\b[^\]\n]*[-+]?%\]"
    ),
    re.compile(r"\[#-?\s[^\n]*?\s?-?#\]|^\s*\[#-?\s[^\]\n]*$"),
    re.compile(r"\{\{-?\s*(?:cookiecutter|_copier_\w+)\b|\{%-?\s+\w[^\n]*\bcookiecutter\b|\[\[-?\s*_copier_\w+"),
)
_SCAR_FIX = "render it, or write what it should have become"
_FIX = "replace it with what it stands for"

_SECTIONS = {".toml", ".ini", ".cfg", ".conf", ".service", ".timer", ".socket", ".mount", ".editorconfig", ".gitconfig"}
_MARKDOWN = {".md", ".markdown"}
_YAML = {".yml", ".yaml"}
# Languages in which [service] is a list of one variable.
_LISTS = set(".py .js .mjs .ts .tsx .jsx .rb .java .kt .rs .lua .tf .hcl .rego .cue .jsonnet .bzl .star".split())
# What a fenced block's info string says, as a suffix; unknown ones follow the general rules.
_FENCED = {"golang": ".go", "yaml": ".yml", "python": ".py", "javascript": ".js", "typescript": ".ts"}


def find_in_path(path: str) -> Iterator[Finding]:
    """Yield what is wrong with a file's name."""
    if path.endswith(".jinja"):
        yield Finding(
            path, 1, "file name ends in .jinja", "the template did not render it: remove the file or its suffix"
        )
    name = _IN_PATH.search(path)
    if name:
        yield Finding(path, 1, f"placeholder {name[0]} in the file's name", "rename it")


def find_in_text(path: str, text: str) -> Iterator[Finding]:
    """Yield the placeholders and template scars in a file."""
    suffix = PurePath(path).suffix.lower() or PurePath(path).name.lower()
    defined = {match[1].casefold() for match in _DEFINITION.finditer(text)} if suffix in _MARKDOWN else set()
    for number, line in enumerate(_common.lines(text), start=1):
        for scar in _SCARS:
            # [[name]] is a table of a list in TOML.
            for match in () if suffix in _SECTIONS and line.lstrip().startswith("[[") else scar.finditer(line):
                yield Finding(path, number, f"template scar {match[0].strip()}", _SCAR_FIX)
    for number, line, language in _lines(text, suffix):
        for match in _BRACKETS.finditer(line):
            if match[1].casefold() not in defined and _is_placeholder(match, line, language):
                yield Finding(path, number, f"placeholder {match[0]}", _FIX)


def _lines(text: str, suffix: str) -> Iterator[tuple[int, str, str]]:
    """Yield number, text and language (as a suffix) of the lines in which placeholders may stand."""
    fence, language = "", suffix
    for number, line in enumerate(_common.lines(_go_text(text) if suffix == ".go" else text), start=1):
        mark = _FENCE.match(line) if suffix in _MARKDOWN else None
        if mark and not fence:
            fence, language = mark[1], _FENCED.get(mark[2].lower(), f".{mark[2].lower()}")
        elif mark and mark[1].startswith(fence) and not mark[2]:
            fence, language = "", suffix
        else:
            yield number, line, language


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _is_placeholder(match: re.Match[str], line: str, language: str) -> bool:
    before, after = line[: match.start()], line[match.end() :]
    if match[1].rstrip("0123456789") not in _NAMES or _is_link(before, after, language) or _is_index(before, after):
        return False
    return not _is_syntax(match[1], before, after, language)


def _is_link(before: str, after: str, language: str) -> bool:
    """[text](url), [text][ref] and [ref]: url, in Markdown and in comments alike."""
    return (
        after.startswith(("(", "["))
        or before.endswith(("]", "!"))
        or (language in _MARKDOWN and not before.strip() and after.startswith(":"))
    )


def _is_index(before: str, after: str) -> bool:
    """channels[service], but not Test[Service]Controller."""
    return bool(re.search(r"[A-Za-z0-9)]$", before)) and not re.match(r"\w", after)


def _is_syntax(token: str, before: str, after: str, language: str) -> bool:
    """Whether the language gives the brackets a meaning of their own."""
    glued = bool(re.search(r"[-/_.\"'`]$", before) or re.match(r"[-/_.\"'`]|\w", after))
    if language in _SECTIONS:  # [service] is a section, [[service]] a table of a list
        return before.strip() in ("", "[") and re.match(r"\]?\s*(?:[#;].*)?$", after) is not None
    if language in _YAML:
        key = re.search(r"(?:^|[\s\"'{])([\w./-]+)[\"']?:\s+$", before)
        alone = re.match(r"\s*(?:[,}\]#].*)?$", after) is not None
        flow = bool(key) or re.search(r"(?:^|[-,\[{])\s*$", before) is not None
        return flow and alone and not (key and key[1] in _TEXT_KEYS)
    if language in _LISTS and token.isidentifier():
        return not glued
    return False


def _go_text(source: str) -> str:
    """Return only the strings and comments: in code the compiler finds what isn't Go. Doc links are blanked too."""
    kept = [" " if char != "\n" else char for char in source]
    for token in _go.scan(source):
        if token.kind == "string":
            kept[token.start : token.start + len(token.text)] = token.text
        elif token.kind == "comment":
            kept[token.start : token.start + len(token.text)] = _DOC_LINK.sub(_blank, token.text)
    return "".join(kept)


def main(argv: Sequence[str] | None = None) -> int:
    """Check the named files, or all that git tracks."""
    parser = _common.parser(__doc__)
    parser.add_argument(
        "--allow", action="append", default=[], metavar="TOKEN", help="a text that is meant, such as '[service]'"
    )
    return _common.run(_check, parser.parse_args(argv))


def _check(options: argparse.Namespace) -> Iterator[Finding]:
    allowed: list[str] = options.allow
    names: list[str] = options.files or Repository.here().files()
    for name in names:
        yield from find_in_path(name)
    for name, text in _common.texts(names):
        yield from (f for f in find_in_text(name, text) if not any(token in f.what for token in allowed))


if __name__ == "__main__":
    raise SystemExit(main())
