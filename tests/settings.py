"""The product's own settings, on the test profile of the embedded server, with cheap passwords."""

from __future__ import annotations

import os

# Before the settings are read: tests' data lie apart from those of a running `make run`.
os.environ.setdefault("EMBEDDED_PROFILE", "test")
os.environ.setdefault("APP_ENV", "development")

from config.settings import *  # noqa: F403
from config.settings import STATIC_ROOT, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Without hashed names, so that no test needs collectstatic first.
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Nothing is collected; WhiteNoise warns where there isn't even a folder.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# Every reading asks whether the configuration changed.
SNAPSHOT_MAX_AGE = 0
