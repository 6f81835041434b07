from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from slipwright_hooks.guards.br_references import check, main, read_requirements, read_spec

Write = Callable[[str, str | bytes], str]
Git = Callable[..., str]

LIST = "docs/requirements/BR-ORD-REQUIREMENTS.md"
SPEC = "test/unit/orders/manager_test.go"
IMPORT = 'import . "github.com/onsi/ginkgo/v2"\n'


def entry(number: int, more: str = "") -> str:
    return (
        f"  - id: BR-ORD-{number:03}\n    title: Accepts\n    text: It accepts.\n"
        f"    priority: high\n    critical_path: true\n{more}"
    )


def listing(*entries: str) -> str:
    return "---\ncategory: ORD\nrequirements:\n" + "".join(entries) + "---\n# Requirements\n"


# Body of a spec file (line 2 is its first), what main prints.
SPECS: tuple[tuple[str, str, list[str]], ...] = (
    ("named in the text", 'var _ = Describe("BR-ORD-001: x", func() {})', []),
    ("named in a label", 'var _ = Describe("x", Label("unit", "BR-ORD-001"), func() {})', []),
    ("named by an entry", 'var _ = DescribeTable("x", f, Entry("BR-ORD-001 y", 1))', []),
    ("with a package name", 'var _ = ginkgo.Describe("BR-ORD-001", func() {})', []),
    ("in a block of variables", 'var (\n_ = Describe("BR-ORD-001", func() {})\n)', []),
    ("raw text over lines", "var _ = Describe(`x\nBR-ORD-001`, func() {})", []),
    ("below a container", 'var _ = Describe("BR-ORD-001", func() { Context("y", func() { It("z", func() {}) }) })', []),
    (
        "not named",
        'var _ = Describe("x", func() {\n\tIt("BR-ORD-001", func() {})\n})',
        [
            f"{SPEC}:2: top-level Describe names no requirement; put the id that it proves into its text or labels",
        ],
    ),
    (
        "two, one not named",
        'var _ = Describe("BR-ORD-001", func() {})\n\nvar _ = FDescribe("x", func() {})',
        [
            f"{SPEC}:4: top-level FDescribe names no requirement; put the id that it proves into its text or labels",
        ],
    ),
    (
        "unknown",
        'var _ = Describe("BR-ORD-001", func() {\n\tIt("BR-ORD-099 z", func() {})\n})',
        [
            f"{SPEC}:3: BR-ORD-099 is not a listed requirement; correct the id or list it under docs/requirements",
        ],
    ),
    (
        "unknown in raw text",
        "var _ = Describe(`BR-ORD-001\nBR-PAY-001`, func() {})",
        [
            f"{SPEC}:3: BR-PAY-001 is not a listed requirement; correct the id or list it under docs/requirements",
        ],
    ),
    (
        "unknown in a label",
        'var _ = Describe("BR-ORD-001", Label("BR-ORD-0011"), func() {})',
        [
            f"{SPEC}:2: BR-ORD-0011 is not a listed requirement; correct the id or list it under docs/requirements",
        ],
    ),
    (
        "in a comment only",
        "// Describe BR-ORD-099\n/* BR-ORD-098 */\nvar _ = 1",
        [
            f"{LIST}:4: BR-ORD-001 has no spec; write one that names it, or give an untested_reason",
        ],
    ),
    ("in other texts only", 'var x = "BR-ORD-099"\nvar _ = Describe("BR-ORD-001", func() { log("BR-ORD-098") })', []),
    (
        "pending",
        'var _ = PDescribe("BR-ORD-001", func() {})',
        [
            f"{LIST}:4: BR-ORD-001 has no spec; write one that names it, or give an untested_reason",
        ],
    ),
    (
        "pending by decorator",
        'var _ = Describe("BR-ORD-001", Pending, func() {})',
        [
            f"{LIST}:4: BR-ORD-001 has no spec; write one that names it, or give an untested_reason",
        ],
    ),
    (
        "below a pending container",
        'var _ = XDescribe("BR-ORD-001", func() { It("BR-ORD-001", func() {}) })',
        [
            f"{LIST}:4: BR-ORD-001 has no spec; write one that names it, or give an untested_reason",
        ],
    ),
    (
        "a method called Describe",
        'func (c col) Describe(ch chan<- x) {}\nvar _ = Describe("BR-ORD-001", func() {})',
        [],
    ),
    ("brackets in texts", 'var _ = Describe("BR-ORD-001 ) } (", func() { x("}"); y(\'}\'); It("\\"", f) })', []),
    ("brackets that don't close", 'var _ = Describe("BR-ORD-001", func() {})\n)))', []),
)


