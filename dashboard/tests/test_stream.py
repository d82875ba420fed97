"""The event stream: what it shows, when it has nothing to add, what it asks who sees nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.stream import ONE, is_news, summary_of
from dashboard.tests.browser import HTMX, path_of
from experiments.event_types import EventType
from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory
from metrics.recent import Stream, recent_events
from metrics.tests.factories import assigned_visitor, event_of, new_id, record_one

pytestmark = pytest.mark.django_db


def arrive(
    experiment: Experiment,
    kind: EventType = EventType.PAGE_VIEW,
    metadata: str = "{}",
    visitor: str | None = None,
) -> str:
    """Keep an event and return its visitor's id."""
    visitor_id, variant_id = assigned_visitor(experiment, visitor)
    record_one(event_of(experiment, visitor_id, variant_id, kind, metadata=metadata))
    return visitor_id


def page_of(client: Client, query: str = "") -> str:
    response = client.get(path_of("events") + query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def poll(client: Client, page: str) -> Any:
    """Ask as the page would; it holds the address to ask at."""
    found = re.search(r'data-polls hx-get="([^"]+)"', page)
    assert found
    return client.get(found[1].replace("&amp;", "&"), headers=HTMX)


def test_event_is_shown_with_all_that_is_known_of_it(viewer: Client) -> None:
    experiment = ExperimentFactory.create(name="Louder", split=[100, 0])
    metadata = '{"device":"phone","source":"example.org","path":"/x"}'
    visitor = arrive(experiment, EventType.CTA_CLICK, metadata)
    page = page_of(viewer)
    for part in ("CTA click", "Louder, control", visitor[:8], "phone, example.org", "path: /x"):
        assert part in page
    assert f'href="/dashboard/events/?visitor={visitor}"' in page
    assert 'data-moment="clock"' in page


def test_poll_answers_204_until_something_arrives(viewer: Client) -> None:
    experiment = ExperimentFactory.create()
    arrive(experiment)
    page = page_of(viewer)
    answer = poll(viewer, page)
    assert (answer.status_code, answer.content) == (204, b"")
    visitor = arrive(experiment)
    answer = poll(viewer, page)
    part = answer.content.decode()
    assert answer.status_code == 200
    assert part.strip().startswith('<section id="stream"')
    assert visitor[:8] in part
    assert poll(viewer, " ".join(part.split())).status_code == 204


def test_poll_keeps_to_the_filter(viewer: Client) -> None:
    experiment = ExperimentFactory.create()
    visitor = arrive(experiment)
    page = page_of(viewer, f"?visitor={visitor}&type=page_view&experiment={experiment.id}")
    arrive(experiment)
    assert poll(viewer, page).status_code == 204
    arrive(experiment, visitor=visitor)
    assert poll(viewer, page).status_code == 200


def test_paused_stream_does_not_ask_and_can_go_on(viewer: Client) -> None:
    arrive(ExperimentFactory.create())
    page = page_of(viewer, "?type=page_view&paused=1")
    assert "data-polls" not in page
    assert 'href="/dashboard/events/?type=page_view" hx-get' in page
    assert "data-polls" in page_of(viewer, "?type=page_view")


def test_filter_that_is_none_is_told(viewer: Client) -> None:
    arrive(ExperimentFactory.create())
    page = page_of(viewer, "?visitor=me&type=dance&experiment=1")
    assert "That is no visitor’s id." in page
    assert "Choose a type from the list." in page
    assert "Choose an experiment from the list." in page
    assert "data-polls" not in page


def test_filter_without_a_match_says_so(viewer: Client) -> None:
    arrive(ExperimentFactory.create())
    assert "Nothing like that" in page_of(viewer, f"?visitor={new_id()}")


def test_silence_tells_what_to_check(viewer: Client, settings: Any) -> None:
    settings.RESPECT_PRIVACY_SIGNALS = True
    page = page_of(viewer)
    assert "Nothing arrived in the last 15 minutes" in page
    assert "No experiment runs." in page
    assert "Your own visits aren’t counted" in page
    assert "Global Privacy Control" in page
    ExperimentFactory.create()
    settings.RESPECT_PRIVACY_SIGNALS = False
    page = page_of(viewer)
    assert "No experiment runs." not in page
    assert "Global Privacy Control" not in page


def test_news_is_told_to_who_cannot_see_it_only_after_a_while_of_nothing(viewer: Client) -> None:
    experiment = ExperimentFactory.create()
    page = page_of(viewer)
    arrive(experiment)
    first = " ".join(poll(viewer, page).content.decode().split())
    assert 'id="stream-news" hx-swap-oob="innerHTML">New events arrived.' in first
    arrive(experiment)
    assert "New events arrived." not in poll(viewer, first).content.decode()


def test_news_after_half_a_minute_of_nothing() -> None:
    arrive(ExperimentFactory.create())
    stream = recent_events()
    assert stream.newest_at
    assert is_news(stream, None)
    assert is_news(stream, stream.newest_at - timedelta(seconds=31))
    assert not is_news(stream, stream.newest_at - timedelta(seconds=29))
    assert not is_news(Stream((), False, ""), timezone.now())


@pytest.mark.parametrize("newest", ["", "x", "2027-13-01T00:00:00Z", "2027-01-01T00:00:00"])
def test_poll_with_a_moment_that_is_none_is_answered(viewer: Client, newest: str) -> None:
    response = viewer.get(path_of("events"), {"newest": newest, "cursor": "x"}, headers=HTMX)
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("metadata", "summary"),
    [
        ({}, ""),
        ({"device": "phone", "source": "direct"}, ""),
        ({"depth": 75}, "depth: 75"),
        ({"a": "b", "c": [1, None], "d": True}, "a: b, c: [1, null], d: true"),
        ({"long": "x" * 100}, "long: " + "x" * 73 + "…"),
    ],
)
def test_metadata_in_short(metadata: dict[str, Any], summary: str) -> None:
    assert summary_of(metadata) == summary


def test_every_type_has_a_word_of_its_own() -> None:
    assert set(ONE) == set(EventType)
