"""Simulated visits as rows of raw events, in the form in which COPY takes them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from struct import pack
from uuid import UUID

from experiments.bucketing import bucket_of, position_for
from metrics.partitions import month_of
from metrics.simulation import happenings_of, pause

# How busy each hour of a UTC day is, relative to the others.
HOURS = (3, 2, 1, 1, 1, 2, 4, 7, 9, 10, 10, 10, 9, 9, 9, 9, 9, 10, 11, 12, 12, 10, 7, 5)
# The chance that a visitor comes again after a visit, and the mean days until then.
RETURN_SHARE, RETURN_DAYS = 0.2, 2.5
# How much better treatments do than the control, relatively.
LIFT = 0.15

# PostgreSQL counts time from here, in microseconds and in days.
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_DAY = 86_400
# Each hour as often as it is busy, to draw from.
_BUSY_HOURS = tuple(hour for hour, weight in enumerate(HOURS) for _ in range(weight))
_HEADER = b"PGCOPY\n\xff\r\n\0" + pack("!ii", 0, 0)
_TRAILER = pack("!h", -1)
# Eight fields, the first of 16 bytes.
_ROW = pack("!hi", 8, 16)
_UUID_FOLLOWS = pack("!i", 16)
_BLOCK_ROWS = 500
# What makes random bytes a row of UUIDs of version 4, so many at a time.
_IDS_AT_ONCE = 256
_EACH = sum(1 << (128 * n) for n in range(_IDS_AT_ONCE))
_VERSION_BITS = _EACH * ((0x4 << 76) | (0x2 << 62))
_RANDOM_BITS = _EACH * ((1 << 128) - 1) ^ _EACH * ((0xF << 76) | (0x3 << 62))


@dataclass(frozen=True, slots=True)
class Traffic:
    """So many events of visitors who come to an experiment, over so many days from `start` on.

    One experiment id, and otherwise equal values, give the same visitors, events and ids.
    """

    experiment_id: UUID
    variant_ids: tuple[UUID, ...]
    traffic_split: tuple[int, ...]
    start: datetime
    days: int
    events: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of the traffic: `events` of the visitors whose ids begin in one range of numbers.

    Chunks share no visitor. And since each keeps to a part of every index, writing one touches
    other pages than writing the next, however large the tables have become.
    """

    number: int
    of: int
    events: int


def chunks_of(events: int, size: int) -> list[Chunk]:
    """Divide a number of events into chunks of nearly the same size, at most `size`."""
    count = -(-events // size)
    return [Chunk(n, count, events * (n + 1) // count - events * n // count) for n in range(count)]


def copied_rows(traffic: Traffic, chunk: Chunk) -> Iterator[bytes]:
    """Yield a chunk's events, a block of bytes at a time, for COPY … WITH (FORMAT binary).

    The columns are those of metrics_event in their order.
    """
    yield _HEADER
    rows: list[bytes] = []
    for row in _rows(traffic, chunk):
        rows.append(row)
        if len(rows) == _BLOCK_ROWS:
            yield b"".join(rows)
            rows.clear()
    yield b"".join(rows) + _TRAILER


def _rows(traffic: Traffic, chunk: Chunk) -> Iterator[bytes]:
    rng = random.Random(f"{traffic.experiment_id} {chunk.number} of {chunk.of}")  # noqa: S311  (a simulation)
    experiment_id = str(traffic.experiment_id)
    places = [
        _UUID_FOLLOWS + traffic.experiment_id.bytes + _UUID_FOLLOWS + variant.bytes + pack("!i", 8)
        for variant in traffic.variant_ids
    ]
    months = [_month_field(traffic, day) for day in range(traffic.days + 2)]
    contents: dict[tuple[str, str], bytes] = {}
    began = int((traffic.start - _EPOCH).total_seconds())
    end = traffic.days * _DAY
    left = chunk.events
    ids = _random_uuids(rng)
    lowest, range_size = (chunk.number << 32) // chunk.of, (1 << 32) // chunk.of
    while left:
        visitor_id = pack("!I", lowest + int(rng.random() * range_size)) + next(ids)[4:]
        bucket = bucket_of(str(UUID(bytes=visitor_id)), experiment_id)
        position = position_for(bucket, traffic.traffic_split)
        head = _ROW + visitor_id + _UUID_FOLLOWS
        place = places[position]
        second = _arrival(rng, traffic.days)
        while second < end:
            factor = 1.0 + LIFT if position else 1.0
            for happening in happenings_of(rng.random(), rng.random(), rng.random(), factor):
                content = contents.get(happening)
                if content is None:
                    content = contents[happening] = _content_fields(*happening)
                microseconds = int((began + second) * 1_000_000)
                yield b"".join(
                    (
                        head,
                        next(ids),
                        place,
                        pack("!q", microseconds),
                        months[int(second) // _DAY],
                        content,
                    )
                )
                left -= 1
                if not left:
                    return
                second += pause(rng)
            if rng.random() >= RETURN_SHARE:
                break
            second += rng.expovariate(1 / (RETURN_DAYS * _DAY))


def _random_uuids(rng: random.Random) -> Iterator[bytes]:
    """Yield random UUIDs for ever."""
    while True:
        bits = rng.getrandbits(128 * _IDS_AT_ONCE) & _RANDOM_BITS | _VERSION_BITS
        ids = bits.to_bytes(16 * _IDS_AT_ONCE, "big")
        for at in range(0, len(ids), 16):
            yield ids[at : at + 16]


def _arrival(rng: random.Random, days: int) -> float:
    """Return the second of a first visit: any day, and an hour as busy as it is."""
    hour = _BUSY_HOURS[int(rng.random() * len(_BUSY_HOURS))]
    return int(rng.random() * days) * _DAY + (hour + rng.random()) * 3600


def _month_field(traffic: Traffic, day: int) -> bytes:
    """Return the field of the month in which a day of the traffic lies."""
    ordinal = traffic.start.date().toordinal() + day
    days = month_of(date.fromordinal(ordinal)).toordinal() - _EPOCH.date().toordinal()
    return pack("!ii", 4, days)


def _content_fields(event_type: str, metadata: str) -> bytes:
    """Return the fields of an event's type and metadata; jsonb has its version before its text."""
    kind, text = event_type.encode(), b"\x01" + metadata.encode()
    return pack("!i", len(kind)) + kind + pack("!i", len(text)) + text
