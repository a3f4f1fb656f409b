"""The service's settings, made fast and shut in for tests."""

from __future__ import annotations

import os
from datetime import timedelta

from supplychain import environment as env
from supplychain.settings import *  # noqa: F403
from supplychain.settings import DATABASES, STORAGES, VAR

_worker = os.environ.get("PYTEST_XDIST_WORKER", "main")

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
INBOX = VAR / "inbox" / _worker
STORAGES["default"]["OPTIONS"]["location"] = VAR / "files" / _worker
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"]["TEST"] = {"TEMPLATE": env.text("SUPPLYCHAIN_TEST_TEMPLATE") or None}
AHEAD_MAX = timedelta(days=36_500)  # lines of fixed days are told on machines of any day
