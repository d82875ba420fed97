"""What gunicorn serves: Django set up, then the two roads."""

from __future__ import annotations

import logging
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Python's warnings go where all lines go, in their form.
logging.captureWarnings(True)
django.setup()

from config.checks import refuse_bad_deployment  # noqa: E402  (it reads the settings)

refuse_bad_deployment()

from config.roads import application  # noqa: E402, F401  (models can't be imported earlier)
