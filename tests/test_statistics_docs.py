"""The page about statistics: its examples answer as printed, its thresholds are the code's."""

from __future__ import annotations

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

from metrics.stats.types import Kind, Reason
from tests.examples import blocks_of

PAGE = Path(__file__).resolve().parent.parent / "docs" / "statistics.md"


def test_examples_answer_as_printed() -> None:
    blocks = [block for block in blocks_of(PAGE) if block.language == "python"]
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(verbose=False)
    names: dict[str, object] = {}
    told: list[str] = []
    for block in blocks:
        test = parser.get_doctest(block.text, names, PAGE.name, PAGE.name, block.line)
        assert test.examples, f"line {block.line} shows nothing"
        # One story: what an example defines, those after it use.
        runner.run(test, out=told.append, clear_globs=False)
        names = test.globs
    assert runner.summarize(verbose=False).failed == 0, "".join(told)
    assert len(blocks) > 10


def rows_of(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    section = PAGE.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[1:]]


@pytest.mark.parametrize("row", rows_of("Thresholds and defaults"), ids=lambda row: row[0])
def test_threshold_on_the_page_is_the_codes(row: list[str]) -> None:
    _, value, where = row
    names = re.findall(r"`([a-z_]+)\.([A-Z_]+)`", where)
    assert names
    found = sum(getattr(import_module(f"metrics.stats.{module}"), name) for module, name in names)
    assert float(value) == pytest.approx(found, rel=1e-12)


def test_page_tells_every_verdict_and_every_reason_for_a_missing_figure() -> None:
    text = PAGE.read_text()
    verdicts = {row[0] for row in rows_of("The verdict")}
    assert {kind.value.replace("_", " ") for kind in Kind} <= verdicts
    of_figures = list(Reason)[: list(Reason).index(Reason.SAMPLE_RATIO_MISMATCH)]
    assert [reason for reason in of_figures if f"`{reason.value}`" not in text] == []
