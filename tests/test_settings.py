"""`.env.example` and the settings agree on the variables, and on their defaults."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
EXAMPLE = dict(
    re.findall(r"^([A-Z_]+)=(.*)$", (PROJECT / ".env.example").read_text(), re.MULTILINE)
)
# Examples of what to set, where the default is nothing, or depends on other variables.
EXAMPLES = {"APP_ENV", "ALLOWED_HOSTS", "CACHE_URL", "HTTPS", "VAR_DIR", "WEB_CONCURRENCY"}


def reads() -> Iterator[tuple[str, ast.expr | None]]:
    """Yield each variable that the settings read by `env`, and the expression of its default."""
    tree = ast.parse((PROJECT / "config" / "settings.py").read_text())
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "env"
        ):
            [name] = node.args
            assert isinstance(name, ast.Constant)
            defaults = [k.value for k in node.keywords if k.arg == "default"]
            yield str(name.value), defaults[0] if defaults else None


def test_every_variable_of_the_settings_is_in_the_example() -> None:
    names = {name for name, _ in reads()}
    assert len(names) > 20
    assert names <= EXAMPLE.keys()


def test_every_variable_of_the_example_is_read_somewhere() -> None:
    files = [
        *(PROJECT / "config").rglob("*.py"),
        *(PROJECT / "docker").iterdir(),
        *(PROJECT / "tests").rglob("conftest.py"),
        *(PROJECT / name for name in ("conftest.py", "manage.py", "docker-compose.yml")),
    ]
    text = "\n".join(path.read_text() for path in files)
    assert {name for name in EXAMPLE if not re.search(rf"\b{name}\b", text)} == set()


def test_defaults_are_those_of_the_example() -> None:
    defaults = {
        name: str(default.value)
        for name, default in reads()
        if isinstance(default, ast.Constant) and name not in EXAMPLES
    }
    assert len(defaults) > 15
    shown = {name: EXAMPLE[name] for name in defaults}
    assert {name: value.lower() for name, value in defaults.items()} == {
        name: value.lower() for name, value in shown.items()
    }


def test_every_variable_can_be_set_but_has_a_default() -> None:
    assert [name for name, default in reads() if default is None] == []
