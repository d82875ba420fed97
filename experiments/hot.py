"""What a hot path is, on whichever road its calls come: parse, act on a group, answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from experiments import http
from experiments.answers import Answer
from experiments.http import Access, api_view
from experiments.statements import Steps

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class HotPath(Generic[Item, Result]):
    """A POST that arrives often enough to be answered in groups.

    `parse` reads a body, or raises the ApiError that says what is wrong with it. `act` blocks,
    does a group of items in one transaction and returns a result for each; what it returns is
    committed. `answer` words a result. `weight` is what an item takes of a group's room.

    `usual` does the same for the groups that nearly all are, and None comes of it, with nothing
    done, for any other. It never blocks but yields what it asks the database, and whoever serves
    needs no thread for it.
    """

    limit: str
    parse: Callable[[bytes], Item]
    act: Callable[[Sequence[Item]], list[Result]]
    answer: Callable[[Item, Result], Answer]
    usual: Callable[[Sequence[Item]], Steps[list[Result] | None]] | None = None
    weight: Callable[[Item], int] = lambda _item: 1


def django_view(path: HotPath[Item, Result]) -> Callable[..., HttpResponseBase]:
    """Return the view that answers the same on Django's road, a call at a time."""

    @api_view(limits={"POST": path.limit}, access={"POST": Access.ANYONE})
    def view(request: HttpRequest) -> Answer:
        item = path.parse(http.bytes_of(request))
        [result] = path.act([item])
        return path.answer(item, result)

    return view
