"""The product's own settings, on the test profile of the embedded server, with cheap passwords."""

from __future__ import annotations

import os

# Before the settings are read: tests' data lie apart from those of a running `make run`.
os.environ.setdefault("EMBEDDED_PROFILE", "test")
os.environ.setdefault("APP_ENV", "development")

from config.settings import *  # noqa: E402, F403
from config.settings import STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Without hashed names, so that no test needs collectstatic first.
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Every reading asks whether the configuration changed.
SNAPSHOT_MAX_AGE = 0
