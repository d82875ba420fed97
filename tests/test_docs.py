"""What the documentation says is so: links, settings, paths, commands, examples."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.test import Client

from config import checks
from config.openapi import document
from dashboard.seeding import seed_installation
from experiments.keeper import keeper
from experiments.tests.factories import make_token
from tests.examples import Story, examples_of

PROJECT = Path(__file__).resolve().parent.parent
DOCS = PROJECT / "docs"
OUR_APPS = ("config", "experiments", "metrics", "landing", "dashboard")
NOT_OURS = {"var", "vendor", "build", "node_modules", "__pycache__", "htmlcov"}
TEXTS = {".md", ".py", ".html", ".js", ".css", ".toml", ".txt", ".yml", ".sh", ".sql", ""}
# Not written out, so that this file isn't the one that names them.
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("proxy", "golang", "org"),
        ("deb", "debian", "org"),
    )
]

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^(?:```|~~~).*?^(?:```|~~~)$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]+`")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


def our_files() -> Iterator[Path]:
    folders = [PROJECT]
    while folders:
        for path in folders.pop().iterdir():
            if path.is_dir():
                is_hidden = path.name.startswith(".") and path.name != ".ci"
                if not is_hidden and path.name not in NOT_OURS:
                    folders.append(path)
            elif path.suffix in TEXTS and path.name not in {".env", ".coverage"}:
                yield path


def named(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


PAGES = sorted(path for path in our_files() if path.suffix == ".md")


@cache
def anchors_of(page: Path) -> set[str]:
    """Return the names by which a page's headings can be linked to."""
    headings = _HEADING.findall(_FENCED.sub("", page.read_text()))
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    text = _CODE.sub("", _FENCED.sub("", page.read_text()))
    broken = []
    for link in _LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            broken.append(link)
    assert broken == []


def test_index_leads_to_every_page() -> None:
    index = (DOCS / "README.md").read_text()
    pages = [path for path in DOCS.glob("*.md") if path.name != "README.md"]
    assert [path.name for path in pages if f"]({path.name})" not in index] == []


def test_every_decision_has_its_parts_and_its_row() -> None:
    index = (DOCS / "adr/README.md").read_text()
    decisions = sorted((DOCS / "adr").glob("0*.md"))
    for number, path in enumerate(decisions, start=1):
        text = path.read_text()
        title = text.splitlines()[0].removeprefix(f"# {number}. ")
        assert path.name.startswith(f"{number:04d}-")
        assert f"| [{number:04d}]({path.name}) | {title} |" in index
        assert re.search(r"^Status: (proposed|accepted|replaced)", text, re.MULTILINE), path.name
        parts = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert parts == ["Context", "Decision", "Consequences"], path.name
    assert len(decisions) == len(re.findall(r"^\| \[\d{4}\]", index, re.MULTILINE))


