"""The files of deployment agree with each other and with the project."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import PROJECT

COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
# A line that ends in a backslash goes on in the next.
DOCKERFILE = (PROJECT / "Dockerfile").read_text().replace("\\\n", " ")
STAGES = DOCKERFILE.split("\nFROM ")[1:]
EXAMPLE = (PROJECT / ".env.example").read_text()
LOCKS = [PROJECT / "requirements.txt", PROJECT / "requirements-dev.txt"]


def example_variables() -> dict[str, str]:
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))


def test_env_example_has_only_names_with_values_each_below_a_comment() -> None:
    lines = EXAMPLE.splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        if line and not line.startswith("#"):
            assert re.fullmatch(r"[A-Z_]+=\S*", line), line
            assert before.startswith("# "), line
    names = re.findall(r"^([A-Z_]+)=", EXAMPLE, re.MULTILINE)
    assert len(names) == len(set(names))


def test_env_example_names_every_variable_that_starts_and_serves_the_site() -> None:
    sources = [
        *(PROJECT / "config").glob("*.py"),
        *(PROJECT / "config" / "embedded").glob("*.py"),
        *(PROJECT / "docker").iterdir(),
        PROJECT / "manage.py",
    ]
    text = "\n".join(path.read_text() for path in sources)
    read = set(re.findall(r"os\.environ(?:\.get\(|\[)\"([A-Z_]+)\"", text))
    assert {"PORT", "HOST", "DATABASE_URL", "VAR_DIR", "EMBEDDED_PROFILE"} <= read
    assert read <= example_variables().keys()


def test_compose_variables_are_in_env_example_and_secrets_have_a_default_to_try() -> None:
    text = (PROJECT / "docker-compose.yml").read_text()
    used = dict(re.findall(r"\$\{([A-Z_]+)(:-[^}]+)?\}", text))
    assert used.keys() <= example_variables().keys()
    for secret in ("SECRET_KEY", "POSTGRES_PASSWORD"):
        assert used[secret].startswith(":-")
        assert example_variables()[secret] == ""


def test_compose_starts_services_in_the_order_of_what_they_need() -> None:
    assert SERVICES.keys() == {"web", "migrate", "db", "cache"}
    healthy = {"condition": "service_healthy"}
    assert SERVICES["migrate"]["depends_on"] == {"db": healthy, "cache": healthy}
    assert SERVICES["web"]["depends_on"] == {
        "migrate": {"condition": "service_completed_successfully"},
        "db": healthy,
        "cache": healthy,
    }
    for name in ("db", "cache"):
        assert SERVICES[name]["healthcheck"]["test"]


def test_compose_runs_the_site_for_production_on_the_services_beside_it() -> None:
    for name in ("web", "migrate"):
        environment = SERVICES[name]["environment"]
        assert environment["APP_ENV"] == "production"
        assert "@db:5432/" in environment["DATABASE_URL"]
        assert environment["CACHE_URL"] == "pymemcache://cache:11211"
        assert environment["HTTPS"] == "${HTTPS:-false}"
        assert SERVICES[name]["read_only"] is True
    major = re.match(r"postgres:(\d+)-alpine$", SERVICES["db"]["image"])
    assert major
    assert int(major[1]) >= 16
    assert SERVICES["cache"]["image"].startswith("memcached:")
    assert SERVICES["web"]["ports"] == ["${PORT:-8000}:8000"]


def test_compose_waits_longer_for_the_site_than_gunicorn_for_its_requests() -> None:
    import config.gunicorn

    assert int(SERVICES["web"]["stop_grace_period"].removesuffix("s")) > (
        config.gunicorn.graceful_timeout
    )


def test_dockerfile_copies_only_what_exists_and_what_dockerignore_lets_through() -> None:
    allowed = {
        line[1:]
        for line in (PROJECT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    copied = set()
    for arguments in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        *sources, _target = arguments.split()
        copied.update(sources)
    assert copied == allowed
    missing = [source for source in copied if not (PROJECT / source).exists()]
    assert missing == []


def test_dockerfile_copies_every_package_of_the_project() -> None:
    pyproject = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    for package in pyproject["tool"]["importlinter"]["root_packages"]:
        assert f"COPY {package} ./{package}\n" in DOCKERFILE


def test_dockerfile_ends_without_tools_without_root_and_with_a_health_check() -> None:
    build, final = STAGES
    assert "--no-deps --require-hashes" in build
    assert "install" not in final
    assert "rm -rf /usr/local/lib/python3.12/site-packages/*" in final
    assert "apt-get" not in final
    instructions = re.findall(r"^([A-Z]+) +(.*)$", final, re.MULTILINE)
    last = dict(instructions)
    assert last["USER"] == "plainsplit"
    assert "healthcheck.py" in last["HEALTHCHECK"]
    assert last["ENTRYPOINT"] == '["/usr/local/bin/entrypoint.sh"]'
    order = [name for name, _ in instructions]
    assert order.index("USER") > max(at for at, name in enumerate(order) if name == "RUN")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_lock_has_a_hash_for_everything_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert "index-url" not in text
    for requirement in text.replace("\\\n", " ").splitlines():
        assert re.match(r"[a-z0-9.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", requirement), requirement


def test_lock_for_development_has_what_runs_in_the_same_versions() -> None:
    run, develop = (
        dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", lock.read_text(), re.MULTILINE)) for lock in LOCKS
    )
    assert run.items() <= develop.items()


@pytest.mark.parametrize("script", [".ci/run", "scripts/python", "docker/entrypoint.sh"])
def test_script_is_executable_and_parses(script: str) -> None:
    path = PROJECT / script
    assert path.stat().st_mode & 0o111
    shell = path.read_text().partition("\n")[0].split("/")[-1].split()[-1]
    subprocess.run([shell, "-n", str(path)], check=True)
    assert re.search(r"^set -eu", path.read_text(), re.MULTILINE)


def test_make_help_lists_every_command() -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout
    for command in ("run", "test", "check", "format", "coverage", "lock", "clean"):
        assert f"make {command} " in listed
