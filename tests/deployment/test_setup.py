"""What `make` does before anything is installed: it finds a Python and makes .venv with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import PROJECT

WITHOUT_ENSUREPIP = """
import runpy, sys
sys.modules["ensurepip"] = None
runpy.run_path("scripts/setup.py", run_name="__main__")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project's first files, with nothing to install."""
    (tmp_path / "scripts").mkdir()
    for name in ("python", "setup.py"):
        shutil.copy(PROJECT / "scripts" / name, tmp_path / "scripts" / name)
    (tmp_path / "requirements-dev.txt").write_text("# nothing\n")
    return tmp_path


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    folder = tmp_path / "programs"
    folder.mkdir()
    return folder


def add_python(programs: Path, name: str, version: str) -> None:
    """Add a program that passes for a Python: recent enough or not, and it says which it is."""
    recent = int(version.split(".")[1]) >= 11
    (programs / name).write_text(
        "#!/bin/sh\n"
        f'case "$1" in -c) echo {recent};; --version) echo "Python {version}";; '
        f'*) echo "{name} runs $*";; esac\n'
    )
    (programs / name).chmod(0o755)


def find(programs: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", str(PROJECT / "scripts" / "python"), "script.py", "argument"],
        env={"PATH": str(programs), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def set_up(project: Path, *command: str, umask: int = -1) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *(command or ("scripts/setup.py",))],
        cwd=project,
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("present", "chosen"),
    [
        ({"python3": "3.12.1"}, "python3"),
        ({"python3": "3.9.2", "python3.12": "3.12.0"}, "python3.12"),
        ({"python3": "3.10.0", "python3.11": "3.11.9", "python3.13": "3.13.1"}, "python3.13"),
    ],
)
def test_python_that_is_recent_enough_is_found(
    programs: Path, present: dict[str, str], chosen: str
) -> None:
    for name, version in present.items():
        add_python(programs, name, version)
    assert find(programs).stdout == f"{chosen} runs script.py argument\n"


def test_python_that_the_variable_names_goes_first(programs: Path) -> None:
    add_python(programs, "python3", "3.12.1")
    add_python(programs, "mine", "3.13.0")
    assert find(programs, PYTHON="mine").stdout.startswith("mine runs")


@pytest.mark.parametrize(
    ("present", "variables", "message"),
    [
        ({"python3": "3.9.2"}, {}, "Python 3.11 or later is needed, and this is Python 3.9.2."),
        ({}, {}, "Python 3.11 or later is needed, and there is no python3."),
        ({"old": "3.8.0"}, {"PYTHON": "old"}, "PYTHON=old is not a Python of 3.11 or later."),
        ({}, {"PYTHON": "/bin/true"}, "PYTHON=/bin/true is not a Python of 3.11 or later."),
    ],
)
def test_python_too_old_or_missing_is_said_in_one_line(
    programs: Path, present: dict[str, str], variables: dict[str, str], message: str
) -> None:
    for name, version in present.items():
        add_python(programs, name, version)
    result = find(programs, **variables)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith(message)


@pytest.mark.slow
def test_setup_under_any_umask_makes_the_environment_and_installs_when_the_lock_changed(
    project: Path,
) -> None:
    first = set_up(project, umask=0o777)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("Making the virtual environment .venv\nInstalling the locked")
    assert set_up(project).stdout == ""
    (project / "requirements-dev.txt").write_text("# still nothing\n")
    assert set_up(project).stdout.startswith("Installing the locked dependencies")


@pytest.mark.slow
def test_setup_of_a_broken_environment_makes_it_anew_and_refuses_a_lock_without_hashes(
    project: Path,
) -> None:
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "bin" / "python").symlink_to("/usr/bin/python-that-was-removed")
    (project / "requirements-dev.txt").write_text("six==1.17.0\n")
    result = set_up(project)
    assert result.stdout.startswith("Making the virtual environment")
    assert os.access(project / ".venv" / "bin" / "python", os.X_OK)
    assert result.returncode == 1
    assert "Installing failed" in result.stderr
    assert not (project / ".venv" / "installed-lock").exists()


def test_setup_without_ensurepip_names_the_package_that_has_it(project: Path) -> None:
    result = set_up(project, "-c", WITHOUT_ENSUREPIP)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert "apt install python3-venv" in line
    assert not (project / ".venv").exists()
