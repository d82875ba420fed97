"""The server's folders: made where its account can use them. No other permissions are changed."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from config.embedded.account import Account
from config.embedded.errors import EmbeddedError
from config.embedded.places import Places


def make_home(places: Places, account: Account) -> Path:
    """Return the real path of the server's folder, made on first use.

    It lies in VAR_DIR, unless the server runs under another account that can't get there (below a
    home of mode 700, say): then it lies in `places.outside`, with a link to it in VAR_DIR. The link
    is what remembers it: a folder that was begun in one place stays there.
    """
    home = places.home
    if home.exists():
        _check_owner(places, account)
        if account.is_other and not _can_hold_data(home, account):
            raise EmbeddedError(
                f"{account.name}, as whom PostgreSQL runs, can't reach {home.resolve()}. Move that "
                "folder away, or give the folders above it the permission to be passed."
            )
    else:
        home.unlink(missing_ok=True)  # a link to a folder that is gone
        _make_ours(home)
        if account.is_other and not _can_hold_data(home, account):
            home.rmdir()
            _make_ours(places.outside)
            home.symlink_to(places.outside)
    return home.resolve()


def say_where(places: Places, account: Account) -> None:
    """Tell in one line on standard error if the data lie outside of VAR_DIR, and why."""
    if places.home.is_symlink():
        sys.stderr.write(
            f"PostgreSQL doesn't run as root, and {account.name}, as whom it runs here, can't "
            f"reach {places.var_dir}: its data is kept in {places.home.resolve()}.\n"
        )


def make_socket_dir(places: Places, account: Account) -> None:
    """Make the folder of the server's socket, which lies where anybody could have made it."""
    folder = places.socket_dir
    try:
        account.give(folder)
    except FileExistsError:
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != account.uid:
            raise EmbeddedError(
                f"{folder} is in the way: it must be a folder of {account.name}'s. Remove it."
            ) from None
        folder.chmod(0o700)


def _make_ours(folder: Path) -> None:
    # Others may pass, not look: what they can't enter is the data folder within.
    folder.mkdir(mode=0o711, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise EmbeddedError(f"{folder} belongs to another user. Remove it.")
    folder.chmod(0o711)


def _check_owner(places: Places, account: Account) -> None:
    try:
        owner = places.data.stat().st_uid
    except FileNotFoundError:
        return
    if owner != account.uid:
        raise EmbeddedError(
            f"{places.data} belongs to user id {owner}, and you are {account.name}. Run as that "
            "user or as root, or set VAR_DIR to a folder of your own."
        )


def _can_hold_data(home: Path, account: Account) -> bool:
    """Whether the account can reach a folder of its own in `home`, found by trying."""
    data = home.resolve() / "data"
    if data.exists():
        return account.can_write(data)
    trial = home.resolve() / "data.trial"
    account.give(trial)
    try:
        return account.can_write(trial)
    finally:
        trial.rmdir()
