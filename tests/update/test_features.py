"""The lines of questions/features.yml that gate files, tried on a template of a few lines.

The template has one feature, and a second one that an answer adds later. Copier runs the very text of `_exclude`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from copier import VcsRef

from tests import helpers

pytestmark = pytest.mark.update

SETTINGS = """
{settings}
extra:
  type: bool
  default: false
features:
  type: yaml
  when: false
  default: |
    - core
    [% if extra %]
    - extra
    [% endif %]
fixed_answers: {{type: yaml, when: false, default: "[extra]"}}
repeated_answers: {{type: yaml, when: false, default: "{{}}"}}
feature_map:
  type: yaml
  when: false
  default: |
    core:
      template: [/.copier-answers.yml, /shared.txt]
      yours: [/core.txt, /mixed/]
    extra:
      template: [/extra.mk]
      yours: [/extra/, /mixed/extra.txt]
"""

FILES = {
    "core.txt": "core\n",
    "shared.txt": "shared\n",
    "extra.mk": "extra\n",
    "extra/a.txt": "a\n",
    "extra/b.txt": "b\n",
    "mixed/core.txt": "core\n",
    "mixed/extra.txt": "extra\n",
}
BASE = {"core.txt": "core\n", "shared.txt": "shared\n", "mixed/core.txt": "core\n"}


def stored(name: str) -> str:
    """Return where the template keeps a file: those of the second feature in its folder."""
    return f"[[ with.extra ]]/{name}" if "extra" in name else name


@pytest.fixture
def small(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    answers_file = "[[ _copier_conf.answers_file ]].jinja"
    source = (helpers.ROOT / "template" / answers_file).read_text()
    write(folder, {f"template/{answers_file}": source})
    write(folder / "template", {stored(name): text for name, text in FILES.items()})
    main = (helpers.ROOT / "copier.yml").read_text()
    settings = main[: main.index("---\n")]
    text = (helpers.ROOT / "questions/features.yml").read_text()
    with_, exclude = (re.search(rf"^{key}:\n(?:  .*\n)+", text, re.MULTILINE) for key in ("with", "_exclude"))
    assert with_
    assert exclude
    (folder / "copier.yml").write_text(SETTINGS.format(settings=settings + exclude[0]) + with_[0])
    helpers.commit(folder, "first", "v1.0.0")
    return folder


@pytest.fixture
def release(small: Path) -> Callable[..., None]:
    """Return a function that releases the template with files changed, or taken away."""

    def run(tag: str, changes: dict[str, str | None]) -> None:
        write(small / "template", {stored(name): text for name, text in changes.items()})
        helpers.commit(small, tag, tag)

    return run


@pytest.fixture
def service(small: Path, tmp_path: Path) -> Path:
    target = helpers.copy(small, tmp_path / "service", vcs_ref="v1.0.0")
    helpers.commit(target)
    return target


def write(folder: Path, changes: dict[str, str | None]) -> None:
    for name, text in changes.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_text(text)


def shown(service: Path) -> dict[str, str]:
    found = {name: (service / name).read_text() for name in helpers.files(service)}
    del found[".copier-answers.yml"]
    return found


def scaffolded(service: Path) -> list[str]:
    listed: list[str] = yaml.safe_load((service / ".copier-answers.yml").read_text())["scaffolded"]
    return listed


def test_feature_that_is_off_has_no_files(service: Path) -> None:
    assert shown(service) == BASE
    assert scaffolded(service) == ["core"]


def test_feature_that_is_added_later_brings_its_files_once(service: Path, release: Callable[..., None]) -> None:
    write(service, {"core.txt": "ours\n", "mixed/core.txt": None})
    helpers.commit(service)
    release("v1.1.0", {"core.txt": "core 2\n", "shared.txt": "shared 2\n", "mixed/core.txt": "core 2\n"})
    helpers.update(service, {"extra": True})
    # The files of the team's that come with the feature are there, also in a folder of another feature's; the ones
    # that came earlier are as they were.
    expected = {**FILES, "core.txt": "ours\n", "shared.txt": "shared 2\n"}
    del expected["mixed/core.txt"]
    assert shown(service) == expected
    assert scaffolded(service) == ["core", "extra"]

    write(service, {"extra/a.txt": "ours\n", "extra/b.txt": None})
    helpers.commit(service)
    release("v1.2.0", {"extra/a.txt": "a 3\n", "extra/b.txt": "b 3\n", "extra/c.txt": "c 3\n", "extra.mk": "extra 3\n"})
    helpers.update(service)
    # From then on they are never changed, re-created or added to.
    del expected["extra/b.txt"]
    assert shown(service) == {**expected, "extra.mk": "extra 3\n", "extra/a.txt": "ours\n"}


def test_file_that_the_template_drops_stays(service: Path, release: Callable[..., None]) -> None:
    write(service, {"core.txt": "ours\n"})
    helpers.commit(service)
    release("v1.1.0", {"core.txt": None, "shared.txt": None})
    helpers.update(service)
    assert shown(service) == {"core.txt": "ours\n", "mixed/core.txt": "core\n"}


def test_feature_that_is_taken_away_leaves_what_is_the_teams(service: Path, release: Callable[..., None]) -> None:
    helpers.update(service, {"extra": True}, vcs_ref=VcsRef.CURRENT)
    helpers.commit(service)
    write(service, {"extra/a.txt": "ours\n"})
    helpers.commit(service)
    helpers.update(service, {"extra": False}, vcs_ref=VcsRef.CURRENT)
    assert shown(service) == {name: text for name, text in FILES.items() if name != "extra.mk"} | {
        "extra/a.txt": "ours\n"
    }
    # Taken up again, it finds the team's files and leaves them.
    helpers.commit(service)
    helpers.update(service, {"extra": True}, vcs_ref=VcsRef.CURRENT)
    assert shown(service) == {**FILES, "extra/a.txt": "ours\n"}


def test_copy_with_an_answers_file_of_another_service_is_whole(small: Path, service: Path, tmp_path: Path) -> None:
    answers = yaml.safe_load((service / ".copier-answers.yml").read_text())
    assert shown(helpers.copy(small, tmp_path / "other", answers)) == shown(service)
