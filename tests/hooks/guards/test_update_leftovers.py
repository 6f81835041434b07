from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from slipwright_hooks.guards.update_leftovers import find_markers, find_rejects, main

Write = Callable[[str, str | bytes], str]
Git = Callable[..., str]

# Put together, so that this file doesn't hold conflict markers itself.
OURS, BASE, MIDDLE, THEIRS = "<" * 7, "|" * 7, "=" * 7, ">" * 7
CONFLICT = f"a\n{OURS} before updating\nb\n{MIDDLE}\nc\n{THEIRS} after updating\nd\n"

CASES: tuple[tuple[str, str, list[int]], ...] = (
    ("nothing", "a\nb\n", []),
    ("empty", "", []),
    ("conflict", CONFLICT, [2, 4, 6]),
    ("windows line ends", CONFLICT.replace("\n", "\r\n"), [2, 4, 6]),
    ("three-way", f"{OURS} a\n{BASE} b\n{MIDDLE}\n{THEIRS} c\n", [1, 2, 3, 4]),
    ("no labels", f"{OURS}\n{MIDDLE}\n{THEIRS}\n", [1, 2, 3]),
    ("two conflicts", CONFLICT * 2, [2, 4, 6, 9, 11, 13]),
    ("heading in Markdown", f"Heading\n{MIDDLE}\n\nText\n", []),
    ("heading in reStructuredText", f"{MIDDLE}\nHeading\n{MIDDLE}\n", []),
    ("heading after a conflict", f"{CONFLICT}Heading\n{MIDDLE}\n", [2, 4, 6]),
    ("heading before a conflict", f"Heading\n{MIDDLE}\n{CONFLICT}", [4, 6, 8]),
    ("a table's bars", f"{BASE}\n", []),
    ("opening left alone", f"{OURS} before updating\nHeading\n{MIDDLE}\n", [1]),
    ("closing left alone", f"Heading\n{MIDDLE}\n{THEIRS} after updating\n", [3]),
    ("longer", f"{OURS}<\n{MIDDLE}==\n{THEIRS}>\n", []),
    ("indented", f"    {OURS} a\n    {THEIRS} b\n", []),
    ("glued", f"{OURS}EOF\n", []),
    ("form feed is no line end", f"a\f{OURS} b\n", []),
)


@pytest.mark.parametrize(("name", "text", "lines"), CASES, ids=[case[0] for case in CASES])
def test_markers(
    name: str, text: str, lines: list[int], git: Git, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [finding.line for finding in find_markers("f.md", text)] == lines
    write("f.md", text)
    assert main(["f.md"]) == (1 if lines else 0)
    out = capsys.readouterr().out.splitlines()
    assert [line.split(";")[0].rsplit(" ", 1)[0] for line in out] == [f"f.md:{n}: conflict marker" for n in lines]


def test_message(git: Git, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write("f.go", CONFLICT)
    assert main([]) == 1
    assert capsys.readouterr().out.splitlines()[1] == (
        f"f.go:4: conflict marker {MIDDLE}; keep the lines that should stay and delete the marker"
    )


def test_rejects() -> None:
    assert [str(finding) for finding in find_rejects(["a/Makefile.rej", "a.reject", "rej"])] == [
        "a/Makefile.rej:1: rejected change; apply it to a/Makefile by hand and delete this file"
    ]


@pytest.mark.parametrize("ignored", ["", "*.rej\n"], ids=["untracked", "ignored"])
def test_rejects_are_found_when_other_files_are_named(
    ignored: str, git: Git, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write(".gitignore", ignored)
    write("deep/er/Makefile.rej", "@@ -1 +1 @@\n")
    assert main([write("fine.txt", "fine\n")]) == 1
    assert capsys.readouterr().out.startswith("deep/er/Makefile.rej:1: rejected change; ")


def test_ignored_folders_are_left_alone(git: Git, write: Write) -> None:
    write(".gitignore", "bin/\n")
    write("bin/vendor.rej", "")
    assert main([]) == 0


def test_untracked_files_are_read(git: Git, write: Write) -> None:
    write("new.txt", CONFLICT)
    assert main([]) == 1


def test_unmerged_paths_of_a_merge(git: Git, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    for branch, content in (("main", "a\n"), ("other", "b\n")):
        git("checkout", "--quiet", "--orphan", branch)
        write("f.txt", content)
        git("add", ".")
        git("commit", "--quiet", "--message", branch)
    git("merge", "--quiet", "--allow-unrelated-histories", "main", code=1)
    write("f.txt", "resolved\n")
    assert main([]) == 1
    assert capsys.readouterr().out == "f.txt:1: unmerged in the index; resolve it and run git add on it\n"
    git("add", "f.txt")
    assert main([]) == 0


def test_unmerged_paths_outside_of_a_merge(git: Git, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """`copier update` writes the stages into the index without starting a merge."""
    write("f.txt", "a\n")
    blob = git("hash-object", "-w", "f.txt").strip()
    stages = "".join(f"100644 {blob} {stage}\tf.txt\n" for stage in (1, 2, 3))
    Path("stages").write_text(stages)
    git("-c", "alias.put=!git update-index --index-info < stages", "put")
    assert not Path(".git/MERGE_HEAD").exists()
    assert main(["stages"]) == 1
    assert capsys.readouterr().out.startswith("f.txt:1: unmerged in the index; ")


@pytest.mark.parametrize(
    "content", [b"\0\n" + CONFLICT.encode(), b"\x89PNG\r\n\x1a\n\0" + CONFLICT.encode()], ids=["nul", "png"]
)
def test_binary_files_are_left_alone(content: bytes, git: Git, write: Write) -> None:
    assert main([write("f.bin", content)]) == 0


def test_bytes_that_are_not_utf8(git: Git, write: Write) -> None:
    assert main([write("latin.txt", b"caf\xe9\n" + CONFLICT.encode())]) == 1


def test_links_and_deleted_files_are_left_alone(git: Git, write: Write) -> None:
    write("gone.txt", CONFLICT)
    Path("link.txt").symlink_to("nowhere.txt")
    git("add", ".")
    Path("gone.txt").unlink()
    assert main([]) == 0


def test_names_that_are_not_utf8(git: Git, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = b"caf\xe9 \xc3\xa9.txt".decode("utf-8", "surrogateescape")
    (folder / name).write_text(CONFLICT)
    assert main([]) == 1
    assert "caf\\udce9" in capsys.readouterr().out


def test_from_a_folder_below(
    git: Git, write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write("top.txt", CONFLICT)
    write("sub/f.txt", "fine\n")
    monkeypatch.chdir("sub")
    assert main([]) == 1
    assert capsys.readouterr().out.startswith("../top.txt:2: ")


def test_exclude(git: Git, write: Write) -> None:
    write("docs/merging.md", CONFLICT)
    assert main(["--exclude", "^docs/"]) == 0
    assert main(["--exclude", "^doc$"]) == 1


def test_wrong_usage(folder: Path, git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["missing.txt"]) == 2
    assert capsys.readouterr().err == "error: missing.txt: no such file\n"
    with pytest.raises(SystemExit) as stopped:
        main(["--exclude", "("])
    assert stopped.value.code == 2


def test_outside_of_a_repository(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert capsys.readouterr().err.startswith("error: git rev-parse: fatal: not a git repository")
