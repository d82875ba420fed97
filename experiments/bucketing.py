"""Which variant a visitor's hash selects. Pure: no database, no settings, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from itertools import accumulate

BUCKETS = 100


def bucket_of(visitor_id: str, experiment_id: str) -> int:
    """Return the visitor's bucket in an experiment, 0 to 99.

    Both ids are lower-case UUID strings, concatenated as they are. The bucket is the first eight
    hexadecimal digits of their SHA-256, modulo 100: the formula of the HTTP contract, which other
    programs compute too, so it may never change.
    """
    digest = sha256(f"{visitor_id}{experiment_id}".encode("ascii")).hexdigest()
    return int(digest[:8], 16) % BUCKETS


def position_for(bucket: int, traffic_split: Sequence[int]) -> int:
    """Return the index of the first variant whose cumulative share is greater than the bucket.

    `traffic_split` is in whole percent and in variant order. Raises ValueError if it doesn't sum
    to 100 or has a negative entry, for then some bucket would belong to nobody.
    """
    if sum(traffic_split) != BUCKETS or min(traffic_split) < 0:
        raise ValueError(f"A traffic split must sum to 100, with no negative part: {traffic_split}")
    for position, cumulative in enumerate(accumulate(traffic_split)):
        if bucket < cumulative:
            return position
    raise ValueError(f"Bucket {bucket} is not between 0 and {BUCKETS - 1}.")
