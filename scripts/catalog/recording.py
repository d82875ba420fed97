"""Django's i18n tags, which note what they are given. Loaded in place of its own by an engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.template import Library
from django.template.base import Node, Parser, Token
from django.templatetags import i18n

register = Library()
register.filters.update(i18n.register.filters)
register.tags.update(i18n.register.tags)

# Nodes of the template that is being read, with their lines.
noted: list[tuple[Node, int]] = []


def _noting(compile_tag: Callable[..., Any]) -> Callable[[Parser, Token], Node]:
    def compile_and_note(parser: Parser, token: Token) -> Node:
        line = token.lineno or 0
        node: Node = compile_tag(parser, token)
        noted.append((node, line))
        return node

    return compile_and_note


for name in ("translate", "trans", "blocktranslate", "blocktrans"):
    register.tag(name, _noting(i18n.register.tags[name]))
