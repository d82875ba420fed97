"""The files that spread the site over several containers agree with those of the single one."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

import config.gunicorn
from experiments import answers

from .conftest import PROJECT
from .test_files import COMPOSE, SERVICES

NGINX = (PROJECT / "docker" / "nginx.conf").read_text()


class Reset(yaml.YAMLObject):
    """Compose's `!reset`: what the first file says of this is taken back."""

    yaml_tag = "!reset"
    yaml_loader = yaml.SafeLoader

    @classmethod
    def from_yaml(cls, _loader: Any, _node: Any) -> Reset:
        return cls()


SCALE: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.scale.yml").read_text())[
    "services"
]


def directive(name: str) -> str:
    """Return the value of a directive that stands in nginx.conf once."""
    [value] = re.findall(rf"^\s*{re.escape(name)}\s+(.+?);", NGINX, re.MULTILINE)
    return str(value)


def seconds(text: str) -> int:
    assert text.endswith("s")
    return int(text[:-1])


def test_scale_adds_a_balancer_and_changes_only_what_that_needs() -> None:
    assert SCALE.keys() == {"nginx", "web", "db"}
    assert SCALE.keys() - {"nginx"} <= SERVICES.keys()
    assert SCALE["nginx"]["depends_on"] == {"web": {"condition": "service_healthy"}}
    # The image has the health check that this waits for.
    assert "HEALTHCHECK" in (PROJECT / "Dockerfile").read_text()


def test_scale_gives_the_port_of_the_machine_to_the_balancer_alone() -> None:
    assert isinstance(SCALE["web"]["ports"], Reset)
    [taken] = SERVICES["web"]["ports"]
    [given] = SCALE["nginx"]["ports"]
    assert given.rpartition(":")[0] == taken.rpartition(":")[0]
    assert directive("listen").split()[0] == given.rpartition(":")[2]


def test_scale_makes_the_site_believe_what_the_balancer_overwrites() -> None:
    environment = SCALE["web"]["environment"]
    assert environment["CLIENT_ADDRESS_HEADER"] == "X-Real-IP"
    assert environment["TRUST_FORWARDED_PROTO"] == "true"
    example = (PROJECT / ".env.example").read_text()
    assert all(f"\n{name}=" in example for name in environment)
    for header, value in {
        "X-Real-IP": "$remote_addr",
        "X-Forwarded-Proto": "$scheme",
        "X-Forwarded-For": "$remote_addr",
        "Host": "$http_host",
        "Connection": '""',
        "Forwarded": '""',
    }.items():
        assert directive(f"proxy_set_header {header}") == value
    # A block with headers of its own would inherit none of these.
    [server] = re.findall(r"^    server \{\n(.*?)^    \}", NGINX, re.MULTILINE | re.DOTALL)
    assert NGINX.count("proxy_set_header") == server.count("\n        proxy_set_header")


def test_scale_runs_the_balancer_without_rights() -> None:
    nginx, web = SCALE["nginx"], COMPOSE["x-site"]
    for key in ("read_only", "cap_drop", "security_opt", "tmpfs"):
        assert nginx[key] == web[key]
    assert nginx["user"] == "101:101"
    [mounted] = nginx["volumes"]
    source, target, mode = mounted.split(":")
    assert (PROJECT / source).is_file()
    assert (target, mode) == ("/etc/nginx/nginx.conf", "ro")
    # All that nginx writes lies in the one place where it may.
    places = re.findall(
        r"^\s*(?:pid|\w+_temp_path|proxy_cache_path)\s+([^; ]+)", NGINX, re.MULTILINE
    )
    assert len(places) == 7
    for place in places:
        assert place.startswith("/tmp/")
    written = {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}
    assert {p for p in re.findall(r"(\w+)_temp_path", NGINX) if p != "use"} == written


def test_scale_has_connections_enough_for_a_dozen_containers() -> None:
    allowed = next(
        int(argument.partition("=")[2])
        for argument in SCALE["db"]["command"]
        if argument.startswith("--max_connections=")
    )
    processes = 2  # where there is a shared cache; config.gunicorn
    assert allowed >= 12 * processes * settings.DATABASE_POOL_SIZE + 10


def test_balancer_and_site_agree_on_limits_and_times() -> None:
    assert settings.MAX_BODY_BYTES == 1024**2
    assert directive("client_max_body_size") == "1m"
    body = answers.BODY_TOO_LARGE.encoded().decode()
    [given] = re.findall(r"return 413 '(.+)';", NGINX)
    assert yaml.safe_load(given) == yaml.safe_load(body)
    # A connection that waits is closed by the side that sends on it, and a call isn't given up
    # before the site gives it up.
    upstream = NGINX.partition("upstream plainsplit")[2].partition("\n    }")[0]
    [idle] = re.findall(r"keepalive_timeout (\w+);", upstream)
    assert seconds(idle) < config.gunicorn.keepalive
    assert seconds(directive("proxy_read_timeout")) > config.gunicorn.timeout
    grace = seconds(SCALE["nginx"]["stop_grace_period"])
    assert grace > seconds(directive("proxy_read_timeout"))


@pytest.mark.skipif(not shutil.which("nginx"), reason="no nginx on this machine")
def test_nginx_accepts_its_configuration(tmp_path: Path) -> None:
    text = NGINX.replace("web:8000", "127.0.0.1:8000").replace("/tmp/", f"{tmp_path}/")
    (tmp_path / "nginx.conf").write_text(text)
    tried = subprocess.run(
        ["nginx", "-t", "-q", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
    )
    assert tried.returncode == 0, tried.stderr
    assert tried.stderr == ""
