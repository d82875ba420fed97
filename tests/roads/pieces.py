"""Requests that are sent in one piece: http.client sends head and body by themselves."""

from __future__ import annotations

import socket
from http.client import HTTPResponse

from tests.site import Reply


def in_one_piece(path: str, body: bytes, head: str = "Host: localhost") -> bytes:
    lines = f"POST {path} HTTP/1.1\r\n{head}\r\nContent-Length: {len(body)}\r\n\r\n"
    return lines.encode() + body


def answer_on(connection: socket.socket) -> Reply:
    response = HTTPResponse(connection, method="POST")
    response.begin()
    names = {name.lower(): value for name, value in response.getheaders()}
    return Reply(response.status, names, response.read())
