"""Binomial draws, the same on every machine for the same seed."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from random import Random

from metrics.stats.checks import require_count, require_probability

# So many tries or fewer have a table each; more are drawn in blocks of powers of two, of which the
# largest bounds the memory that a table costs.
_MOST_IN_ONE = 512
_LARGEST_BLOCK = 1 << 20
# In units of the likeliest outcome: what is less likely, a draw of 53 bits would not find.
_NEGLIGIBLE = 1e-19


class Binomial:
    """How many of n visitors convert, at a rate that is the same for all of them?

    n is split into powers of two and a rest, and for each the outcome is looked up in a table of
    its cumulative distribution, made once by the ratio of neighbouring probabilities: sums of
    independent draws at one rate are binomial again, so nothing is approximated but for the
    rounding of floats. Only the four operations are used, which IEEE 754 fixes to the last bit,
    and no logarithm, which differs between machines. Raises ValueError for a rate outside [0, 1].
    Source: inversion by table, Devroye, Non-Uniform Random Variate Generation (1986), III.2.
    """

    def __init__(self, rate: float) -> None:
        require_probability("The rate", rate)
        self.rate = rate
        self._tables: dict[int, tuple[int, list[float]]] = {}

    def draw(self, n: int, rng: Random) -> int:
        """Return how many of n. Raises ValueError for an n that is no count."""
        n = require_count("The number of visitors", n)
        if self.rate in (0, 1):
            return n if self.rate else 0
        drawn = 0
        for block in (n,) if n <= _MOST_IN_ONE else _blocks(n):
            lowest, cumulative = self._tables.get(block) or self._make_table(block)
            drawn += lowest + bisect_right(cumulative, rng.random() * cumulative[-1])
        return drawn

    def _make_table(self, n: int) -> tuple[int, list[float]]:
        """The fewest of n that can be drawn, and the sums of the weights from there on."""
        odds = self.rate / (1 - self.rate)
        mode = min(int((n + 1) * self.rate), n)
        above = list(_falling((n - k) / (k + 1) * odds for k in range(mode, n)))
        below = list(_falling(k / (n - k + 1) / odds for k in range(mode, 0, -1)))
        cumulative = list(accumulate([*reversed(below), 1.0, *above]))
        table = self._tables[n] = (mode - len(below), cumulative)
        return table


def _falling(ratios: Iterator[float]) -> Iterator[float]:
    """The weights beside the mode's 1, from it outwards."""
    weight = 1.0
    for ratio in ratios:
        weight *= ratio
        if weight < _NEGLIGIBLE:
            return
        yield weight


def _blocks(n: int) -> Iterator[int]:
    """The powers of two, and the rest, that n is the sum of."""
    while n > _MOST_IN_ONE:
        block = min(1 << (n.bit_length() - 1), _LARGEST_BLOCK)
        yield block
        n -= block
    yield n