@pytest.mark.parametrize(("name", "body", "out"), SPECS, ids=[case[0] for case in SPECS])
def test_specs(
    name: str, body: str, out: list[str], git: Git, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    source = IMPORT + body + "\n"
    listed, wrong = read_requirements(LIST, listing(entry(1)))
    assert wrong == []
    assert [str(finding) for finding in check(listed, [read_spec(SPEC, source)])] == out
    write(LIST, listing(entry(1)))
    write(SPEC, source)
    git("add", ".")
    assert main([]) == (1 if out else 0)
    assert capsys.readouterr().out.splitlines() == out


NO_FRONT_MATTER = "1: no YAML front matter; start the file with --- and close the list with ---"

# Text of a requirements document, what is reported about it.
DOCUMENTS: tuple[tuple[str, str, list[str]], ...] = (
    ("right", listing(entry(1), entry(2)), []),
    ("with a reason", listing(entry(1, "    untested_reason: Proven by hand.\n")), []),
    ("windows line ends", listing(entry(1)).replace("\n", "\r\n"), []),
    ("empty", "", [NO_FRONT_MATTER]),
    ("no front matter", "# Requirements\n", [NO_FRONT_MATTER]),
    ("not closed", "---\ncategory: ORD\n", [NO_FRONT_MATTER]),
    ("nothing in it", "---\n---\n", ["2: front matter is not a mapping; give it the keys category and requirements"]),
    ("a list", "---\n- a\n---\n", ["2: front matter is not a mapping; give it the keys category and requirements"]),
    (
        "broken YAML",
        "---\ncategory: ORD\nrequirements: [\n---\n",
        ["4: front matter is not YAML: expected the node content, but found '<stream end>'; correct the syntax"],
    ),
    (
        "tabs",
        "---\ncategory: ORD\n\trequirements:\n---\n",
        ["3: front matter is not YAML: found character '\\t' that cannot start any token; correct the syntax"],
    ),
    (
        "unprintable",
        "---\ncategory: \x07\n---\n",
        ["1: front matter is not YAML: it can't be read; correct the syntax"],
    ),
    (
        "no category",
        "---\nrequirements:\n" + entry(1) + "---\n",
        ["2: category '' is not a code; use up to 16 capitals and digits, as in ORD"],
    ),
    (
        "bad category",
        listing(entry(1)).replace("category: ORD", "category: orders"),
        ["2: category 'orders' is not a code; use up to 16 capitals and digits, as in ORD"],
    ),
    (
        "category is a list",
        listing(entry(1)).replace("category: ORD", "category: [ORD]"),
        ["2: category '' is not a code; use up to 16 capitals and digits, as in ORD"],
    ),
    (
        "other file",
        listing(entry(1)).replace("ORD", "PAY"),
        ["2: category PAY does not match the file's name; rename it to BR-PAY-REQUIREMENTS.md"],
    ),
    (
        "no list",
        "---\ncategory: ORD\n---\n",
        ["2: front matter lists no requirements; add requirements: with at least one entry"],
    ),
    (
        "empty list",
        "---\ncategory: ORD\nrequirements: []\n---\n",
        ["3: front matter lists no requirements; add requirements: with at least one entry"],
    ),
    (
        "entry is a text",
        listing("  - BR-ORD-001\n"),
        ["4: requirement is not a mapping; give it id, title, text, priority and critical_path"],
    ),
    ("no id", listing("  - title: x\n"), ["4: id '' is not one of this list; use BR-ORD-001 and so on"]),
    (
        "id of another list",
        listing(entry(1).replace("BR-ORD", "BR-PAY")),
        ["4: id 'BR-PAY-001' is not one of this list; use BR-ORD-001 and so on"],
    ),
    (
        "short id",
        listing(entry(1).replace("001", "1")),
        ["4: id 'BR-ORD-1' is not one of this list; use BR-ORD-001 and so on"],
    ),
    ("listed twice", listing(entry(1), entry(1)), ["9: BR-ORD-001 is listed twice; give one of them a new number"]),
    ("key given twice", listing(entry(1, "    title: again\n")), ["9: title is given twice; keep one"]),
    (
        "no title, empty text",
        listing(entry(1).replace("    title: Accepts\n", "").replace("It accepts.", "''")),
        ["4: BR-ORD-001 has no title; add title: with a text", "5: BR-ORD-001 has no text; add text: with a text"],
    ),
    (
        "critical path is a text",
        listing(entry(1).replace("true", "maybe")),
        ["8: BR-ORD-001 has no critical_path; add critical_path: true or false"],
    ),
    (
        "empty reason",
        listing(entry(1, "    untested_reason: ' '\n")),
        ["9: BR-ORD-001 has an empty untested_reason; say why, or delete the key and write a spec"],
    ),
)


@pytest.mark.parametrize(("name", "text", "found"), DOCUMENTS, ids=[case[0] for case in DOCUMENTS])
def test_documents(
    name: str, text: str, found: list[str], git: Git, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    _, wrong = read_requirements(LIST, text)
    assert [str(finding) for finding in wrong] == [f"{LIST}:{line}" for line in found]
    write(LIST, text)
    git("add", ".")
    main([])
    out = capsys.readouterr().out.splitlines()
    assert [line for line in out if "has no spec" not in line] == [f"{LIST}:{line}" for line in found]


def test_a_reason_stands_for_a_spec(git: Git, write: Write) -> None:
    write(LIST, listing(entry(1, "    untested_reason: Proven by hand.\n")))
    git("add", ".")
    assert main([]) == 0


def test_nothing_to_compare(git: Git, write: Write) -> None:
    write("README.md", "# x\n")
    git("add", ".")
    assert main([]) == 0


def test_specs_without_a_list(git: Git, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write(SPEC, IMPORT + 'var _ = Describe("BR-ORD-001", func() {})\n')
    git("add", ".")
    assert main([]) == 1
    assert capsys.readouterr().out.startswith(f"{SPEC}:2: BR-ORD-001 is not a listed requirement; ")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("internal/platform/retry/retry_test.go", 0),
        ("test/testenv/shared.go", 0),
        ("pkg/orders/manager/manager_test.go", 0),
        ("pkg/orders/manager/manager.go", 1),
        ("vendor/example.com/x/x_test.go", 1),
        ("internal/x/testdata/x_test.go", 1),
        ("test/unit/README.md", 1),
    ],
)
def test_where_specs_are(path: str, code: int, git: Git, write: Write) -> None:
    write(LIST, listing(entry(1)))
    write(path, IMPORT + 'var _ = Describe("BR-ORD-001", func() {})\n')
    git("add", ".")
    assert main([]) == code


def test_go_files_without_ginkgo_say_nothing() -> None:
    spec = read_spec("internal/metrics/collector.go", 'var _ = x.Describe("BR-ORD-099")\n')
    assert (spec.references, spec.unnamed) == ((), ())


def test_named_files_limit_what_is_reported(git: Git, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write(LIST, listing(entry(1), entry(2)))
    write(SPEC, IMPORT + 'var _ = Describe("BR-ORD-001", func() {})\n')
    git("add", ".")
    assert main([SPEC]) == 0
    assert main([f"./{LIST}"]) == 1
    assert capsys.readouterr().out.startswith(f"{LIST}:9: BR-ORD-002 has no spec; ")


def test_bytes_that_are_not_utf8(git: Git, write: Write) -> None:
    write(LIST, listing(entry(1)))
    write(SPEC, IMPORT.encode() + b'// caf\xe9\nvar _ = Describe("BR-ORD-001", func() {})\n')
    git("add", ".")
    assert main([]) == 0


def test_from_a_folder_below(
    git: Git, write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(LIST, listing(entry(1)))
    git("add", ".")
    monkeypatch.chdir("docs")
    assert main([]) == 1
    assert capsys.readouterr().out.startswith("requirements/BR-ORD-REQUIREMENTS.md:4: BR-ORD-001 has no spec; ")


def test_outside_of_a_repository(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert capsys.readouterr().err.startswith("error: git rev-parse: ")
