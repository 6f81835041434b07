"""What a team does with a service on its first day, on each example: build, vet, test, lint, verify."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests import helpers

from .conftest import Run

pytestmark = pytest.mark.generated

# What a target needs to know before it says what it would do.
VARIABLES = {"BASE_URL": "http://localhost:8080", "CONTAINER_TOOL": "podman", "PRE_COMMIT": "pre-commit"}


def test_builds_and_passes_its_tests_right_after_copying(repository: Path, run: Run) -> None:
    # No make before it, no tidy, and nothing that only a make target would write.
    run(repository, "go", "build", "-mod=readonly", "./...")
    run(repository, "go", "test", "-mod=readonly", "./...")
    assert helpers.git(repository, "status", "--porcelain") == ""


def test_vet(repository: Path, run: Run) -> None:
    run(repository, "go", "vet", "-tags=integration,e2e", "./...")


def test_help_lists_targets_that_can_run(repository: Path, answers: dict[str, Any], run: Run) -> None:
    shown = run(repository, "make", "help")
    targets = re.findall(r"^  ([a-z0-9-]+) +\S", shown, re.MULTILINE)
    assert {"help", "doctor", "build", "run", "test", "test-unit", "test-integration", "test-e2e"} <= set(targets)
    assert {"coverage", "lint", "bench", "image", "deploy-kind", "bootstrap-dev", "verify"} <= set(targets)
    name = answers["service_name"]
    problems = []
    for target in [*targets, f"test-unit-{name}", f"test-integration-{name}", f"build-{name}", f"lint-{name}"]:
        commands = run(repository, "make", "--dry-run", target, **VARIABLES)
        # Paths in the commands are there, except for what the targets themselves write.
        for path in re.findall(
            r"(?<![\w./-])(?:\./)?((?:cmd|config|deploy|docs|internal|make|pkg|test|tools)/[\w./-]+)", commands
        ):
            bare = path.removesuffix("/...").rstrip("/")
            if not (repository / bare).exists() and not bare.endswith(".bak"):
                problems.append(f"{target}: {path} is not there")
    helpers.expect_none(problems)


def test_targets_say_what_they_do(default_repository: Path) -> None:
    silent = []
    for path in [default_repository / "Makefile", *(default_repository / "make").glob("*.mk")]:
        text = path.read_text()
        phony = set(re.findall(r"^\.PHONY: ([a-z0-9-]+)$", text, re.MULTILINE))
        helped = set(re.findall(r"^([a-z0-9-]+):.*## \S", text, re.MULTILINE))
        silent += [f"{path.name}: {target}" for target in phony ^ helped]
    helpers.expect_none(silent, "Targets with .PHONY or a help text, but not both.")


def test_doctor_finds_what_the_tests_need(repository: Path, run: Run) -> None:
    assert "MISSING" not in run(repository, "make", "doctor")


@pytest.mark.slow
def test_unit_tests_in_random_order_with_the_race_detector(repository: Path, run: Run) -> None:
    run(repository, "make", "test-unit")


@pytest.mark.slow
def test_integration_tests(repository: Path, run: Run) -> None:
    run(repository, "make", "test-integration")


@pytest.mark.slow
def test_coverage_meets_the_target(repository: Path, run: Run) -> None:
    assert "of statements, at least" in run(repository, "make", "coverage")


@pytest.mark.slow
def test_lint_finds_nothing(repository: Path, run: Run) -> None:
    assert "0 issues" in run(repository, "make", "lint")


@pytest.mark.slow
def test_verify(repository: Path, run: Run) -> None:
    run(repository, "make", "verify")


@pytest.mark.slow
def test_format_changes_nothing(repository: Path, run: Run) -> None:
    run(repository, "make", "fmt")
    assert helpers.git(repository, "status", "--porcelain") == ""


@pytest.mark.slow
def test_hooks_notice_what_is_left_over(default_repository: Path, run: Run) -> None:
    """One fault of each kind is planted, and the hooks must say where it is."""
    faults = {
        "CHANGELOG.md": f"{'<' * 7} before updating\n",
        "docs/services/orders/README.md": "\nAsk the owner of [service].\n",
        "test/unit/orders/suite_test.go": '\nvar _ = Describe("BR-ORDERS-999: nothing", func() {})\n',
        "deploy/orders/base/service.yaml": "colour :   [1,2]\n",
        "config/development.yaml": "trailing: white   \n",
        "docs/services/orders/MAKE_IT_YOURS.md": "\nThis is a mispelled word.\n",
    }
    for name, text in faults.items():
        with (default_repository / name).open("a") as file:
            file.write(text)
    with pytest.raises(pytest.fail.Exception) as caught:
        run(default_repository, "make", "hooks")
    helpers.git(default_repository, "checkout", "--quiet", ".")
    helpers.expect_none((name for name in faults if name not in str(caught.value)), "Faults that no hook noticed.")
