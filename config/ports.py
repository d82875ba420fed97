"""Whether the port to serve on is free, asked before anything slow is done.

`python -m config.ports` says so by its exit status. It needs the standard library alone.
"""

from __future__ import annotations

import errno
import os
import socket
import sys


def address() -> tuple[str, int]:
    """Return the host and port that HOST and PORT name; exit with a sentence if they don't."""
    port = os.environ.get("PORT") or "8000"
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        sys.exit(f"PORT must be a number from 1 to 65535, not {port!r}.")
    return os.environ.get("HOST") or "127.0.0.1", int(port)


def require_free(host: str, port: int) -> None:
    """Exit with a sentence unless the port can be listened on."""
    hosts = [host]
    if host == "127.0.0.1":
        # Browsers try this one first for "localhost", and would meet a stranger there.
        hosts.append("::1")
    for candidate in hosts:
        try:
            _listen(candidate, port)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                sys.exit(f"Port {port} is taken. Choose another: make run PORT={port + 1}")
            if error.errno == errno.EACCES:
                sys.exit(f"Port {port} needs root. Choose one above 1023: make run PORT=8000")
            if candidate == host:
                sys.exit(f"Can't listen on HOST={host}, port {port}: {error.strerror}.")


def _listen(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        # As the server does: a port that was used a moment ago is free.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()


if __name__ == "__main__":
    require_free(*address())
