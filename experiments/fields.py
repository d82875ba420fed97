"""Reads the fields of a JSON object: clean values out, or what is wrong with each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.answers import Details, is_storable_text

# Takes what the JSON held and returns the clean value, or raises Wrong.
Reader = Callable[[object], Any]

MISSING = "This field is required."
UNSTORABLE = "Must not hold NUL characters or unpaired surrogates."


class Wrong(Exception):
    """A field's value that can't be used; each message is a sentence for the caller."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = list(messages)


class WrongFields(Exception):
    """An object with fields that are wrong or missing."""

    def __init__(self, details: Details) -> None:
        super().__init__(details)
        self.details = details


@dataclass(frozen=True, slots=True)
class Field:
    """How a field is read, and whether it must be there. A null is a value, and seldom right."""

    read: Reader
    is_required: bool = True


def read_object(body: Mapping[str, object], fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return the clean values of the fields that are there; unknown ones are ignored.

    Raises WrongFields, which names every wrong one.
    """
    values: dict[str, Any] = {}
    details: Details = {}
    for name, field in fields.items():
        if name in body:
            try:
                values[name] = field.read(body[name])
            except Wrong as wrong:
                details[name] = wrong.messages
        elif field.is_required:
            details[name] = [MISSING]
    if details:
        raise WrongFields(details)
    return values


def text(longest: int, *, may_be_blank: bool = False) -> Reader:
    """A text of at most so many characters."""

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise Wrong("Must be a text.")
        if not may_be_blank and not value.strip():
            raise Wrong("Must not be blank.")
        if len(value) > longest:
            raise Wrong(f"Takes at most {longest} characters; this has {len(value)}.")
        if not is_storable_text(value):
            raise Wrong(UNSTORABLE)
        return value

    return read


def whole_number(smallest: int, largest: int) -> Reader:
    """A whole number in a range; 50.0 is one too, as JSON knows a single kind of number."""

    def read(value: object) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise Wrong("Must be a whole number.")
        if not smallest <= value <= largest:
            raise Wrong(f"Must be from {smallest} to {largest}.")
        return value

    return read


def boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise Wrong("Must be true or false.")
    return value


def one_of(choices: Sequence[str]) -> Reader:
    def read(value: object) -> str:
        if not isinstance(value, str) or value not in choices:
            raise Wrong(f"Must be one of {', '.join(choices)}.")
        return value

    return read


def list_of(read_item: Reader, fewest: int, most: int) -> Reader:
    """A list. What is wrong inside is said with its place: “[1].name: Must not be blank.”"""

    def read(value: object) -> list[Any]:
        if not isinstance(value, list):
            raise Wrong("Must be a list.")
        if not fewest <= len(value) <= most:
            raise Wrong(f"Must have {fewest} to {most} entries; this has {len(value)}.")
        items: list[Any] = []
        messages: list[str] = []
        for place, item in enumerate(value):
            try:
                items.append(read_item(item))
            except Wrong as wrong:
                messages += [f"[{place}]{_joined(message)}" for message in wrong.messages]
        if messages:
            raise Wrong(*messages)
        return items

    return read


def object_with(fields: Mapping[str, Field]) -> Reader:
    """An object. What is wrong inside is said with its name: “.name: Must not be blank.”"""

    def read(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Wrong("Must be an object.")
        try:
            return read_object(value, fields)
        except WrongFields as wrong:
            raise Wrong(
                *(
                    f".{name}{_joined(message)}"
                    for name, messages in wrong.details.items()
                    for message in messages
                )
            ) from None

    return read


def _joined(message: str) -> str:
    """Put a message behind the place that it is about, which it may itself begin with."""
    return message if message.startswith((".", "[")) else f": {message}"
