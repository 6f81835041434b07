"""What each service may do in its cluster: the Role, the code that asks for it and the document that says why."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests import helpers

from . import checks

Build = Callable[[Path], list[checks.Object]]

leaves = pytest.mark.parametrize("leaf", helpers.LEAVES, indirect=True)
with_rights = pytest.mark.parametrize("leaf", [leaf for leaf in helpers.LEAVES if leaf != "http-mocks"], indirect=True)
controllers = pytest.mark.parametrize("leaf", ["controller"], indirect=True)

RIGHTS = {
    "http-mocks": "",
    "http-fake-client": "services: list watch",
    "http-envtest-reads": "pods: list watch",
    "http-envtest-writes": "configmaps: get list create update delete",
}


def core_rights(text: str) -> set[checks.Right]:
    """Return rights of the core group, written as `resource: verbs`."""
    resource, _, verbs = text.partition(": ")
    return {("", resource, "", verb) for verb in verbs.split()}


def role_rights(objects: list[checks.Object]) -> set[checks.Right]:
    """Return what the Roles among the objects allow."""
    return {right for role in checks.of_kind(objects, "Role") for right in checks.rights_of(role["rules"])}


def markers(code: str) -> Iterator[dict[str, str]]:
    """Yield the fields of each marker from which controller-gen makes a rule."""
    for line in re.findall(r"^// \+kubebuilder:rbac:(.+)$", code, re.MULTILINE):
        yield dict(field.split("=", 1) for field in line.split(","))


def marked_rights(code: str) -> set[checks.Right]:
    """Return what the markers ask for."""
    rules = []
    for fields in markers(code):
        rule = {"apiGroups": fields["groups"], "resources": fields["resources"], "verbs": fields["verbs"]}
        if "resourceNames" in fields:
            rule["resourceNames"] = fields["resourceNames"]
        rules.append({key: value.split(";") for key, value in rule.items()})
    return set(checks.rights_of(rules))


def controller_code(service: Path) -> str:
    """Return the code of the controller's package."""
    return "".join(path.read_text() for path in sorted((service / "pkg" / service.name / "controller").glob("*.go")))


