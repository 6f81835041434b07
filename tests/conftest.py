"""Renders services in-process, each set of answers once, away from the user's own settings of git and Copier."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

from tests import helpers
from tests.helpers import Answers, Ask, Once, Render

# Few examples by default, always the same; `HYPOTHESIS_PROFILE=thorough` looks for new ones.
# Making a failing example small takes minutes here, and the answers are small to begin with.
FOUND = (Phase.explicit, Phase.generate)
settings.register_profile("quick", max_examples=60, deadline=None, derandomize=True, database=None, phases=FOUND)
settings.register_profile("thorough", max_examples=1000, deadline=None, database=None, phases=FOUND)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


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
