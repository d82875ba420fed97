"""Each page that is shown is counted once as shown, and once as what became of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from experiments.lifecycle import Transition
from experiments.models import Experiment
from experiments.services import transition_experiment
from experiments.tests.factories import ExperimentFactory
from landing.tests.test_database_down import database_down
from landing.tests.visits import tracked_in, visit
from metrics.page_counter import page_counter
from metrics.shown import Reason, shown_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_gathered() -> Iterator[None]:
    page_counter._pages.clear()
    yield
    page_counter._pages.clear()


def reasons_for(experiment: Experiment) -> dict[Reason, int]:
    """Write what was gathered, and return the reasons that there are, after checking the sum."""
    page_counter.write()
    shown = shown_for(experiment.id)
    assert shown.adds_up
    found = {Reason.COUNTED: shown.counted, **shown.excluded}
    return {reason: pages for reason, pages in found.items() if pages}


def test_pages_of_counted_visitors_count_each_time(client: Client) -> None:
    experiment = ExperimentFactory()
    for _ in range(3):
        visit(client)
    assert reasons_for(experiment) == {Reason.COUNTED: 3}


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"user_agent": "Examplebot"}, Reason.BOT),
        ({"sec_purpose": "prefetch"}, Reason.PREFETCH),
        ({"sec_gpc": "1"}, Reason.PRIVACY_SIGNAL),
        ({"dnt": "1"}, Reason.PRIVACY_SIGNAL),
    ],
)
def test_page_of_excluded_visitor_counts_by_its_reason(
    client: Client, headers: dict[str, str], reason: Reason
) -> None:
    experiment = ExperimentFactory()
    visit(client, **headers)
    assert reasons_for(experiment) == {reason: 1}


def test_page_asked_for_by_head_is_shown_to_nobody(client: Client) -> None:
    experiment = ExperimentFactory()
    client.head("/")
    assert reasons_for(experiment) == {}


def test_page_of_paused_experiment_counts_those_it_has_and_not_those_it_lacks(
    client: Client,
) -> None:
    experiment = ExperimentFactory()
    visit(client)
    transition_experiment(experiment_id=experiment.id, transition=Transition.PAUSE)
    visit(client)
    visit(Client())
    assert reasons_for(experiment) == {Reason.COUNTED: 2, Reason.NOT_ENROLLED: 1}


def test_page_without_the_database_is_shown_and_not_counted(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = ExperimentFactory()
    visit(client)
    with database_down(monkeypatch):
        visit(client)
        visit(Client())
    assert reasons_for(experiment) == {Reason.COUNTED: 1, Reason.DATABASE_DOWN: 2}


def test_page_counts_in_every_running_experiment_and_in_no_other(client: Client) -> None:
    running = [ExperimentFactory(), ExperimentFactory()]
    others = [ExperimentFactory(through=[]), ExperimentFactory(through=["start", "complete"])]
    assert len(tracked_in(visit(client))) == 2
    visit(Client(), dnt="1")
    expected = {Reason.COUNTED: 1, Reason.PRIVACY_SIGNAL: 1}
    assert [reasons_for(experiment) for experiment in running] == [expected, expected]
    assert [reasons_for(experiment) for experiment in others] == [{}, {}]


def test_page_with_a_refused_form_is_a_page_too_and_a_redirect_is_none(client: Client) -> None:
    experiment = ExperimentFactory()
    visit(client)
    origin = {"origin": "http://testserver"}
    anonymous = Client()
    assert anonymous.post("/sign-up", {"email": "no"}, headers=origin).status_code == 422
    taken = anonymous.post("/sign-up", {"email": "yes@company.example"}, headers=origin)
    assert taken.status_code == 303
    assert reasons_for(experiment) == {Reason.COUNTED: 2}
