"""CI definitions, image and the files around the code: linted as their tools do, and true to the tree beside them."""

import json
import re
import subprocess
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import helpers

Render = Callable[..., Path]

JOBS = {
    "lint": "lint",
    "unit": "test-unit coverage",
    "integration": "test-integration",
    "image": "image",
    "verify": "verify",
}

# Leaves whose integration tests ask a real API server, which is fetched first.
ENVTEST = {"http-envtest-reads", "http-envtest-writes", "controller"}

leaves = pytest.mark.parametrize("leaf", helpers.LEAVES, indirect=True)
# The two whose files differ most.
archetypes = pytest.mark.parametrize("leaf", ["http-mocks", "controller"], indirect=True)


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that has to succeed and return its output."""
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def workflow_file(service: Path) -> Path:
    """Return the service's workflow."""
    return service / f".github/workflows/{service.name}-tests.yml"


def workflow(service: Path) -> dict[str, Any]:
    """Return the service's workflow, parsed."""
    loaded: dict[str, Any] = yaml.safe_load(workflow_file(service).read_text())
    return loaded


def targets_of(leaf: str) -> dict[str, str]:
    """Return the jobs and what they make for a leaf."""
    return {**JOBS, "integration": "envtest test-integration"} if leaf in ENVTEST else JOBS


@pytest.fixture(scope="session")
def gitlab(render: Render) -> Path:
    """Return a service that is built by GitLab."""
    return render(ci="gitlab")


def test_each_forge_gets_its_own_files(service: Path, gitlab: Path, render: Render) -> None:
    neither = render(ci="none")
    assert [workflow_file(folder).exists() for folder in (service, gitlab, neither)] == [True, False, False]
    assert [(folder / ".gitlab-ci.yml").exists() for folder in (service, gitlab, neither)] == [False, True, False]
    assert not (gitlab / ".github").exists()


@archetypes
def test_workflow_passes_actionlint(leaf_service: Path, tool: Callable[[str], Path], tmp_path: Path) -> None:
    run(tool("actionlint"), workflow_file(leaf_service), cwd=tmp_path)


@archetypes
def test_workflow_passes_zizmor(leaf_service: Path) -> None:
    assert "No findings" in run("zizmor", "--offline", "--persona=pedantic", ".", cwd=leaf_service)


def test_zizmor_notices(service: Path, tmp_path: Path) -> None:
    copy = tmp_path / ".github/workflows/tests.yml"
    copy.parent.mkdir(parents=True)
    copy.write_text(workflow_file(service).read_text().replace("persist-credentials: false", "fetch-depth: 0", 1))
    result = subprocess.run(["zizmor", "--offline", "."], cwd=tmp_path, capture_output=True, check=False)
    assert result.returncode != 0


def test_actions_are_pinned(service: Path) -> None:
    text = workflow_file(service).read_text()
    used = re.findall(r"uses: (\S+)(.*)", text)
    assert used
    for action, comment in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action
    pins: dict[str, set[str]] = {}
    for action, _ in used:
        name, _, pin = action.partition("@")
        pins.setdefault(name, set()).add(pin)
    assert all(len(found) == 1 for found in pins.values()), pins


def test_workflow_runs_where_its_check_is_required(service: Path) -> None:
    """In a merge queue, too, and on the branch that git makes where nobody has chosen a name."""
    events = {str(key): value for key, value in workflow(service).items()}["True"]  # as YAML reads the key `on`
    assert events.keys() == {"push", "pull_request", "merge_group"}
    assert {"main", "master"} <= set(events["push"]["branches"])


def test_pipeline_fits_every_architecture(gitlab: Path) -> None:
    assert not re.search(r"amd64|x86_64", (gitlab / ".gitlab-ci.yml").read_text())


def test_workflow_has_least_rights_and_ends(service: Path) -> None:
    loaded = workflow(service)
    assert loaded["permissions"] == {}
    assert loaded["concurrency"]["cancel-in-progress"] is True
    for name, job in loaded["jobs"].items():
        assert job["permissions"] == ({} if name == "ci" else {"contents": "read"}), name
        assert job["timeout-minutes"] <= 30
        assert "latest" not in job["runs-on"]
        for step in job["steps"]:
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False
            if "setup-go" in step.get("uses", ""):
                assert step["with"]["go-version-file"] == "go.mod"


@leaves
def test_workflow_jobs_are_make_targets(leaf: str, leaf_service: Path) -> None:
    jobs = workflow(leaf_service)["jobs"]
    assert set(jobs) == {*JOBS, "ci"}
    for name, target in targets_of(leaf).items():
        assert jobs[name]["steps"][-1 if name not in {"unit", "integration"} else -2]["run"] == f"make {target}"


