"""Settings. Everything that differs between installations comes from the environment."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from supplychain import environment as env
from supplychain import look, schema

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(env.text("SUPPLYCHAIN_VAR", str(BASE_DIR / "var"))).expanduser().resolve()
os.environ.setdefault("NUMBA_CACHE_DIR", str(VAR / "compiled"))

# Who we are, and to whom we answer
DEBUG = env.flag("SUPPLYCHAIN_DEBUG")
HTTPS = env.flag("SUPPLYCHAIN_HTTPS")
SECRET_KEY = env.secret("SUPPLYCHAIN_SECRET_KEY", VAR / "secrets" / "secret_key")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "There is no secret key. Start with ./run, which makes one, or set SUPPLYCHAIN_SECRET_KEY."
    )
ALLOWED_HOSTS = env.words("SUPPLYCHAIN_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("SUPPLYCHAIN_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "supplychain.apps.SupplychainConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "django_filters",
    "django_celery_beat",
    "lots.apps.LotsConfig",
    "notices.apps.NoticesConfig",
    "testing.apps.TestingConfig",
    "quality.apps.QualityConfig",
    "intake.apps.IntakeConfig",
    "racks.apps.RacksConfig",
    "finance.apps.FinanceConfig",
    "operations.apps.OperationsConfig",
]

MIDDLEWARE = [
    "supplychain.base.requests.RequestIdMiddleware",
    "supplychain.health.HealthMiddleware",
    "supplychain.base.requests.NullCharacterMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "supplychain.urls"
WSGI_APPLICATION = "supplychain.wsgi.application"
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

# Rows
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(
        env.secret("DATABASE_URL", VAR / "secrets" / "database_url", "postgresql:///supplychain"),
        conn_max_age=60,
        conn_health_checks=True,
    ),
}
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 10)
if seconds := env.number("SUPPLYCHAIN_STATEMENT_SECONDS", 0):
    DATABASES["default"]["OPTIONS"]["options"] = f"-c statement_timeout={seconds}s"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AHEAD_MAX = timedelta(days=1)
"""How far ahead of our clock something may be said to happen; clocks differ by less."""

# Files
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR / "files", "file_permissions_mode": 0o640},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if bucket := env.text("SUPPLYCHAIN_S3_BUCKET"):
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": env.text("SUPPLYCHAIN_S3_ENDPOINT") or None,
            "default_acl": None,
            "file_overwrite": False,
            "querystring_auth": True,
        },
    }
INBOX = VAR / "inbox"
STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [path for path in [BASE_DIR / "supplychain" / "static"] if path.is_dir()]

# Uploads are streamed to storage and bounded there; nothing large is held in memory
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_TEMP_DIR = env.text("SUPPLYCHAIN_UPLOAD_TEMP") or None

# Words and hours
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
DATE_FORMAT = "j M Y"
DATETIME_FORMAT = "j M Y H:i e"
TIME_FORMAT = "H:i"
FORMAT_MODULE_PATH = "supplychain.formats"

# People
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "/"
UNFOLD = look.UNFOLD
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in [
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    ]
]

# What browsers are told
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        # The admin theme's Alpine.js compiles its attributes: eval yes, inline scripts no.
        "script-src": ["'self'", "'unsafe-eval'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "supplychain_session"
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "supplychain_csrf"
if HTTPS:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# API
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "knox.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["supplychain.base.permissions.HasRight"],
    "DEFAULT_PAGINATION_CLASS": "supplychain.base.keyset.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "supplychain.base.problems.problem_handler",
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS tells nothing; the schema tells all
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": True,
}
REST_KNOX = {
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_TTL": timedelta(days=env.number("SUPPLYCHAIN_TOKEN_DAYS", 90)),
    "TOKEN_LIMIT_PER_USER": 20,
}
LEDGER_READS_A_MINUTE = env.number("SUPPLYCHAIN_LEDGER_READS_A_MINUTE", 600)
"""By one reader, over all web workers: pages, files and sums of the books."""
SPECTACULAR_SETTINGS = {
    "TITLE": "Supply chain",
    "DESCRIPTION": "Lots, test results, issues, genealogy and the subledger of an AI chip line.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "GET_LIB_DOC_EXCLUDES": "supplychain.base.api.silent_bases",
    "ENUM_NAME_OVERRIDES": schema.enum_names(),
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "supplychain.schema.add_problems",
        "supplychain.schema.tell_conditions",
        "supplychain.schema.close_bodies",
    ],
}

# Telling people
PUBLIC_URL = env.text("SUPPLYCHAIN_PUBLIC_URL", "http://localhost:8000").rstrip("/")
EMAIL_HOST = env.text("SUPPLYCHAIN_EMAIL_HOST")
EMAIL_PORT = env.number("SUPPLYCHAIN_EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("SUPPLYCHAIN_EMAIL_USER")
EMAIL_HOST_PASSWORD = env.secret("SUPPLYCHAIN_EMAIL_PASSWORD", VAR / "secrets" / "email_password")
EMAIL_USE_TLS = env.flag("SUPPLYCHAIN_EMAIL_TLS", default=True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("SUPPLYCHAIN_EMAIL_FROM", "supplychain@localhost")
EMAIL_DOMAIN = DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
WEBHOOK_PRIVATE_HOSTS = env.words("SUPPLYCHAIN_WEBHOOK_PRIVATE_HOSTS")
"""Hosts that webhooks may reach though they are not public, and by plain HTTP."""

# Background work
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", "filesystem://localhost/")
if CELERY_BROKER_URL.startswith("filesystem:"):
    CELERY_BROKER_TRANSPORT = "supplychain.broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "data_folder_in": str(VAR / "broker" / "messages"),
        "data_folder_out": str(VAR / "broker" / "messages"),
        "control_folder": str(VAR / "broker" / "control"),
        "polling_interval": 0.05,
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TRACK_STARTED = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10.0
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 600
CELERY_TASK_TIME_LIMIT = 660
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"

# What is written down, one line an event
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "supplychain.base.requests.RequestIdFilter"}},
    "formatters": {
        "line": {
            "format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s",
        },
    },
    "handlers": {
        "stream": {
            "class": "logging.StreamHandler",
            "filters": ["request_id"],
            "formatter": "line",
        },
    },
    "root": {"handlers": ["stream"], "level": env.text("SUPPLYCHAIN_LOG_LEVEL", "INFO")},
    # What a client got wrong stands in the access log already.
    "loggers": {"django.request": {"level": "ERROR"}},
}
