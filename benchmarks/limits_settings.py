"""The product's settings without its middleware: for the limits that it is judged against."""

from config.settings import *  # noqa: F403

MIDDLEWARE = []
ROOT_URLCONF = "benchmarks.limits_urls"
# Nothing is logged there.
LOGGING_CONFIG = None  # type: ignore[assignment]  # as above
