from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.secrets import development_key


def test_development_key_is_made_once_and_kept_to_the_owner(tmp_path: Path) -> None:
    var_dir = tmp_path / "new" / "var"
    key = development_key(var_dir, is_production=False)
    assert len(key) >= 50
    assert development_key(var_dir, is_production=False) == key
    assert [path.name for path in var_dir.iterdir()] == ["secret_key"]
    assert (var_dir / "secret_key").stat().st_mode & 0o777 == 0o600
    assert development_key(tmp_path / "other", is_production=False) != key


def test_development_key_is_one_for_all_that_ask_at_once(tmp_path: Path) -> None:
    barrier = threading.Barrier(8)

    def ask(_turn: int) -> str:
        barrier.wait(timeout=10)
        return development_key(tmp_path, is_production=False)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1


def test_development_key_is_never_productions(tmp_path: Path) -> None:
    development_key(tmp_path, is_production=False)
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is not set"):
        development_key(tmp_path, is_production=True)