def table(text: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table under a heading, or behind any other text, without its head."""
    lines = text.partition(heading)[2].splitlines()
    start = next(number for number, line in enumerate(lines) if re.fullmatch(r"\|[-|]+\|", line))
    rows = []
    for line in lines[start + 1 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def documented_rights(readme: str) -> set[checks.Right]:
    """Return what the table of the rights says."""
    found = set()
    for group, resource, verbs, why in table(readme, "\n### Rights\n"):
        assert why
        [kind, *names] = re.findall(r"`([^`]+)`", resource)
        for verb in re.findall(r"`([^`]+)`", verbs):
            found.add(("" if group == "core" else group.strip("`"), kind, names[0] if names else "", verb))
    return found


@leaves
def test_rights_are_what_the_leaf_needs(leaf: str, leaf_service: Path, objects: list[checks.Object]) -> None:
    wanted = marked_rights(controller_code(leaf_service)) if leaf == "controller" else core_rights(RIGHTS[leaf])
    assert role_rights(objects) == wanted


@controllers
def test_controller_asks_for_its_resources_lease_and_events(leaf_service: Path) -> None:
    assert {right[:3] for right in marked_rights(controller_code(leaf_service))} == {
        ("orders.example.com", "notifications", ""),
        ("orders.example.com", "notifications/status", ""),
        ("coordination.k8s.io", "leases", ""),
        ("coordination.k8s.io", "leases", "orders"),
        ("events.k8s.io", "events", ""),
    }


@controllers
def test_markers_are_for_the_services_namespace(leaf_service: Path) -> None:
    found = [fields.get("namespace") for fields in markers(controller_code(leaf_service))]
    assert found == ["orders"] * 5


@controllers
def test_generated_role_is_the_markers(leaf_service: Path) -> None:
    generated = helpers.documents(leaf_service / "config/rbac/role.yaml")
    assert role_rights(generated) == marked_rights(controller_code(leaf_service))


@with_rights
def test_rights_are_documented(leaf_service: Path, build: Build) -> None:
    readme = (leaf_service / "docs/services/orders/README.md").read_text()
    assert documented_rights(readme) == role_rights(build(leaf_service / "deploy/orders/base"))


def test_service_without_rights_documents_none(service: Path) -> None:
    assert "### Rights" not in (service / "docs/services/orders/README.md").read_text()


def test_markers_are_read() -> None:
    code = "// +kubebuilder:rbac:groups=a;b,namespace=n,resources=c,resourceNames=d,verbs=get;list\n"
    assert marked_rights(code) == {(group, "c", "d", verb) for group in "ab" for verb in ("get", "list")}


def test_documented_rights_are_read() -> None:
    text = "\n### Rights\n\n| a | b | c | d |\n|---|---|---|---|\n| core | `x`, only `y` | `get`, `list` | why |\n"
    assert documented_rights(text) == {("", "x", "y", "get"), ("", "x", "y", "list")}


@pytest.fixture
def crd(render: Callable[..., Path]) -> checks.Object:
    """Return the controller's one CRD, as it is generated."""
    [path] = (render(**helpers.LEAVES["controller"]) / "config/crd/bases").glob("*.yaml")
    [found] = helpers.documents(path)
    assert isinstance(found, dict)
    return found


@pytest.fixture
def version(crd: checks.Object) -> checks.Object:
    """Return the CRD's one version."""
    [found] = crd["spec"]["versions"]
    assert isinstance(found, dict)
    return found


@pytest.fixture
def reference(render: Callable[..., Path]) -> str:
    """Return the page that describes the CRD's fields."""
    folder = render(**helpers.LEAVES["controller"]) / "docs/services/orders/implementation/design"
    return (folder / "01-notification-validation.md").read_text()


def properties(version: checks.Object, *path: str) -> checks.Object:
    """Return the schema of a part of the resource."""
    schema = version["schema"]["openAPIV3Schema"]
    for name in path:
        schema = schema["properties"][name]
        schema = schema.get("items", schema)
    assert isinstance(schema, dict)
    return schema


def fields(rows: list[list[str]]) -> list[str]:
    """Return the names in a table's first column."""
    return [row[0].strip("`").removesuffix("[]") for row in rows]


@pytest.mark.parametrize(
    ("heading", "path"),
    [
        ("\n## Spec", ["spec"]),
        ("\n## Status", ["status"]),
        ("| Field of `deliveries[]`", ["status", "deliveries"]),
    ],
    ids=["spec", "status", "deliveries"],
)
def test_every_field_is_in_the_reference(heading: str, path: list[str], version: checks.Object, reference: str) -> None:
    written = fields(table(reference, heading))
    assert sorted(written) == sorted(properties(version, *path)["properties"])


def test_reference_knows_what_is_required_and_what_is_default(version: checks.Object, reference: str) -> None:
    spec = properties(version, "spec")
    for field, _, required, default, *_ in table(reference, "\n## Spec"):
        name = field.strip("`")
        assert required == ("yes" if name in spec["required"] else "no"), name
        told = re.findall(r"`([^`]+)`", default)
        assert told == [value for key, value in spec["properties"][name].items() if key == "default"], name


def test_reference_has_the_values_of_enumerations(version: checks.Object, reference: str) -> None:
    for name, schema in properties(version, "spec")["properties"].items():
        [row] = [row for row in table(reference, "\n## Spec") if row[0] == f"`{name}`"]
        for value in schema.get("enum", []):
            assert f"`{value}`" in row[4]


def test_columns_are_those_that_people_look_for(version: checks.Object, reference: str) -> None:
    columns = [[column["name"], f"`{column['jsonPath']}`"] for column in version["additionalPrinterColumns"]]
    assert [name for name, _ in columns] == ["Phase", "Ready", "Age"]
    assert table(reference, "\n## Printer columns") == columns


def test_status_is_a_subresource(version: checks.Object) -> None:
    assert version["subresources"] == {"status": {}}
    assert (version["served"], version["storage"]) == (True, True)


def test_resource_is_named_by_the_answers(crd: checks.Object) -> None:
    assert crd["metadata"]["name"] == "notifications.orders.example.com"
    assert crd["spec"]["group"] == "orders.example.com"
    assert crd["spec"]["scope"] == "Namespaced"
    names = {
        "kind": "Notification",
        "listKind": "NotificationList",
        "plural": "notifications",
        "singular": "notification",
    }
    assert crd["spec"]["names"] == names


def test_samples_are_of_the_resource(crd: checks.Object, render: Callable[..., Path]) -> None:
    folder = render(**helpers.LEAVES["controller"]) / "config/samples"
    paths = sorted(folder.rglob("*.yaml"))
    assert {"full.yaml", "minimal.yaml"} < {path.name for path in paths}
    [version] = crd["spec"]["versions"]
    wanted = {
        "apiVersion": f"{crd['spec']['group']}/{version['name']}",
        "kind": crd["spec"]["names"]["kind"],
    }
    helpers.expect_none(
        path for path in paths for sample in helpers.documents(path) if not wanted.items() <= sample.items()
    )


def test_full_sample_has_every_field(version: checks.Object, render: Callable[..., Path]) -> None:
    sample = yaml.safe_load((render(**helpers.LEAVES["controller"]) / "config/samples/full.yaml").read_text())
    assert set(sample["spec"]) == set(properties(version, "spec")["properties"])
