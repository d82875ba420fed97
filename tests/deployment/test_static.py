"""Static files as the deployed site sends them: small, and never asked for twice."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from experiments.tests.factories import ExperimentFactory
from tests.site import Reply, Site

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

AGENT = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0"}
A_YEAR = 365 * 24 * 3600
MOST_BYTES = {"html": 14_000, "css": 10_000, "js": 3_000}


PRODUCTION = {
    "SECRET_KEY": "only-for-this-test-Zr8Vb5Nc1Hd7Kf3Gj9Sa4-6tYw0xPq2Lm-0123456789",
    "ALLOWED_HOSTS": "127.0.0.1,localhost",
    "HTTPS": "false",
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    # Before the start: then the first page shows it.
    ExperimentFactory.create()
    site = Site(tmp_path, with_static_files=True, APP_ENV="production", **PRODUCTION)
    yield site
    site.stop()


def compressed(site: Site, path: str) -> Reply:
    reply = site.request("GET", path, headers={**AGENT, "Accept-Encoding": "gzip"})
    assert reply.status == 200
    assert reply.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in reply.headers["vary"].lower()
    return reply


def test_page_and_its_files_are_small_and_the_files_are_kept_for_years(site: Site) -> None:
    page = compressed(site, "/")
    assert len(page.body) < MOST_BYTES["html"]
    assert "server-timing" not in page.headers
    html = gzip.decompress(page.body).decode()
    files = set(re.findall(r'"(/static/[^"]+\.(?:css|js))"', html))
    assert {path.rsplit(".", 1)[1] for path in files} == {"css", "js"}
    for path in files:
        assert re.search(r"\.[0-9a-f]{12}\.(css|js)$", path), "its name changes with its content"
        file = compressed(site, path)
        caching = file.headers["cache-control"]
        assert {"public", "immutable"} <= set(caching.split(", "))
        assert int(re.search(r"max-age=(\d+)", caching)[1]) >= A_YEAR  # type: ignore[index]  # or it fails
        assert len(file.body) < MOST_BYTES[path.rsplit(".", 1)[1]]
        plain = site.request("GET", path, headers=AGENT)
        assert "content-encoding" not in plain.headers
        assert plain.body == gzip.decompress(file.body)