def test_every_variable_is_documented_with_its_default() -> None:
    rows = _variables_documented()
    listed = re.findall(r"^([A-Z][A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(listed)
    wrong = {
        name: rows.get(name, "(no row)")
        for name, default in _variables_of_settings().items()
        if name not in rows or (default is not None and f"`{default}`" not in rows[name])
    }
    assert wrong == {}


def _variables_documented() -> dict[str, str]:
    """Return {variable: the cell with its default} of docs/configuration.md."""
    lines = (DOCS / "configuration.md").read_text().splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| `")]
    assert {len(row) for row in cells} == {4}
    return {row[0].strip("`"): row[2] for row in cells}


def _variables_of_settings() -> dict[str, str | None]:
    """Return what config/settings.py reads, with the default where it is a plain value."""
    found: dict[str, str | None] = {}
    for node in ast.walk(ast.parse((PROJECT / "config/settings.py").read_text())):
        if not (isinstance(node, ast.Call) and ast.unparse(node.func).startswith("env.")):
            continue
        name = ast.literal_eval(node.args[0])
        found.setdefault(name, None)
        for keyword in node.keywords:
            if keyword.arg == "default" and isinstance(keyword.value, ast.Constant):
                value = keyword.value.value
                plain = str(value).lower() if isinstance(value, bool) else str(value)
                found[name] = plain if value != "" else None
    assert "SECRET_KEY" in found
    # The address of a cache in local memory is Django's word for having none.
    found["CACHE_URL"] = None
    return found


def test_every_path_of_the_api_is_documented() -> None:
    text = (DOCS / "api.md").read_text()
    calls = {
        f"`{method.upper()} {path}`"
        for path, operations in document()["paths"].items()
        for method in operations
    }
    assert sorted(call for call in calls if call not in text) == []
    headings = set(re.findall(r"^### (`[A-Z]+ .+`)$", text, re.MULTILINE))
    assert sorted(headings - calls) == []


def test_every_command_of_ours_is_documented_with_its_options() -> None:
    text = (DOCS / "operations.md").read_text()
    ours = {name: app for name, app in get_commands().items() if app in OUR_APPS}
    assert "seed" in ours
    missing = []
    for name, app in ours.items():
        if f"### `{name}" not in text:
            missing.append(name)
            continue
        section = text.partition(f"### `{name}")[2].partition("\n## ")[0].partition("\n### ")[0]
        command = load_command_class(app, name)
        parser = command.create_parser("manage.py", name)
        inherited = {*command.base_stealth_options, *_options_of_every_command()}
        own = {flag for action in parser._actions for flag in action.option_strings}
        missing += [f"{name} {flag}" for flag in own - inherited if f"`{flag}" not in section]
    assert missing == []


def _options_of_every_command() -> set[str]:
    parser = load_command_class("django.core", "check").create_parser("manage.py", "check")
    common = {flag for action in parser._actions for flag in action.option_strings}
    return common | {"--skip-checks"}


def test_commands_in_the_pages_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    commands = set(get_commands())
    unknown = []
    for page in PAGES:
        text = page.read_text()
        made = re.findall(r"(?:`|^|&& )make ([a-z]+)", text, re.MULTILINE)
        managed = re.findall(r"manage\.py ([a-z_]+)", text)
        unknown += [f"{named(page)}: make {name}" for name in made if name not in targets]
        unknown += [f"{named(page)}: manage.py {name}" for name in managed if name not in commands]
    assert unknown == []


def test_every_check_of_ours_is_documented() -> None:
    ids = set(re.findall(r'"(plainsplit\.[EW]\d+)"', Path(checks.__file__).read_text()))
    assert ids
    text = (DOCS / "deployment.md").read_text()
    assert sorted(name for name in ids if f"`{name}`" not in text) == []


def test_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert project["version"] == settings.VERSION
    assert f"## [{settings.VERSION}]" in (PROJECT / "CHANGELOG.md").read_text()


def test_nothing_names_a_package_registry() -> None:
    found = [
        f"{named(path)}: {host}"
        for path in our_files()
        for host in REGISTRY_HOSTS
        if host in path.read_text(errors="ignore")
    ]
    assert found == []


@pytest.mark.skipif(len(PROJECT.parts) < 3, reason="so short a path may stand anywhere")
def test_pages_hold_no_path_of_this_machine() -> None:
    assert [named(page) for page in PAGES if str(PROJECT) in page.read_text()] == []


@pytest.mark.django_db
def test_examples_of_the_api_are_answered_as_printed(client: Client) -> None:
    seed_installation()
    keeper.refresh()
    _, token = make_token()
    story = Story()
    examples = examples_of(DOCS / "api.md")
    for example in examples:
        response = client.generic(
            example.method,
            story.translate(example.path),
            story.translate(example.body).encode(),
            content_type="application/json",
            headers={n: v.replace("$TOKEN", token) for n, v in example.headers.items()},
        )
        assert response.status_code == example.status, f"{example}: {response.content.decode()}"
        difference = story.difference(example.answer, response.json())
        assert difference == "", f"{example}: {difference}"
    # Each call of the API is shown, but for the description itself.
    shown = {(e.method, re.sub(r"/[0-9a-f-]{36}", "/{id}", e.path.split("?")[0])) for e in examples}
    described = {
        (method.upper(), path)
        for path, operations in document()["paths"].items()
        for method in operations
    }
    assert described - shown == {("GET", "/api/openapi.json")}
