"""Make the virtual environment and install the locked dependencies, when they aren't there yet.

Run by `make` with the system's Python; needs its standard library alone.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = PROJECT / "requirements-dev.txt"
# Holds the hash of the lock that was last installed whole.
STAMP = VENV / "installed-lock"


def main() -> None:
    """Bring .venv up to date; exit with a sentence where that fails."""
    os.umask(os.umask(0) & 0o077)  # whatever others may, we must be able to use what we make
    # A SIGTERM then ends pip too: subprocess.run kills its child when an exception passes.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        _make_environment()
        _install()
    except KeyboardInterrupt:
        sys.exit(130)


def _make_environment() -> None:
    if PYTHON.exists() and _works("import pip, sys; sys.exit(sys.version_info < (3, 11))"):
        return
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        sys.exit(
            f"{sys.executable} can't make virtual environments. On Debian and Ubuntu: "
            f"apt install python3-venv. Or name another Python: make PYTHON=..."
        )
    print("Making the virtual environment .venv", flush=True)
    _run([sys.executable, "-m", "venv", "--clear", str(VENV)], "The virtual environment failed.")


def _install() -> None:
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == lock:
        return
    print("Installing the locked dependencies (the first time takes a minute or two)", flush=True)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    # The lock names everything that is needed; resolving it anew, some releases of pip take a newer
    # release than the locked one for a package that another one wants with an extra.
    _run(
        [*pip, "--no-input", "--no-deps", "--require-hashes", "--requirement", str(LOCK)],
        "Installing failed; pip's message is above. It needs a package index to fetch from.",
    )
    STAMP.write_text(lock)


def _works(code: str) -> bool:
    return subprocess.run([str(PYTHON), "-c", code], capture_output=True).returncode == 0


def _run(command: list[str], failure: str) -> None:
    if subprocess.run(command).returncode != 0:
        sys.exit(failure)


if __name__ == "__main__":
    main()
