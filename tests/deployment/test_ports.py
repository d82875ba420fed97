from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from config import ports

from .conftest import PROJECT, free_port


def test_require_free_of_a_taken_port_names_it_and_the_variable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit, match=f"Port {port} is taken.*PORT={port + 1}"):
            ports.require_free("127.0.0.1", port)


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_require_free_sees_who_would_answer_to_localhost_instead() -> None:
    port = free_port()
    with (
        socket.create_server(("::1", port), family=socket.AF_INET6),
        pytest.raises(SystemExit, match=f"Port {port} is taken"),
    ):
        ports.require_free("127.0.0.1", port)


def test_require_free_of_a_free_port_returns() -> None:
    ports.require_free("127.0.0.1", free_port())


def test_require_free_of_a_foreign_address_says_which() -> None:
    with pytest.raises(SystemExit, match=r"Can't listen on HOST=192\.0\.2\.1, port"):
        ports.require_free("192.0.2.1", free_port())


@pytest.mark.parametrize("value", ["0", "65536", "http", "-1", "８０"])
def test_address_of_no_port_number_says_what_would_be_one(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", value)
    with pytest.raises(SystemExit, match="PORT must be a number from 1 to 65535, not"):
        ports.address()


def test_ports_asked_by_make_need_no_installed_package() -> None:
    made = subprocess.run(
        [sys.executable, "-I", "-S", "-c", "import sys; sys.path[:0] = ['.']; import config.ports"],
        cwd=PROJECT,
        check=False,
    )
    assert made.returncode == 0
