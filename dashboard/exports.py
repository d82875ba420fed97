"""Tables as CSV, streamed, and harmless to the spreadsheets that open them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

# What makes a spreadsheet read a cell as a formula, which could send the sheet elsewhere.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Line:
    """A file whose only content is the line written last."""

    def write(self, text: str) -> str:
        return text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield a table's lines, with cells that a spreadsheet would calculate turned into text."""
    writer = csv.writer(_Line())
    yield writer.writerow(header)
    for row in rows:
        # A number is none, whatever its sign.
        yield writer.writerow(
            [cell if isinstance(cell, int | float) else harmless(_text(cell)) for cell in row]
        )


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


def harmless(cell: str) -> str:
    """Return a cell with an apostrophe before what would otherwise start a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def csv_download(
    filename: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """Return a download that never holds the whole table in memory."""
    response = StreamingHttpResponse(csv_lines(header, rows), content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
