"""Settings, in one file; every value that may differ between installations comes by environment.

`.env.example` lists the variables. Sections: environment, applications, roads, database, cache,
security, rate limits, people, e-mail, files, language, logs, product.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import environ

from config import embedded, secrets
from config.logs import logging_config

env = environ.Env()

# --- Environment ---------------------------------------------------------------------------------

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
DATABASE_URL = env.str("DATABASE_URL", default="")
# Whoever names a database server is deploying, unless they say otherwise.
APP_ENV = env.str("APP_ENV", default="production" if DATABASE_URL else "development")
IS_PRODUCTION = APP_ENV == "production"
# Whether pages say what their parts took (landing/timing.py).
TELLS_TIMINGS = APP_ENV == "development"
VERSION = "0.1.0"
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or secrets.development_key(VAR_DIR, IS_PRODUCTION)

# --- Applications --------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "template_partials",
    "csp",
    "config.apps.ConfigConfig",
    "experiments",
    "metrics",
    "landing",
    "dashboard",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Roads ---------------------------------------------------------------------------------------

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = True
MIDDLEWARE = [
    "config.middleware.RequestLogMiddleware",
    "config.middleware.SecurityHeadersMiddleware",
    "experiments.http.JsonErrorsMiddleware",
    "config.outage.OutageMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.staff.StaffMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# Only for /dashboard/ and /api/: visitors' pages pay for none of these.
STAFF_MIDDLEWARE = [
    "config.language.LanguageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.staff.StaffMarkerMiddleware",
    "config.actors.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
WEB_CONCURRENCY = env.int("WEB_CONCURRENCY", default=2 if env.str("CACHE_URL", default="") else 1)
WEB_THREADS = env.int("WEB_THREADS", default=6)
# A body larger than this is refused with a 413, on both roads.
MAX_BODY_BYTES = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
# The form of ten variants with all their texts has more than Django's thousand.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- Database ------------------------------------------------------------------------------------

_database_url = DATABASE_URL or embedded.database_url()
DATABASES: dict[str, Any] = {"default": environ.Env.db_url_config(_database_url)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # Django's own, which doesn't wait for a database that is away.
    DATABASES["default"]["ENGINE"] = "experiments.database"
# The pool of a process is its threads' own connections: each keeps one, and sees at the next
# request whether the server closed it. config.checks holds WEB_THREADS to the pool's size.
DATABASE_POOL_SIZE = env.int("DATABASE_POOL_SIZE", default=10)
DATABASES["default"]["CONN_MAX_AGE"] = None
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": env.int("DATABASE_CONNECT_TIMEOUT", default=2),
    "application_name": "plainsplit",
    "prepare_threshold": 5,
    # A network that swallows packets is noticed in seconds, not in the kernel's quarter of an hour.
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    # The plans of prepared statements are made once a connection and kept (docs/adr/0023). One made
    # while a table is young would read it from end to end for every event, also when it has grown,
    # so none may. On older servers that is done by a price, which must not look like a reason to
    # compile.
    "options": "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off",
    # What the address itself says goes first.
    **DATABASES["default"].get("OPTIONS", {}),
}
DATABASES["default"]["TEST"] = {"NAME": env.str("TEST_DATABASE_NAME", default="test_plainsplit")}

# --- Cache ---------------------------------------------------------------------------------------

# Rate limits count in the cache, so every process must share it: memcached, or one process alone.
CACHES: dict[str, Any] = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}
if "memcached" in CACHES["default"]["BACKEND"].lower():
    # A lost cache must cost neither a page nor an event: limits then fail open.
    # After a failure the server is left alone for a few seconds, so that not every call waits.
    CACHES["default"].setdefault("OPTIONS", {}).update(
        {
            "ignore_exc": True,
            "connect_timeout": 0.5,
            "timeout": 0.5,
            "no_delay": True,
            "retry_attempts": 0,
            "dead_timeout": 5,
        }
    )
else:
    # Django's 300 would forget counts as soon as that many clients call within a minute.
    CACHES["default"].setdefault("OPTIONS", {})["MAX_ENTRIES"] = 100_000

# --- Security ------------------------------------------------------------------------------------

HTTPS = env.bool("HTTPS", default=IS_PRODUCTION)
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[] if IS_PRODUCTION else ["localhost", "127.0.0.1", "[::1]"]
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECURE_SSL_REDIRECT = HTTPS
# Health checks come from inside, over plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^api/health$", r"^livez$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
# "no-referrer" would be stricter, but forms would then be sent with Origin: null, and refused.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if env.bool("TRUST_FORWARDED_PROTO", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "base-uri": ["'self'"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "script-src": ["'self'"],
        "script-src-attr": ["'none'"],
        "style-src": ["'self'"],
        **({"upgrade-insecure-requests": True} if HTTPS else {}),
    }
}

# --- Rate limits ---------------------------------------------------------------------------------

# Requests per client address and minute, by group; 0 turns a limit off.
RATE_LIMITS = {
    "assignments": env.int("RATE_LIMIT_ASSIGNMENTS", default=100),
    "toggles": env.int("RATE_LIMIT_TOGGLES", default=100),
    "experiments": env.int("RATE_LIMIT_EXPERIMENTS", default=100),
    "events": env.int("RATE_LIMIT_EVENTS", default=200),
    "batches": env.int("RATE_LIMIT_BATCHES", default=50),
    "stats": env.int("RATE_LIMIT_STATS", default=50),
    "health": env.int("RATE_LIMIT_HEALTH", default=60),
    "signups": env.int("RATE_LIMIT_SIGNUPS", default=20),
    "sign-ins": env.int("RATE_LIMIT_SIGN_INS", default=10),
    # For each user name, from wherever; more than one address may try, so that none locks it alone.
    "account-sign-ins": env.int("RATE_LIMIT_ACCOUNT_SIGN_INS", default=20),
    "password-resets": env.int("RATE_LIMIT_PASSWORD_RESETS", default=5),
}
RATELIMIT_FAIL_OPEN = True
# The header in which the proxy in front puts the client's address ("X-Real-IP", say), and, for a
# list such as X-Forwarded-For, how many proxies of ours appended to it.
CLIENT_ADDRESS_HEADER = env.str("CLIENT_ADDRESS_HEADER", default="")
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=1)

# --- People --------------------------------------------------------------------------------------

LOGIN_URL = "dashboard:sign-in"
LOGIN_REDIRECT_URL = "dashboard:home"
LOGOUT_REDIRECT_URL = "dashboard:sign-in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Seconds for which a link to choose a new password works.
PASSWORD_RESET_TIMEOUT = 24 * 3600

# --- E-mail --------------------------------------------------------------------------------------

EMAIL_URL = env.str("EMAIL_URL", default="")
# Development prints what it would send; production without a server sends nothing, and says so.
SENDS_EMAIL = bool(EMAIL_URL) or not IS_PRODUCTION
_email = environ.Env.email_url_config(EMAIL_URL or "consolemail://")
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_USE_TLS, EMAIL_USE_SSL = "EMAIL_USE_TLS" in _email, "EMAIL_USE_SSL" in _email
EMAIL_HOST = _email["EMAIL_HOST"] or "localhost"
EMAIL_PORT = _email["EMAIL_PORT"] or (587 if EMAIL_USE_TLS else 465 if EMAIL_USE_SSL else 25)
EMAIL_HOST_USER = _email["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"] or ""
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("EMAIL_FROM", default="plainsplit@localhost")

# --- Files ---------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 3600

# --- Language ------------------------------------------------------------------------------------

# What speaks to nobody in particular (the API, commands, logs) speaks English.
LANGUAGE_CODE = "en"
# Each by its own name; English stands in the code, the others in locale/ (docs/translating.md).
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_PATH = "/dashboard/"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

# --- Logs ----------------------------------------------------------------------------------------

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_config(env.str("LOG_LEVEL", default="INFO"))

# --- Product -------------------------------------------------------------------------------------

# Seconds for which a process that has no refresher thread believes its configuration snapshot.
SNAPSHOT_MAX_AGE = env.float("SNAPSHOT_MAX_AGE", default=0.5)
# Visitors who send Sec-GPC: 1 or DNT: 1 get the control and are not counted.
RESPECT_PRIVACY_SIGNALS = env.bool("RESPECT_PRIVACY_SIGNALS", default=True)
# Calls that may wait for a commit in one process; past that the answer is a quick 503.
INGEST_QUEUE_SIZE = env.int("INGEST_QUEUE_SIZE", default=2000)
