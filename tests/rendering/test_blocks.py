"""A conditional chooses a name or a value: files with conditional blocks are exceptions, and each has its reason."""

from __future__ import annotations

import re

from tests import helpers

BLOCK = re.compile(r"^[^\n#]*?\[%[-+]? *(?:if|elif|else)\b[^\n]*", re.MULTILINE)
# A conditional that opens and closes in its line chooses a value.
VALUE = re.compile(r"\[%[-+]? *if\b.*\[%[-+]? *endif\b")

CONFIG = "[[ with.controller ]]/config/"
DEPLOY = "deploy/[[ service_name ]]/"
MANIFEST = "a manifest is one document, and kustomize patches would hide what is deployed"
REASONS = {
    ".gremlins.yaml.jinja": "a tool's own file, which has no includes",
    ".pre-commit-config.yaml.jinja": "the hooks depend on where the template was copied from",
    "CODEOWNERS.jinja": "owners exist only where their paths do",
    "renovate.json.jinja": "a tool's own file, which has no includes",
    f"{DEPLOY}base/[[ workload ]].yaml.jinja": MANIFEST,
    f"{DEPLOY}base/kustomization.yaml.jinja": MANIFEST,
    f"{DEPLOY}base/networkpolicy.yaml.jinja": MANIFEST,
    f"{DEPLOY}base/serviceaccount.yaml.jinja": MANIFEST,
    f"{DEPLOY}components/monitoring/alerts_test.yaml.jinja": MANIFEST,
    f"{DEPLOY}components/monitoring/prometheusrule.yaml.jinja": MANIFEST,
    f"{DEPLOY}overlays/kind/config.yaml.jinja": MANIFEST,
    f"{DEPLOY}overlays/kind/kustomization.yaml.jinja": MANIFEST,
    f"{DEPLOY}overlays/production/config.yaml.jinja": MANIFEST,
    f"{DEPLOY}overlays/production/kustomization.yaml.jinja": MANIFEST,
    f"{DEPLOY}overlays/production/secret.example.yaml.jinja": MANIFEST,
    f"[[ with.http ]]/{DEPLOY}base/service.yaml.jinja": MANIFEST,
    f"[[ with.kubernetes ]]/{DEPLOY}base/rolebinding.yaml.jinja": MANIFEST,
    f"{CONFIG}crd/bases/[[ api_group ]]_[[ resource_plural ]].yaml.jinja": "as controller-gen writes",
    f"{CONFIG}rbac/role.yaml.jinja": "as controller-gen writes",
    "[[ with.http ]]/config/development.yaml.jinja": "settings of the discovery stand beside the channels",
}


def test_blocks_are_exceptions() -> None:
    template = helpers.ROOT / "template"
    found = set()
    for name in helpers.files(template):
        lines = BLOCK.findall((template / name).read_text(encoding="utf-8"))
        if any(not VALUE.search(line) for line in lines):
            found.add(name)
    helpers.expect_none(sorted(found - REASONS.keys()), "Write a file per feature, or choose a name.")
    helpers.expect_none(sorted(REASONS.keys() - found), "No longer an exception: take it out of the list.")
    assert len(REASONS) <= 25
    assert [name for name in found if ".go" in name or name.endswith(".mk.jinja")] == []
