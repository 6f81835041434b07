from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from slipwright_hooks.guards.leftover_placeholders import find_in_path, find_in_text, main

Write = Callable[[str, str | bytes], str]
Git = Callable[..., str]

# File name, text, what is found (the token and its line).
FOUND = (
    ("a.md", "# [Service Name]\n", ["1 [Service Name]"]),
    ("a.md", "See `pkg/[service]/` and test/unit/[service]/a_test.go\n", ["1 [service]", "1 [service]"]),
    ("a.md", "BR-[CATEGORY]-001\n", ["1 [CATEGORY]"]),
    ("a.md", "x\n\n[service-type] and [TEST_ENVIRONMENT]\n", ["3 [service-type]", "3 [TEST_ENVIRONMENT]"]),
    ("a.md", "Test[Service]Controller\n", ["1 [Service]"]),
    ("a.md", "```yaml\nname: [service]\n```\n", ["2 [service]"]),
    ("a.md", "```\ncmd/[service]/main.go\n```\n", ["2 [service]"]),
    ("a.md", "````md\n```\n[Service Name]\n```\n````\n", ["3 [Service Name]"]),
    ("a.yaml", "name: [service]\napp: [service] # label\n", ["1 [service]", "2 [service]"]),
    ("a.yaml", "image: registry/[service]:v1\nx: [service]-controller\n", ["1 [service]", "2 [service]"]),
    ("a.yaml", "path: 'deploy/[service]'\n", ["1 [service]"]),
    ("a.json", '{"name": "[service]"}\n', ["1 [service]"]),
    ("a.go", 'const name = "[service]"\n', ["1 [service]"]),
    ("a.go", "// Package x is the [service] service, [Service Name].\n", ["1 [service]", "1 [Service Name]"]),
    ("a.go", "// [Service] runs; the [SERVICE]\n", ["1 [SERVICE]"]),
    ("a.go", "var q = `\n[resource]`\n", ["2 [resource]"]),
    ("a.py", 'path = "pkg/[service]"\n', ["1 [service]"]),
    ("a.sh", "go build ./cmd/[service]\n", ["1 [service]"]),
    ("a.toml", 'name = "[service]"\n', ["1 [service]"]),
    ("Makefile", "build: cmd/[service]/main.go\n", ["1 [service]"]),
    ("a.txt", "[service]_requests_total test_[service]\n", ["1 [service]", "1 [service]"]),
    ("a.md", "name: [[ service_name ]]\n", ["1 [[ service_name ]]"]),
    ("a.yml", "x: [[ description | to_json ]]\n", ["1 [[ description | to_json ]]"]),
    ("a.yml", 'x: [[ a if b else "c" ]] [[- a -]]\n', ['1 [[ a if b else "c" ]]', "1 [[- a -]]"]),
    ("a.sh", "echo [[ now(utc) ]]\n", ["1 [[ now(utc) ]]"]),
    ("a.md", "[% if x %]\ny\n[%- endif -%]\n", ["1 [% if x %]", "3 [%- endif -%]"]),
    ("a.md", "[# a comment #]\n", ["1 [# a comment #]"]),
    ("a.md", "[# a comment\nthat goes on #]\n", ["1 [# a comment"]),
    ("a.md", "{{ cookiecutter.name }} {% if cookiecutter.x %}\n", ["1 {{ cookiecutter", "1 {% if cookiecutter"]),
    ("a.yml", "x: {{ _copier_answers }} [[_copier_conf.x]]\n", ["1 {{ _copier_answers", "1 [[_copier_conf"]),
)  # fmt: skip

