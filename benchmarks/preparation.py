"""What the load needs to know: an experiment, visitors who have a variant, a cookie, a token."""

from __future__ import annotations

import uuid
from pathlib import Path
from urllib.request import urlopen

from experiments import services, tokens
from experiments.assignment import Wish, assign
from experiments.lifecycle import Status, Transition
from experiments.models import ApiToken, Experiment
from experiments.services import VariantDraft
from experiments.snapshot import VariantView

VISITORS = 20_000
CHUNK = 1_000
NAMES = ("Benchmark", "Store limit")


def make_experiment(name: str) -> Experiment:
    """Make a running experiment that changes nothing on the page."""
    return services.create_experiment(
        name=name,
        variants=[VariantDraft(name="control", weight=50), VariantDraft(name="b", weight=50)],
        start=True,
    )


def prepare(data: Path) -> Experiment:
    """Fill the folder that the loads read, and return the experiment that they are about."""
    data.mkdir(parents=True, exist_ok=True)
    for earlier in Experiment.objects.filter(name__in=NAMES, status=Status.ACTIVE):
        # Pages would take longer with every run that left one running.
        services.transition_experiment(experiment_id=earlier.id, transition=Transition.COMPLETE)
    experiment = make_experiment("Benchmark")
    (data / "experiment.txt").write_text(f"{experiment.id}\n")
    with (data / "visitors.csv").open("w") as file:
        for _ in range(VISITORS // CHUNK):
            wishes = [Wish(str(uuid.uuid4()), str(experiment.id)) for _ in range(CHUNK)]
            for wish, outcome in zip(wishes, assign(wishes), strict=True):
                if isinstance(outcome, VariantView):
                    file.write(f"{wish.visitor_id},{outcome.id}\n")
    ApiToken.objects.valid().filter(name="benchmark").delete()
    _, text = tokens.create_token(name="benchmark")
    (data / "token.txt").write_text(f"{text}\n")
    return experiment


def save_cookie(url: str, data: Path) -> None:
    """Visit the page once and keep the cookies of a visitor who has been there."""
    with urlopen(url, timeout=30) as response:  # noqa: S310  (loopback only)
        cookies = response.headers.get_all("Set-Cookie") or []
    pairs = [cookie.partition(";")[0] for cookie in cookies]
    (data / "cookie.txt").write_text("; ".join(pairs) + "\n")