@pytest.mark.parametrize(
    ("results", "passes"),
    [
        ("success success success success success", True),
        ("success failure success success success", False),
        ("success cancelled success success success", False),
        ("skipped success success success success", False),
        ("success success success success failure", False),
    ],
)
def test_summing_job_passes_only_if_all_did(results: str, passes: bool, service: Path) -> None:
    job = workflow(service)["jobs"]["ci"]
    assert job["if"] == "always()"
    assert set(job["needs"]) == set(JOBS)
    [step] = job["steps"]
    # The shell as the runner starts it.
    command = ["bash", "-e", "-c", step["run"]]
    result = subprocess.run(command, env={"RESULTS": results}, capture_output=True, check=False)
    assert (result.returncode == 0) is passes


@archetypes
def test_gitlab_jobs_are_the_same_targets(leaf: str, render: Render) -> None:
    gitlab = render(ci="gitlab", **helpers.LEAVES[leaf])
    schema = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]
    run("check-jsonschema", *schema, ".gitlab-ci.yml", cwd=gitlab)
    loaded = yaml.safe_load((gitlab / ".gitlab-ci.yml").read_text())
    jobs = {name.replace("image", "build-image"): target for name, target in targets_of(leaf).items()}
    for name, target in jobs.items():
        assert loaded[name]["script"] == [f"make {target}"]
    assert set(loaded["ci"]["needs"]) == set(jobs)
    images = [loaded["default"]["image"], loaded["build-image"]["image"], *loaded["build-image"]["services"]]
    assert all(re.search(r":\d[\w.-]*$", image) and "latest" not in image for image in images)


@pytest.mark.parametrize(
    ("ci", "leaf"),
    [*(("github", leaf) for leaf in helpers.LEAVES), ("gitlab", "http-mocks"), ("gitlab", "controller")],
)
def test_targets_exist(ci: str, leaf: str, render: Render) -> None:
    service = render(**helpers.LEAVES[leaf], **({"ci": ci} if ci != "github" else {}))
    makefiles = "\n".join(path.read_text() for path in [service / "Makefile", *sorted((service / "make").glob("*.mk"))])
    targets = set(re.findall(r"^([\w-]+)\s*:(?!=)", makefiles, re.MULTILINE))
    written = (service / ".gitlab-ci.yml") if ci == "gitlab" else workflow_file(service)
    texts = [written.read_text(), *(path.read_text() for path in (service / "deploy").rglob("*.yaml"))]
    commands = [
        name for text in texts for name in re.findall(r"(?:`|- |run: )make ([a-z][\w-]*(?: [a-z][\w-]*)*)", text)
    ]
    called = {name for command in commands for name in command.split()}
    assert {name for command in targets_of(leaf).values() for name in command.split()} <= called
    assert called <= targets


@pytest.mark.parametrize(
    ("file", "schema"),
    [("renovate.json", "vendor.renovate"), (".github/workflows/orders-tests.yml", "vendor.github-workflows")],
)
def test_file_matches_its_schema(file: str, schema: str, service: Path) -> None:
    run("check-jsonschema", "--builtin-schema", schema, file, cwd=service)


def test_renovate_leaves_the_template_alone(render: Render) -> None:
    managed = {
        ".github/workflows/orders-tests.yml",
        ".gitlab-ci.yml",
        ".pre-commit-config.yaml",
        "Dockerfile",
        "deploy/orders/base/deployment.yaml",
        "deploy/orders/components/monitoring/kustomization.yaml",
        "tools/go.mod",
    }
    ignored = json.loads((render() / "renovate.json").read_text())["ignorePaths"]
    for path in managed:
        assert any(fnmatch(path, pattern) for pattern in ignored), path
    for path in ("go.mod", ".copier-answers.yml", "deploy/orders/overlays/production/kustomization.yaml"):
        assert not any(fnmatch(path, pattern) for pattern in ignored), path


def test_renovate_ignores_only_what_the_template_owns(service: Path) -> None:
    ignored = json.loads((service / "renovate.json").read_text())["ignorePaths"]
    features = yaml.safe_load((Path(__file__).parents[2] / "questions/features.yml").read_text())
    owned = yaml.safe_load(features["feature_map"]["default"].replace("[[ service_name ]]", "orders"))
    patterns = [path.lstrip("/") for owners in owned.values() for path in owners.get("template", [])]
    for path in ignored:
        bare = path.removesuffix("**")
        assert any(bare == pattern or bare.startswith(pattern) for pattern in patterns), path


