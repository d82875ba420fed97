"""The load: wrk where it is installed, else a bounded generator of our own. Loopback only."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

LUA = Path(__file__).with_name("lua")
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent: `kind` names a script in lua/, `connections` how many at once."""

    kind: str
    connections: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of it. Latencies are in milliseconds, `rate` in requests a second."""

    rate: float
    p50: float
    p99: float
    requests: int
    failures: int


def drive(url: str, load: Load, data: Path) -> Measured:
    """Send the load to a server of ours; `data` is the folder with visitors.csv and cookie.txt."""
    if shutil.which("wrk") is None:
        from benchmarks import python_load

        return python_load.drive(url, load, data)
    command = [
        "wrk", "--threads", "1", "--connections", str(load.connections), "--latency",
        "--duration", f"{load.seconds:.0f}s", "--timeout", "30s",
        "--script", str(LUA / f"{load.kind}.lua"), url, "--", str(data),
    ]  # fmt: skip
    printed = subprocess.run(command, check=True, capture_output=True, text=True, cwd=LUA).stdout
    return _parse(printed)


def _parse(printed: str) -> Measured:
    failures = sum(int(n) for n in re.findall(r"Non-2xx or 3xx responses: (\d+)", printed)) + sum(
        int(n) for n in re.findall(r"(?:connect|read|write|timeout) (\d+)", printed)
    )
    return Measured(
        rate=float(_found(r"Requests/sec:\s+([\d.]+)", printed)),
        p50=_milliseconds(_found(r"^\s+50%\s+(\S+)", printed)),
        p99=_milliseconds(_found(r"^\s+99%\s+(\S+)", printed)),
        requests=int(_found(r"(\d+) requests in", printed)),
        failures=failures,
    )


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        raise RuntimeError(f"wrk printed no {pattern!r}: {text}")
    return match.group(1)


def _milliseconds(text: str) -> float:
    match = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    if match is None:
        raise RuntimeError(f"wrk printed a time that is none: {text}")
    return float(match.group(1)) * _UNITS[match.group(2)]
