"""What components/table.html shows: words and numbers in rows, without buttons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Column:
    label: Text
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption. A row has a cell for each column; the first names the row.

    Raises ValueError for a row of another length.
    """

    caption: Text
    columns: Sequence[Column]
    rows: Sequence[Sequence[Text]]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"A row has {len(row)} cells for {len(self.columns)} columns.")

    @property
    def labelled_rows(self) -> Iterator[list[tuple[Column, Text]]]:
        """Yield each row's cells with their columns."""
        for row in self.rows:
            yield list(zip(self.columns, row, strict=True))
