"""Texts in templates, exactly as Django will look them up: found by compiling each template."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.template import Engine, Origin, Template
from django.template.backends.django import get_installed_libraries
from django.template.base import Lexer, Node, TokenType
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from catalog import recording
from catalog.texts import PROJECT, TEMPLATES, Text, Unreadable

SUFFIXES = {".html", ".txt"}
# _("…") as an argument or with a filter.
_CONSTANT = re.compile(r"""_\((?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')\)""")


def template_paths() -> list[Path]:
    return sorted(path for path in TEMPLATES.rglob("*") if path.suffix in SUFFIXES)


def texts_in_templates() -> Iterator[Text]:
    for path in template_paths():
        yield from texts_in(path.read_text(), path.relative_to(PROJECT))


def texts_in(source: str, path: Path) -> Iterator[Text]:
    """Yield one template's texts. Raises Unreadable for one that Django would garble."""
    recording.noted.clear()
    Template(source, origin=Origin(path.as_posix()), name=path.name, engine=_engine())
    for node, line in recording.noted:
        text = _text_of(node, path.as_posix(), line)
        if text:
            yield text
    for token in Lexer(source).tokenize():
        if token.token_type not in (TokenType.BLOCK, TokenType.VAR):
            continue
        for double, single in _CONSTANT.findall(token.contents):
            if "%" in double or "%" in single:
                raise Unreadable(f"{path}:{token.lineno}: Django doubles a % within _(…).")
            yield Text((double or single).replace('\\"', '"'), path.as_posix(), token.lineno or 0)


@cache
def _engine() -> Engine:
    libraries = {**get_installed_libraries(), "i18n": recording.__name__}
    return Engine(libraries=libraries)


def _text_of(node: Node, path: str, line: int) -> Text | None:
    if isinstance(node, TranslateNode):
        literal: Any = getattr(node.filter_expression.var, "literal", None)
        if not isinstance(literal, str):
            return None  # a variable: marked where it was written
        context = _context(node.message_context)
        return Text(literal.replace("%", "%%"), path, line, context=context)
    if not isinstance(node, BlockTranslateNode):
        return None
    plural = node.render_token_list(node.plural)[0] if node.plural else None
    singular = node.render_token_list(node.singular)[0]
    return Text(singular, path, line, plural, _context(node.message_context))


def _context(expression: Any) -> str | None:
    return None if expression is None else str(expression.resolve({}))
