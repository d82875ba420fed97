"""Texts in Python: what is given to gettext and its kin, read from the syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from catalog.texts import PACKAGES, PROJECT, Text, Unreadable

# Each function's arguments that hold text, in order.
PARTS = {
    "gettext": ("singular",),
    "gettext_lazy": ("singular",),
    "gettext_noop": ("singular",),
    "ngettext": ("singular", "plural"),
    "ngettext_lazy": ("singular", "plural"),
    "pgettext": ("context", "singular"),
    "pgettext_lazy": ("context", "singular"),
    "npgettext": ("context", "singular", "plural"),
    "npgettext_lazy": ("context", "singular", "plural"),
}


def texts_in_packages() -> Iterator[Text]:
    """Yield the texts of all packages, without those of tests."""
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("*.py")):
            if "tests" not in path.relative_to(PROJECT).parts:
                yield from texts_in(path.read_text(), path.relative_to(PROJECT))


def texts_in(code: str, path: Path) -> Iterator[Text]:
    """Yield one module's texts. Raises Unreadable for one that is put together."""
    tree = ast.parse(code)
    names = dict(_imported_names(tree))
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        parts = PARTS.get(names.get(node.func.id, ""))
        if parts and (text := _text_of(node.args, parts, path, node.lineno)):
            yield text


def _imported_names(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            for alias in node.names:
                yield alias.asname or alias.name, alias.name


def _text_of(
    arguments: Sequence[ast.expr], parts: Sequence[str], path: Path, line: int
) -> Text | None:
    found = {}
    for name, argument in zip(parts, arguments, strict=False):
        if isinstance(argument, ast.JoinedStr | ast.BinOp):
            raise Unreadable(f"{path}:{line}: a text to translate must stand there as it is.")
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            return None  # a variable: marked where it was written
        found[name] = argument.value
    return Text(path=path.as_posix(), line=line, **found)
