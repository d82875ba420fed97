"""What variants show, side by side: the texts on which they differ, and in which words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from dashboard.page_texts import texts_beneath
from experiments.content import CONTENT_KEYS
from experiments.models import Experiment, Variant

# Texts that have less in common than this are two texts, not one that was changed.
_ALIKE = 0.4
_WORDS = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text; `is_new` where the control's text doesn't have it."""

    text: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """What one variant shows in one place. `is_own` where it isn't the page's own text."""

    variant: Variant
    pieces: tuple[Piece, ...]
    is_own: bool
    differs: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One place of the page, as each variant shows it."""

    label: str
    group: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The places that some variant has a text of its own for, in the page's order."""

    variants: tuple[Variant, ...]
    lines: tuple[Line, ...]

    @property
    def groups(self) -> list[tuple[str, list[Line]]]:
        return [(name, list(of)) for name, of in groupby(self.lines, lambda line: line.group)]

    @property
    def differing(self) -> int:
        """How many places at least one variant shows otherwise than the control."""
        return sum(any(cell.differs for cell in line.cells) for line in self.lines)

    @property
    def changes(self) -> list[tuple[Variant, int]]:
        """The treatments, each with how many places it shows otherwise than the control."""
        return [
            (variant, sum(line.cells[index].differs for line in self.lines))
            for index, variant in enumerate(self.variants)
            if index
        ]


def comparison_of(experiment: Experiment) -> Comparison:
    variants = tuple(experiment.variants.all())
    beneath = texts_beneath(experiment.page)
    touched = {key for variant in variants for key in variant.content}
    return Comparison(
        variants,
        tuple(
            Line(entry.label, entry.group, _cells(entry.key, variants, beneath))
            for entry in CONTENT_KEYS
            if entry.key in touched
        ),
    )


def _cells(key: str, variants: tuple[Variant, ...], beneath: Mapping[str, str]) -> tuple[Cell, ...]:
    texts = [variant.content.get(key) or beneath.get(key, "") for variant in variants]
    return tuple(
        Cell(
            variant=variant,
            pieces=pieces_of(texts[0], text),
            is_own=key in variant.content,
            differs=text != texts[0],
        )
        for variant, text in zip(variants, texts, strict=True)
    )


def pieces_of(control: str, text: str) -> tuple[Piece, ...]:
    """Split a text into what the control's text has too and what it hasn't, word by word."""
    if text == control:
        return (Piece(text, is_new=False),)
    before, after = _WORDS.findall(control), _WORDS.findall(text)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return (Piece(text, is_new=True),)
    pieces = [
        Piece("".join(after[start:end]), is_new=tag != "equal")
        for tag, _from, _to, start, end in matcher.get_opcodes()
        if start < end
    ]
    return tuple(pieces)