# What looks alike and is meant.
MEANT = (
    ("a.md", "[service](https://example.com) [Service Name](x.md) [text][service] [service][]\n"),
    ("a.md", "The [service] and [Impact].\n\n[service]: https://example.com\n[impact]: x.md\n"),
    ("a.md", "![Status](badge.svg) [![Status](a.svg)](b)\n"),
    ("a.md", "- [ ] open\n- [x] done\n* [X] done\n1. [X] done\n> - [X] quoted\n| [X] | [x] |\n"),
    ("a.md", "## [Unreleased]\n## [1.2.0] - 2026-01-31\n[^1] [!NOTE] [0.9, 1.1] [sic]\n"),
    ("a.md", "```go\nx := byName[service]\nfor _, n := range [N]int{} {}\n```\n"),
    ("a.md", "```toml\n[service]\n```\n```ini\n[Service]\nUser=x\n```\n"),
    ("a.md", "```bash\nif [[ -f x ]]; then run [type]; fi\n```\n"),
    ("a.md", "arr[Name] fn()[Name]\n"),
    ("a.go", "x := m[service]\ny := New[Service](a)\nvar z [resource]int\ntype T[Resource any] struct{}\n"),
    ("a.go", "// Package x: see [Service], [Resource] and [*Service.Run].\n"),
    ("a.go", "q := a[b[service]]\n"),
    ("a.go", "// queue[resource] is read once\nr := '['\n"),
    ("a.py", "for name in [service]:\n    f([resource], x[service])\n"),
    ("a.tf", "depends_on = [service]\n"),
    ("a.yaml", "needs: [service]\nbranches: [service, other]\nx:\n  - [service]\n  - {a: [service]}\n  [service]\n"),
    ("a.yaml", "group_by: [service] # one\nsourceLabels: [Service]\n"),
    ("a.yaml", "summary: sum by (service) (rate(x[5m]))\n"),
    ("a.toml", "[[service]]\nname = 'a'\n[[resource]] # of a list\n"),
    ("a.toml", "[service]\nx = 1\n[[ tool ]]\n[[tool.mypy.overrides]]\n  [resource] # table\n"),
    ("app.service", "[Service]\nExecStart=/bin/x\n"),
    (".editorconfig", "[Makefile]\n[*.md]\n"),
    ("a.sh", 'if [[ -f x ]] || [[ $a == b ]] || [[ "$a" ]] || [[ ! -e y ]] || [[ a == "$b" ]]; then :; fi\n'),
    ("a.sh", 'echo "${m[service]}"\n'),
    ("a.yml", "run: |\n  [[ -n $x && x =~ ^[a-z]+$ ]] || exit 1\n"),
    ("a.yml", "x: ${{ github.ref }} {{ .Values.name }} {{ $labels.service }}\n"),
    ("a.md", "A regex `[# ]+`, `[%]`, a percentage [50%], an issue [#12].\n"),
    ("a.txt", "[a-z0-9]([-a-z0-9]*[a-z0-9])? [[:alpha:]] [^]] [[1, 2], [3]]\n"),
    ("a.cpp", "[[nodiscard]] int f();\n"),
    ("a.json", "[[1, 2], [true]]\n"),
    ("a.md", "[[Wiki page]]\n"),
    ("a.md", "\ufeff# Title\n"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "text", "found"), FOUND)
def test_found(name: str, text: str, found: list[str], write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    findings = list(find_in_text(name, text))
    short = [f"{f.line} {f.what.removeprefix('template scar ').removeprefix('placeholder ')}" for f in findings]
    assert sorted(short) == sorted(found)
    assert main([write(name, text)]) == 1
    assert capsys.readouterr().out.splitlines() == sorted({str(f) for f in findings}, key=_order)


def _order(line: str) -> tuple[int, str]:
    _, number, rest = line.split(":", 2)
    return int(number), rest


@pytest.mark.parametrize(("name", "text"), MEANT)
def test_meant(name: str, text: str, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert [str(finding) for finding in find_in_text(name, text)] == []
    assert main([write(name, text)]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("make/lint.mk.jinja", "file name ends in .jinja"),
        ("cmd/[service]/main.go", "placeholder [service] in the file's name"),
        ("cmd/[[ service_name ]]/main.go", "placeholder [[ service_name ]] in the file's name"),
        ("{{ cookiecutter.name }}/x", "placeholder {{ cookiecutter in the file's name"),
        ("app/[id]/page.tsx", None),
        ("docs/jinja.md", None),
    ],
)
def test_names(path: str, what: str | None, write: Write) -> None:
    assert [finding.what for finding in find_in_path(path)] == ([what] if what else [])
    assert main([write(path, "fine\n")]) == (1 if what else 0)


def test_message(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    main([write("docs/a.md", "one\n[Service Name]\n")])
    assert capsys.readouterr().out == "docs/a.md:2: placeholder [Service Name]; replace it with what it stands for\n"


def test_whole_repository(git: Git, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write("a.md", "[Service Name]\n")
    write("untracked.md", "[Service Name]\n")
    git("add", "a.md")
    assert main([]) == 1
    assert capsys.readouterr().out.count("\n") == 1


def test_allow_and_exclude(write: Write) -> None:
    name = write("a.md", "[service] things\n")
    assert main([name]) == 1
    assert main(["--allow", "[service]", name]) == 0
    assert main(["--exclude", r"\.md$", name]) == 0


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"\0[Service Name]\n", 0), (b"\xff\xfe[\0S\0", 0), (b"caf\xe9 [Service Name]\n", 1), (b"", 0)],
    ids=["binary", "utf-16", "latin-1", "empty"],
)
def test_bytes(content: bytes, code: int, write: Write) -> None:
    assert main([write("a.md", content)]) == code


def test_outside_of_a_repository(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "run this inside a git repository" in capsys.readouterr().err
