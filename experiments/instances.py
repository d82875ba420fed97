"""Model instances out of rows that a hand-written statement returns as JSON.

The ORM writes a query's text anew each time, which takes it longer than the database needs to
answer; what is asked with every call of the API is asked in one prepared statement instead.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Field, Model

M = TypeVar("M", bound=Model)

Row = Mapping[str, Any]


def instance_of(model: type[M], row: Row) -> M:
    """Return the instance that the ORM would have made of a row, as `to_json` tells it."""
    names, columns = _fields(model)
    return model.from_db(
        DEFAULT_DB_ALIAS, names, [read(row[column]) for column, read in columns.items()]
    )


def attach_all(owner: Model, name: str, related: Iterable[Model]) -> None:
    """Let `owner.<name>.all()` be these instances, in their order, as prefetching would."""
    rows: Any = getattr(owner, name).get_queryset()
    # What prefetching itself sets. A filter on it asks the database, as ever.
    rows._result_cache = list(related)
    rows._prefetch_done = True
    refers = cast(Any, owner._meta.get_field(name)).remote_field
    for one in rows._result_cache:
        refers.set_cached_value(one, owner)
    vars(owner).setdefault("_prefetched_objects_cache", {})[name] = rows


def attach_one(owner: Model, name: str, related: Model | None) -> None:
    """Let `owner.<name>` be this instance, which refers to it; or let it have none."""
    relation: Any = owner._meta.get_field(name)
    relation.set_cached_value(owner, related)
    if related is not None:
        relation.remote_field.set_cached_value(related, owner)


@functools.cache
def _fields(model: type[Model]) -> tuple[list[str], Mapping[str, Callable[[Any], Any]]]:
    """Return the names of a model's fields, and how each one's column is read from JSON."""
    fields = model._meta.concrete_fields
    return [f.attname for f in fields], {str(f.column): _reader(f) for f in fields}


def _reader(field: Field[Any, Any]) -> Callable[[Any], Any]:
    if not isinstance(field, ArrayField):
        return field.to_python
    # Its own `to_python` takes a list for one that is read already.
    read: Callable[[Any], Any] = field.base_field.to_python
    return lambda values: None if values is None else [read(value) for value in values]
