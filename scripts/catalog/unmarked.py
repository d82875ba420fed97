"""Words that people would read and no catalog could translate: text in templates without a mark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from django.template.base import Lexer, Token, TokenType

# Two letters: a unit such as "%", or a dash, is nobody's word.
_WORD = re.compile(r"[A-Za-z]{2}")
# Names and abbreviations, which are the same in every language.
_NAMES = re.compile(r"\b(?:Plainsplit|UTC|CSV|SVG|PNG)\b")
SPOKEN_ATTRIBUTES = {"alt", "aria-label", "data-announce", "data-label", "placeholder", "title"}
# What stands there literally, for computers.
SILENT_ELEMENTS = {"code", "script", "style"}
# Arguments of tags that no reader sees.
_SILENT_ARGUMENT = re.compile(r"""\b(?:target|url|id|class|name|icon)=(?:"[^"]*"|'[^']*')""")
# Arguments of includes and filters that become text.
_ARGUMENT = re.compile(r"""(?<!_\()(?<![\w'"])"([^"]*)"|(?<!_\()(?<![\w"'])'([^']*)'""")
# What is compared is a name; so is what a filter cuts or formats by.
_COMPARED = re.compile(r"""(==|!=|in|\|(?:slice|stringformat|cut|join):)\s*("[^"]*"|'[^']*')""")
_FORMAT = re.compile(r"""\|date:(?:"([^"]*)"|'([^']*)')""")
# Days and months have names and an order in each language.
_SPOKEN_FORMAT = re.compile(r"[jDlMFN]")
_MARKED = re.compile(r"""_\((?:"[^"]*"|'[^']*')\)""")
_MARKING = ("translate", "trans", "blocktranslate", "blocktrans", "plural", "endblocktranslate")
# Tags whose arguments are names of things and never text.
_NAMING = ("url", "static", "extends", "load", "partialdef", "block", "language", "get_", "comment")
# A character that nobody writes, and that may stand in a tag.
HOLE = "\ue000"


def unmarked_in(source: str) -> list[tuple[int, str]]:
    """Return the line and text of each place in a template that should be marked and isn't."""
    tokens = list(_outside_of_marks(Lexer(source).tokenize()))
    found = [pair for token in tokens for pair in _unmarked_arguments(token)]
    page = "".join(
        token.contents if token.token_type is TokenType.TEXT else _hole(token) for token in tokens
    )
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return sorted({*found, *reader.found})


def _outside_of_marks(tokens: list[Token]) -> Iterator[Token]:
    """Leave out comments and what a blocktranslate holds."""
    ending = ""
    for token in tokens:
        name = token.contents.split(" ", 1)[0] if token.token_type is TokenType.BLOCK else ""
        if ending:
            if name == ending:
                ending = ""
                yield token
        elif token.token_type is not TokenType.COMMENT:
            if name in ("blocktranslate", "blocktrans", "comment"):
                ending = f"end{name}"
            yield token


def _hole(token: Token) -> str:
    """Stand in for a tag, keeping lines; what a reader sees of it isn't the template's."""
    return HOLE + "\n" * token.contents.count("\n")


def _unmarked_arguments(token: Token) -> Iterator[tuple[int, str]]:
    if token.token_type is TokenType.TEXT or token.contents.startswith((*_MARKING, *_NAMING)):
        return
    contents = _SILENT_ARGUMENT.sub("", _MARKED.sub("", token.contents))
    for double, single in _FORMAT.findall(contents):
        if _SPOKEN_FORMAT.search(double + single):
            yield token.lineno or 0, double + single
    contents = _FORMAT.sub("", contents)
    contents = _COMPARED.sub("", contents)
    for double, single in _ARGUMENT.findall(contents):
        text = double or single
        if _WORD.search(text) and (" " in text.strip() or text[:1].isupper()):
            yield token.lineno or 0, text


class _Reader(HTMLParser):
    """Collects text and spoken attributes with words in them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT_ELEMENTS:
            self._silent += 1
        for name, value in attrs:
            if name in SPOKEN_ATTRIBUTES:
                self._look_at(value or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT_ELEMENTS:
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._look_at(data)

    def _look_at(self, text: str) -> None:
        for part in text.split(HOLE):
            if _WORD.search(_NAMES.sub("", part)):
                self.found.append((self.getpos()[0], " ".join(part.split())))