@pytest.mark.parametrize(
    ("team", "module", "owner"),
    [
        ("platform-team", "example.com/orders", "@platform-team"),
        ("payments", "github.com/acme/orders", "@acme/payments"),
        ("acme/payments", "github.com/other/orders", "@acme/payments"),
    ],
)
def test_code_owner_is_the_team(team: str, module: str, owner: str, render: Render) -> None:
    lines = (render(team=team, module_path=module) / "CODEOWNERS").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [f"* {owner}"]


@archetypes
def test_dockerfile_passes_hadolint(leaf_service: Path) -> None:
    assert run("hadolint", "Dockerfile", cwd=leaf_service) == ""


@pytest.mark.parametrize(("answer", "label"), [("MIT", "MIT"), ("Proprietary", "LicenseRef-Proprietary")])
def test_image_names_its_license(answer: str, label: str, render: Render) -> None:
    assert f'licenses="{label}"' in (render(license=answer) / "Dockerfile").read_text()


@leaves
def test_dockerfile_agrees_with_the_manifests(leaf: str, leaf_service: Path) -> None:
    text = (leaf_service / "Dockerfile").read_text()
    workload = "daemonset" if leaf == "http-envtest-reads" else "deployment"
    loaded = yaml.safe_load((leaf_service / f"deploy/orders/base/{workload}.yaml").read_text())
    spec = loaded["spec"]["template"]["spec"]
    user, group = re.findall(r"^USER (\d+):(\d+)$", text, re.MULTILINE)[-1]
    assert (int(user), int(group)) == (spec["securityContext"]["runAsUser"], spec["securityContext"]["runAsGroup"])
    [exposed] = re.findall(r"^EXPOSE (.*)$", text, re.MULTILINE)
    assert exposed == ("8081 9090" if leaf == "controller" else "8080 8081 9090")
    assert [int(port) for port in exposed.split()] == [port["containerPort"] for port in spec["containers"][0]["ports"]]


def test_docker_build_lets_private_modules_in(service: Path) -> None:
    text = (service / "Dockerfile").read_text()
    builder = text.split("\nFROM ")[1]
    assert "\nARG GOPRIVATE\n" in builder
    assert "--mount=type=secret,id=netrc,target=/build/.netrc" in builder
    assert "go mod download" not in builder, "it would fetch where vendor/ is there"


@archetypes
def test_docker_build_reads_only_code(leaf_service: Path) -> None:
    ignored = (leaf_service / ".dockerignore").read_text().splitlines()
    names = [line for line in ignored if line and not line.startswith("#")]
    assert not [name for name in names if re.search(r"[*!?\[/]", name)], "a pattern that engines read differently"
    assert not {"go.mod", "go.sum", "cmd", "internal", "pkg", "api"} & set(names)
    assert {".git", "deploy", "docs", "test"} <= set(names)


IGNORED = {
    "bin/orders": True,
    "bin/k8s/k8s/1.37.0-linux-amd64/etcd": True,
    "build/image.tar": True,
    "build/reports/unit.json": True,
    "coverage.out": True,
    "deploy/orders/overlays/production/secret.yaml": True,
    "deploy/orders/overlays/production/secret.example.yaml": False,
    "local.mk": False,
    ".copier-answers.yml": False,
    "pkg/orders/store/memory.go": False,
    "pkg/orders/types.go.rej": False,
    "zz.test": True,
    "test/testenv/upstream.go": False,
}


def test_git_ignores_what_is_built(service: Path, tmp_path: Path) -> None:
    run("git", "init", "--quiet", cwd=tmp_path)
    (tmp_path / ".gitignore").write_text((service / ".gitignore").read_text())
    for path, expected in IGNORED.items():
        result = subprocess.run(["git", "check-ignore", "--quiet", path], cwd=tmp_path, check=False)
        assert (result.returncode == 0) is expected, path


@leaves
def test_git_ignores_nothing_that_is_rendered(leaf_service: Path, tmp_path: Path) -> None:
    run("git", "init", "--quiet", cwd=tmp_path)
    (tmp_path / ".gitignore").write_text((leaf_service / ".gitignore").read_text())
    paths = [str(path.relative_to(leaf_service)) for path in leaf_service.rglob("*") if path.is_file()]
    command = ["git", "check-ignore", *paths]
    result = subprocess.run(command, cwd=tmp_path, text=True, capture_output=True, check=False)
    assert result.stdout == ""
