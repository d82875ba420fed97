"""Fisher's exact test for two arms with few conversions."""

from collections.abc import Iterator

from metrics.stats.types import Arm

# Tables as likely as the observed one count as tied with it, whatever rounding did to them.
_TIE = 1 + 1e-11


def two_sided_p(first: Arm, second: Arm) -> float:
    """Of all ways to deal the conversions to the visitors, what share is no likelier than this one?

    Fisher's exact test, two-sided: the sum of the hypergeometric probabilities not above the
    observed table's, with the margins held. 1 where the margins allow one table only. Relative
    error about 1e-12; time grows with the spread of the distribution, not with the counts. Raises
    nothing. Source: Fisher, Journal of the Royal Statistical Society 98 (1935) 39–82.
    """
    # In one order whatever was asked, so that swapped arms agree to the last digit.
    first, second = sorted((first, second), key=lambda arm: (arm.visitors, arm.conversions))
    conversions = first.conversions + second.conversions
    visitors = first.visitors + second.visitors
    mode = (first.visitors + 1) * (conversions + 1) // (visitors + 2)
    weights = {mode: 1.0}
    weights.update(_weights_above(mode, first.visitors, second.visitors, conversions))
    # Seen from the second arm, the tables below the mode are the ones above.
    mirrored = _weights_above(conversions - mode, second.visitors, first.visitors, conversions)
    weights.update((conversions - k, weight) for k, weight in mirrored)
    limit = weights.get(first.conversions, 0.0) * _TIE
    return min(1.0, sum(w for w in weights.values() if w <= limit) / sum(weights.values()))


def _weights_above(
    mode: int, own: int, other: int, conversions: int
) -> Iterator[tuple[int, float]]:
    """The probabilities of k = mode + 1, mode + 2, … conversions, in units of the mode's."""
    weight = 1.0
    for k in range(mode, min(own, conversions)):
        weight *= (own - k) * (conversions - k) / ((k + 1) * (other - conversions + k + 1))
        if not weight:
            return
        yield k + 1, weight
