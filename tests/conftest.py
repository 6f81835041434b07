"""Renders services in-process, each set of answers once, away from the user's own settings of git and Copier."""

from __future__ import annotations

import copy
import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from hypothesis import Phase, settings

from tests import helpers
from tests.helpers import Answers, Ask, Once, Render

# The tests that a ring selects, by their markers. Each ring holds the one before it; `slow` is what `all` adds.
RINGS = {"check": "not generated and not update and not slow", "test": "not slow", "slow": "slow", "all": ""}

# `scripts/tools` links here what it builds.
TOOLS = helpers.ROOT / "build/tools"

# What the make that runs this ring tells the makes below it: a service's own make is not one of them.
RING_MAKE = ("MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "MAKELEVEL")

Needs = Callable[..., None]

# Few examples by default, always the same; `HYPOTHESIS_PROFILE=thorough` looks for new ones.
# Making a failing example small takes minutes here, and the answers are small to begin with.
FOUND = (Phase.explicit, Phase.generate)
settings.register_profile("quick", max_examples=60, deadline=None, derandomize=True, database=None, phases=FOUND)
settings.register_profile("thorough", max_examples=1000, deadline=None, database=None, phases=FOUND)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


STARTED = pytest.StashKey[float]()
BUILD_SECONDS = 1800


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--ring", choices=RINGS, help="run the tests of one ring, and print its name and time at the end")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[STARTED] = time.monotonic()
    if ring := config.getoption("--ring"):
        config.option.markexpr = RINGS[ring]
    os.environ["PATH"] = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
    for name in RING_MAKE:
        os.environ.pop(name, None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use a program built with Go, and give those that build more time than the others.

    With empty caches, the first of them compiles every dependency.
    """
    for item in items:
        if {"tool", "api_server"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("generated")
        if item.get_closest_marker("generated"):
            item.add_marker(pytest.mark.timeout(BUILD_SECONDS))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """List the tests that didn't run, each with its reason, and close with the ring's counts and time."""
    skipped = terminalreporter.stats.get("skipped", [])
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        terminalreporter.write_line(f"not run: {report.nodeid}: {reason.removeprefix('Skipped: ')}")
    counts = {name: len(terminalreporter.stats.get(name, ())) for name in ("passed", "failed", "error")}
    counts["not run"] = len(skipped)
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "no tests"
    seconds = time.monotonic() - config.stash[STARTED]
    terminalreporter.write_line(f"ring {config.getoption('--ring') or 'chosen by hand'}: {told} in {seconds:.0f} s")


@pytest.fixture(scope="session")
def needs() -> Needs:
    """Return a function that skips a test where packages of the system are missing; in CI it fails."""

    def run(*programs: str) -> None:
        if missing := " ".join(program for program in programs if not shutil.which(program)):
            stop = pytest.fail if os.environ.get("CI") else pytest.skip
            stop(f"programs are missing: apt-get install {missing}")

    return run


@pytest.fixture(scope="session")
def tool() -> Callable[[str], Path]:
    """Return a function that finds a program which `make tools` builds; tests don't build it, since that takes long."""

    def find(name: str) -> Path:
        if not (TOOLS / name).exists():
            pytest.fail(f"{name} is not built: run `make tools`", pytrace=False)
        return TOOLS / name

    return find


@pytest.fixture(scope="session", autouse=True)
def isolation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's git settings and other workers' Copier cache out."""
    home = tmp_path_factory.mktemp("settings")
    config = home / "gitconfig"
    config.write_text(
        "[user]\nname = Tester\nemail = tester@example.com\n[init]\ndefaultBranch = main\n"
        "[safe]\ndirectory = *\n[maintenance]\nauto = false\n"
    )
    (home / "settings.yml").write_text("{}\n")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("GIT_", "COPIER_"))]:
            patch.delenv(name)
        patch.setenv("GIT_CONFIG_GLOBAL", str(config))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("COPIER_CACHE_DIR", str(home / "copier"))
        patch.setenv("COPIER_SETTINGS_PATH", str(home / "settings.yml"))
        yield


@pytest.fixture(scope="session", autouse=True)
def memory() -> Iterator[None]:
    """Remember compiled templates and parsed YAML: Copier compiles and parses the same questions for each case."""
    compiled: dict[object, object] = {}
    parsed: dict[str, object] = {}
    compile_template, parse = jinja2.Environment.compile, yaml.safe_load

    def remembered_compile(self: jinja2.Environment, source: Any, *arguments: Any, **options: Any) -> Any:
        if not isinstance(source, str):
            return compile_template(self, source, *arguments, **options)
        syntax = (type(self), self.variable_start_string, self.block_start_string, *sorted(self.extensions))
        key = (source, arguments, *sorted(options.items()), syntax)
        if key not in compiled:
            compiled[key] = compile_template(self, source, *arguments, **options)
        return compiled[key]

    def remembered_parse(stream: Any) -> Any:
        if not isinstance(stream, str):
            return parse(stream)
        if stream not in parsed:
            parsed[stream] = parse(stream)
        return copy.deepcopy(parsed[stream])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja2.Environment, "compile", remembered_compile)
        patch.setattr(yaml, "safe_load", remembered_parse)
        yield


@pytest.fixture(scope="session")
def once(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Return a function that makes a folder by its key, once for all workers of a run."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"

    def run(key: str, make: Callable[[Path], object]) -> Path:
        folder = shared / hashlib.sha256(key.encode()).hexdigest()[:12]
        folder.mkdir(parents=True, exist_ok=True)
        made = folder / "made"
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "done").exists():
                shutil.rmtree(made, ignore_errors=True)
                make(made)
                (folder / "done").touch()
        return made

    return run


@pytest.fixture(scope="session")
def template(once: Once) -> Path:
    """A repository with the working tree, uncommitted changes included, tagged v0.1.0. It is only read."""
    return once("template", helpers.snapshot)


@pytest.fixture(scope="session")
def render(template: Path, once: Once) -> Render:
    """Render a service into a folder of its name, or the one given."""

    def run(folder: str | None = None, /, **answers: object) -> Path:
        if folder is None:
            answers = {"service_name": "orders", **answers}
        name = folder or str(answers["service_name"])
        key = json.dumps([folder, answers], sort_keys=True)
        return once(key, lambda made: helpers.copy(template, made / name, answers)) / name

    return run


@pytest.fixture(scope="session")
def service(render: Render) -> Path:
    """The default service, named orders."""
    return render()


@pytest.fixture(scope="session", params=helpers.EXAMPLES, ids=lambda path: path.stem)
def example(request: pytest.FixtureRequest, render: Render) -> Path:
    """Each example's service."""
    return render(**helpers.read_answers(request.param))


@pytest.fixture(scope="session")
def ask(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Answer the questions and return all values, derived ones included, without rendering a service.

    The answers go to Copier as they are; `folder` names the folder that is copied to.
    """
    source = tmp_path_factory.mktemp("questions")
    for name in ("questions", "locks"):
        shutil.copytree(helpers.ROOT / name, source / name)
    shutil.copy2(helpers.ROOT / "copier.yml", source)
    (source / "template").mkdir()
    values = ", ".join(f"'{name}': {name}" for name in helpers.questions())
    (source / "template/values.json.jinja").write_text(f"[[ {{{values}}} | to_json ]]")
    answers_file = "[[ _copier_conf.answers_file ]].jinja"
    shutil.copy2(helpers.ROOT / "template" / answers_file, source / "template" / answers_file)

    def run(folder: str = "orders", **answers: object) -> Answers:
        target = tmp_path_factory.mktemp("answered") / folder
        try:
            helpers.copy(source, target, answers)
            values: dict[str, Any] = json.loads((target / "values.json").read_text(encoding="utf-8"))
            assert helpers.read_answers(target / ".copier-answers.yml").items() <= values.items()
        except ValueError:
            assert not target.exists(), "a refused answer left files behind"
            raise
        finally:
            shutil.rmtree(target.parent)
        return values

    return run
