# SPDX-License-Identifier: Apache-2.0
"""The network's settings. What differs from place to place comes from the environment (docs/network.md)."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF


def gettext_noop(text: str) -> str:
    """Mark a text for translation; Django's own would ask these settings before they are read."""
    return text


NETWORK_DATA = Path(os.environ.get("NETWORK_DATA", "build/network"))
"""The folder of the network's own database and secret."""
NETWORK_DEMO = os.environ.get("NETWORK_DEMO") == "1"
"""Whether this is the demo: its accounts' log-ins stand on the log-in page."""

PRIVITY: dict[str, Any] = {
    "workspace": os.environ.get("PRIVITY_WORKSPACE", str(NETWORK_DATA / "ledger")),
    "member": "network.accounts.who.member_of",
    "clock": "network.clock.now" if os.environ.get("NETWORK_SIMULATED") == "1" else None,
    "records": "network.content.mine.ids_of",
    "record": "network.content.mine.some_of",
    "setting": "setting",
    "gpc": "2026-11-22",
    "controller": {
        "name": "Common Ground",
        "address": "1 Example Street, Dublin, Ireland",
        "contact": "privacy@network.example",
        "storage_location": "IE",
        "storage_duration": gettext_noop("the account is closed"),
    },
}


def _secret() -> str:
    """Give the secret that sessions are signed with; it is made where there is none."""
    said = os.environ.get("NETWORK_SECRET")
    if said:
        return said
    if "NETWORK_DATA" not in os.environ:
        # Whoever only looks at these settings leaves no file behind; sessions end with the process.
        return secrets.token_urlsafe(50)
    place = NETWORK_DATA / "secret.key"
    NETWORK_DATA.mkdir(parents=True, exist_ok=True)
    try:
        made = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return place.read_text(encoding="ascii")
    with os.fdopen(made, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(50))
    return place.read_text(encoding="ascii")


def _database() -> Path:
    """Give the file of the tables; messages and sessions in it are for nobody else on the machine."""
    place = NETWORK_DATA / "network.db"
    if "NETWORK_DATA" in os.environ:
        NETWORK_DATA.mkdir(parents=True, exist_ok=True)
        os.close(os.open(place, os.O_RDONLY | os.O_CREAT, 0o600))
    return place


SECRET_KEY = _secret()
DEBUG = False
SECURE = os.environ.get("NETWORK_SECURE") == "1"
"""Whether it is served by HTTPS: cookies and redirects then insist on it."""
ALLOWED_HOSTS = os.environ.get("NETWORK_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [one for one in os.environ.get("NETWORK_ORIGINS", "").split(",") if one]

INSTALLED_APPS = [
    "network.accounts",
    "network.content",
    "network.people",
    "network.premium",
    "network.demo",
    "privity.web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
]
MIDDLEWARE = [
    "privity.web.operating.watching.WatchMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "privity.web.public.files.PublicFilesMiddleware",
    "csp.middleware.CSPMiddleware",
    "privity.web.operating.caching.NoStoreMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "privity.web.operating.limits.LimitMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "network.accounts.zone.ZoneMiddleware",
    "network.privacy.told.NoticeMiddleware",
    "axes.middleware.AxesMiddleware",
    "privity.web.operating.failing.FailMiddleware",
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
ROOT_URLCONF = "network.urls"
WSGI_APPLICATION = "network.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "network.accounts.context.site",
                "network.navigation.navigation",
            ]
        },
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _database(),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
            "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.Account"
PASSWORD_HASHERS = ["network.accounts.hashing.Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "log-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "log-in"
# Who fails ten times waits: by the account and by the place, neither of which is kept as it was typed.
AXES_HANDLER = "network.accounts.guessing.Guesses"
AXES_USERNAME_CALLABLE = "network.accounts.guessing.name_of"
AXES_CLIENT_IP_CALLABLE = "network.accounts.guessing.place_of"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], ["username"]]
AXES_SENSITIVE_PARAMETERS = [
    "username", "old_password", "new_password1", "new_password2", "csrfmiddlewaretoken", "next",
]  # fmt: skip
AXES_LOCKOUT_TEMPLATE = "network/locked_out.html"
AXES_USERNAME_FORM_FIELD = "username"
AXES_VERBOSE = False
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "privity.web.operating.failing.form_expired"
if SECURE:
    # A browser takes a cookie of such a name from this host alone, by HTTPS alone.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-form"
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
FILE_UPLOAD_HANDLERS: list[str] = []
"""Nothing is uploaded here, so nothing can be."""

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [Path(__file__).parent / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATIC_ROOT = NETWORK_DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
