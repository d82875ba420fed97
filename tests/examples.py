"""The examples of docs/api.md, as calls that can be made and answers that can be compared.

A fenced block `sh` that begins with `curl` is a call. The next block must be `json` with a status
in its info string, and is what the call is answered with. Examples are one story, told in order:

- `$URL` and `$TOKEN` stand for the site and for a valid API token;
- an id or a time that an answer makes up is compared by shape where it first appears, and from then
  on stands for the real one, in later calls too;
- the text `…` stands for any value, and at the end of a list for any further entries.
"""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SITE = "$URL"
ANYTHING = "…"
# What no two answers have in common.
NEVER_THE_SAME = {"uptime"}

_FENCE = re.compile(r"^```(\S*)[ ]*(.*?)$\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, the rest of its info string, its text, where it begins."""

    language: str
    info: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Example:
    """One call and its answer, as printed."""

    line: int
    method: str
    path: str
    headers: dict[str, str]
    body: str
    status: int
    answer: Any

    def __str__(self) -> str:
        return f"line {self.line}: {self.method} {self.path}"


def blocks_of(path: Path) -> Iterator[Block]:
    text = path.read_text()
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Block(match[1], match[2].strip(), match[3], line)


def examples_of(path: Path) -> list[Example]:
    """Return a page's examples in order. Raises ValueError for a call without its answer."""
    found = []
    blocks = blocks_of(path)
    for block in blocks:
        if block.language != "sh" or not block.text.startswith("curl "):
            continue
        answer = next(blocks, None)
        if answer is None or answer.language != "json" or not answer.info.isdigit():
            raise ValueError(f"{path.name}, line {block.line}: no `json STATUS` block follows.")
        found.append(_example(block, int(answer.info), json.loads(answer.text)))
    return found


def _example(block: Block, status: int, answer: Any) -> Example:
    arguments = iter(shlex.split(block.text.replace("\\\n", " "))[1:])
    method, path, body, headers = "", "", "", {}
    for argument in arguments:
        if argument == "-X":
            method = next(arguments)
        elif argument == "-H":
            name, _, value = next(arguments).partition(":")
            headers[name] = value.strip()
        elif argument == "--json":
            body = next(arguments)
        elif argument.startswith(SITE):
            path = argument.removeprefix(SITE)
        else:
            raise ValueError(f"line {block.line}: examples know no {argument!r}.")
    method = method or ("POST" if body else "GET")
    return Example(block.line, method, path, headers, body, status, answer)


@dataclass
class Story:
    """What the printed ids and times stand for in this telling."""

    known: dict[str, str] = field(default_factory=dict)

    def translate(self, text: str) -> str:
        """Return a call's text with the real ids; an id that the call itself makes up is real."""
        return _UUID.sub(lambda match: self.known.setdefault(match[0], match[0]), text)

    def difference(self, printed: Any, real: Any, at: str = "answer") -> str:
        """Return where and how an answer differs from the printed one, or nothing."""
        if printed == ANYTHING or at.rpartition(".")[2] in NEVER_THE_SAME:
            return ""
        if isinstance(printed, dict) and isinstance(real, dict):
            if printed.keys() != real.keys():
                return f"{at} has {sorted(real)}, printed are {sorted(printed)}"
            return self._first((printed[key], real[key], f"{at}.{key}") for key in printed)
        if isinstance(printed, list) and isinstance(real, list):
            return self._difference_of_lists(printed, real, at)
        if isinstance(printed, str) and isinstance(real, str):
            is_same = self._is_same_text(printed, real)
        elif isinstance(printed, float) and isinstance(real, float):
            is_same = math.isclose(printed, real, rel_tol=1e-9)
        else:
            is_same = type(printed) is type(real) and printed == real
        return "" if is_same else f"{at} is {real!r}, printed is {printed!r}"

    def _difference_of_lists(self, printed: list[Any], real: list[Any], at: str) -> str:
        if printed and printed[-1] == ANYTHING:
            printed, real = printed[:-1], real[: len(printed) - 1]
        if len(printed) != len(real):
            return f"{at} has {len(real)} entries, printed are {len(printed)}"
        pairs = zip(printed, real, strict=True)
        return self._first((p, r, f"{at}[{n}]") for n, (p, r) in enumerate(pairs))

    def _first(self, parts: Iterator[tuple[Any, Any, str]]) -> str:
        return next(filter(None, (self.difference(*part) for part in parts)), "")

    def _is_same_text(self, printed: str, real: str) -> bool:
        for shape in (_UUID, _TIME):
            if shape.fullmatch(printed) and shape.fullmatch(real):
                return self.known.setdefault(printed, real) == real
        return printed == real
