"""What a team does with a service on its first day, on each leaf: build, vet, test, lint, verify."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import helpers

from .conftest import TEXTS, Run, envtest_leaves, every_example, examples_of

pytestmark = pytest.mark.generated

# What a target needs to know before it says what it would do.
VARIABLES = {"BASE_URL": "http://localhost:8080", "CONTAINER_TOOL": "podman", "PRE_COMMIT": "pre-commit"}


def build_and_test(repository: Path, run: Run) -> None:
    """Build, vet and test without make, without tidying, and without what only a make target would write.

    Vet and the tests use what the build compiled.
    """
    run(repository, "go", "build", "-mod=readonly", "./...")
    run(repository, "go", "vet", "-mod=readonly", "-tags=integration,e2e", "./...")
    run(repository, "go", "test", "-mod=readonly", "-vet=off", "./...")
    assert helpers.git(repository, "status", "--porcelain") == ""


def test_builds_and_passes_its_tests_right_after_copying(repository: Path, run: Run) -> None:
    build_and_test(repository, run)


@pytest.mark.slow
@examples_of(*TEXTS)
def test_builds_with_texts_that_are_hard_to_quote(repository: Path, run: Run) -> None:
    build_and_test(repository, run)


def test_help_lists_targets_that_can_run(repository: Path, answers: dict[str, Any], run: Run) -> None:
    shown = run(repository, "make", "help")
    targets = re.findall(r"^  ([a-z0-9-]+) +\S", shown, re.MULTILINE)
    assert {"help", "doctor", "build", "run", "test", "test-unit", "test-integration", "test-e2e"} <= set(targets)
    assert {"coverage", "lint", "bench", "image", "deploy-kind", "bootstrap-dev", "verify"} <= set(targets)
    name = answers["service_name"]
    aliases = [f"{target}-{name}" for target in ("test-unit", "test-integration", "build", "lint")]
    commands = run(repository, "make", "--dry-run", *targets, *aliases, **VARIABLES)
    # Paths in the commands exist, except for what the targets themselves write.
    paths = re.findall(
        r"(?<![\w./-])(?:\./)?((?:cmd|config|deploy|docs|internal|make|pkg|test|tools)/[\w./-]+)", commands
    )
    bare = {path.removesuffix("/...").rstrip("/") for path in paths if not path.endswith(".bak")}
    assert bare
    helpers.expect_none(sorted(path for path in bare if not (repository / path).exists()), "Paths of make targets.")


def test_targets_say_what_they_do(default_repository: Path) -> None:
    silent = []
    for path in [default_repository / "Makefile", *(default_repository / "make").glob("*.mk")]:
        text = path.read_text()
        phony = set(re.findall(r"^\.PHONY: ([a-z0-9-]+)$", text, re.MULTILINE))
        helped = set(re.findall(r"^([a-z0-9-]+):.*## \S", text, re.MULTILINE))
        silent += [f"{path.name}: {target}" for target in phony ^ helped]
    helpers.expect_none(silent, "Targets with .PHONY or a help text, but not both.")


@examples_of("http-mocks", "controller")
def test_doctor_finds_what_the_tests_need(repository: Path, run: Run) -> None:
    assert "MISSING" not in run(repository, "make", "doctor")


@pytest.mark.slow
def test_build_stamps_the_version(default_repository: Path, run: Run) -> None:
    run(default_repository, "make", "build", "VERSION=v9.9.9")
    assert "v9.9.9" in run(default_repository, "bin/orders", "--version")


@pytest.mark.slow
def test_unit_tests_in_random_order_with_the_race_detector(repository: Path, run: Run) -> None:
    run(repository, "make", "test-unit")


@pytest.mark.slow
@examples_of("http-mocks", "http-fake-client")
def test_integration_tests(repository: Path, run: Run) -> None:
    run(repository, "make", "test-integration")


@envtest_leaves
def test_integration_tests_on_a_real_api_server(repository: Path, api_server: dict[str, str], run: Run) -> None:
    """Without the race detector, which would compile every dependency again; the slow ring has it."""
    shown = run(repository, "go", "test", "-tags=integration", "./test/integration/...", **api_server)
    assert re.search(r"^ok .*/test/integration/", shown, re.MULTILINE)


@pytest.mark.slow
@envtest_leaves
def test_integration_tests_on_a_real_api_server_with_the_race_detector(
    repository: Path, api_server: dict[str, str], run: Run
) -> None:
    shown = run(repository, "make", "test-integration", **api_server)
    assert re.search(r"^ok .*/test/integration/", shown, re.MULTILINE)


@pytest.mark.slow
@examples_of("http-envtest-reads", "controller")
def test_integration_tests_without_an_api_server_say_how_to_get_one(repository: Path, run: Run) -> None:
    with pytest.raises(pytest.fail.Exception, match="make envtest"):
        run(repository, "make", "test-integration", KUBEBUILDER_ASSETS="")


# A right of each leaf's Role: the file it stands in, the verb and the resource; and specs that need it.
RIGHTS = {
    "http-envtest-reads": ("deploy/{0}/base/role.yaml", "watch", "pods", "beside the configured ones"),
    "http-envtest-writes": ("deploy/{0}/base/role.yaml", "create", "configmaps", "shown with its results"),
    "controller": ("config/rbac/role.yaml", "patch", "parcels/status", "when it names none"),
}


@pytest.mark.slow
@envtest_leaves
def test_right_that_is_taken_away_fails_specs_that_name_it(
    repository: Path, answers: dict[str, Any], api_server: dict[str, str], run: Run, request: pytest.FixtureRequest
) -> None:
    [leaf] = [name for name in RIGHTS if f"[{name}]" in request.node.name]
    file, verb, resource, specs = RIGHTS[leaf]
    path = repository / file.format(answers["service_name"])
    [role] = helpers.documents(path)
    rules = [rule for rule in role["rules"] if resource in rule["resources"]]
    for rule in rules:
        rule["verbs"].remove(verb)
    role["rules"] = [rule for rule in role["rules"] if rule["verbs"]]
    path.write_text(yaml.safe_dump(role))
    try:
        with pytest.raises(pytest.fail.Exception, match=rf'cannot {verb} resource \\?"{re.escape(resource)}'):
            run(repository, "make", "test-integration", f"FOCUS={specs}", **api_server)
    finally:
        helpers.git(repository, "checkout", "--quiet", ".")


@pytest.mark.slow
def test_coverage_meets_the_target(repository: Path, run: Run) -> None:
    assert "of statements, at least" in run(repository, "make", "coverage")


@pytest.mark.slow
@every_example
def test_lint_finds_nothing(repository: Path, run: Run) -> None:
    assert "0 issues" in run(repository, "make", "lint")


@pytest.mark.slow
@examples_of(*helpers.LEAVES, "http-mocks-gitlab-mit")
def test_verify(repository: Path, run: Run) -> None:
    run(repository, "make", "verify")


@pytest.mark.slow
@examples_of("controller")
def test_verify_notices_what_is_stale(repository: Path, run: Run) -> None:
    """A field that was added to the custom resource's type, without `make generate`."""
    [types] = (repository / "api").rglob("*_types.go")
    text = types.read_text()
    types.write_text(text.replace('Type string `json:"type,omitempty"`', 'Type string `json:"kind,omitempty"`', 1))
    assert types.read_text() != text
    helpers.commit(repository, "feat: another name")
    try:
        with pytest.raises(pytest.fail.Exception, match="config/crd/bases"):
            run(repository, "make", "verify-clean")
    finally:
        helpers.git(repository, "reset", "--quiet", "--hard", "HEAD^")


@pytest.mark.slow
@examples_of("http-mocks", "controller")
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
