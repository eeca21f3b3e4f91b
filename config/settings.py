"""Settings. Nothing set: SQLite, a broker that needs no server and media under var/. See docs/configuration.md."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dj_database_url
from celery.schedules import crontab

from config.env import env_bool, env_choice, env_int, env_list, secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("LIFTLAB_VAR") or BASE_DIR / "var")
DATABASE_URL = os.environ.get("DATABASE_URL", "")
REDIS_URL = os.environ.get("REDIS_URL", "")
EMBEDDED = not (DATABASE_URL or REDIS_URL)

DEBUG = env_bool(os.environ, "DEBUG", default=False)
SECRET_KEY = secret_key(os.environ, key_file=VAR_DIR / "secret_key", embedded=EMBEDDED)
# Wraps the participants' keys (studies.privacy.keys). Not set: made once, in a file of its own beside the database.
PRIVACY_KEY = os.environ.get("PRIVACY_KEY", "")
PRIVACY_KEY_FILE = VAR_DIR / "privacy_key"
ALLOWED_HOSTS = env_list(os.environ, "ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env_list(os.environ, "CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env_bool(os.environ, "HTTPS", default=not EMBEDDED)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "rest_framework",
    "drf_spectacular",
    "config",
    "studies",
    "coaching",
    "analysis",
]

MIDDLEWARE = [
    "config.operations.logs.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "studies.second_factor.gate.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.ContentSecurityPolicyMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
AUTH_USER_MODEL = "studies.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
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
    }
]

DATABASES: dict[str, Any]
if DATABASE_URL:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR_DIR / "db.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 5,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=5000; "
                "PRAGMA secure_delete=ON;",
            },
        }
    }

# Counts attempts to sign in (config.attempts). Without Redis each web process counts for itself.
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "liftlab",
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

REQUIRE_SECOND_FACTOR = env_bool(os.environ, "REQUIRE_SECOND_FACTOR", default=not EMBEDDED)  # of who works in a study
OTP_TOTP_ISSUER = "LiftLab"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
MEDIA_ROOT = VAR_DIR / "media"  # never served by URL: coaching.views checks who asks, and writes down who looked
S3_BUCKET = os.environ.get("S3_BUCKET", "")
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "config.storage.Bucket",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": os.environ.get("S3_ENDPOINT_URL") or None,
            "region_name": os.environ.get("S3_REGION") or None,
            "access_key": os.environ.get("S3_ACCESS_KEY") or None,  # neither: as boto finds them, e.g. the host's role
            "secret_key": os.environ.get("S3_SECRET_KEY") or None,
            "addressing_style": "path" if os.environ.get("S3_ENDPOINT_URL") else None,
            "default_acl": None,  # private, by the bucket's own rule
            "file_overwrite": False,
        },
    }
    if S3_BUCKET
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MODELS_DIR = BASE_DIR / "models"  # the trained classifier, its card and SHA-256, in the repository
# Built at set-up from the weights in the MediaPipe wheel.
POSE_BUNDLE = Path(os.environ.get("POSE_BUNDLE") or VAR_DIR / "models" / "pose_landmarker_full.task")

UPLOAD_MAX_MB = env_int(os.environ, "UPLOAD_MAX_MB", default=500)
CLIP_MAX_SECONDS = env_int(os.environ, "CLIP_MAX_SECONDS", default=300)
RUN_STALE_SECONDS = env_int(os.environ, "RUN_STALE_SECONDS", default=60)
RUN_MAX_ATTEMPTS = env_int(os.environ, "RUN_MAX_ATTEMPTS", default=3)
RUN_TIME_LIMIT_SECONDS = env_int(os.environ, "RUN_TIME_LIMIT_SECONDS", default=3600)
RUN_SILENT_SECONDS = env_int(os.environ, "RUN_SILENT_SECONDS", default=300)
WORKER_GRACE_SECONDS = env_int(os.environ, "WORKER_GRACE_SECONDS", default=60)
LIVE_TOKEN_SECONDS = env_int(os.environ, "LIVE_TOKEN_SECONDS", default=300)
REAPER_SECONDS = env_int(os.environ, "REAPER_SECONDS", default=20)
# Films and results in the making; beside the media, so that a rename finishes them.
INCOMING_DIR = VAR_DIR / "incoming"
FILE_UPLOAD_TEMP_DIR = INCOMING_DIR
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

# Who hears what of a live set; with several web processes they hear each other through Redis.
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}

BROKER_DIR = VAR_DIR / "broker"
CELERY_BROKER_URL = REDIS_URL or "spool://localhost"
# A broker that does not answer must not hold the page: seconds, and no second try. The reaper calls again.
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {
        "visibility_timeout": 2 * RUN_TIME_LIMIT_SECONDS,
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
        "max_retries": 0,
    }
    if REDIS_URL
    else {"folder": str(BROKER_DIR), "polling_interval": 0.5}
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_TIME_LIMIT = RUN_TIME_LIMIT_SECONDS  # the last resort for a stuck decoder: the child is replaced
# A queue of its own for the reaper: behind an hour of films it would come an hour late.
CELERY_TASK_ROUTES = {
    "coaching.tasks.process_run": {"queue": "runs"},
    "studies.tasks.run_job": {"queue": "jobs"},
    "analysis.tasks.build_report": {"queue": "jobs"},
}
CELERY_TASK_DEFAULT_QUEUE = "upkeep"
CELERY_TASK_QUEUES: dict[str, dict[str, str]] = {"upkeep": {}, "jobs": {}, "runs": {}}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env_int(os.environ, "WORKER_CONCURRENCY", default=1)
CELERY_WORKER_MAX_TASKS_PER_CHILD = 50
# In kB. A child that has grown beyond it is replaced after its film; the container's limit is the ceiling during one.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 1000 * env_int(os.environ, "WORKER_MEMORY_MB", default=1500)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = bool(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BEAT_SCHEDULER = "config.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    "reap": {
        "task": "coaching.tasks.reap",
        "schedule": float(REAPER_SECONDS),
        "options": {"expires": float(REAPER_SECONDS)},
    },
    "alerts": {"task": "studies.tasks.safety_alerts", "schedule": 60.0, "options": {"expires": 60.0}},
    "questions": {"task": "studies.tasks.weekly_questions", "schedule": 1800.0, "options": {"expires": 1800.0}},
    "reap-reports": {
        "task": "analysis.tasks.reap_reports",
        "schedule": float(REAPER_SECONDS),
        "options": {"expires": float(REAPER_SECONDS)},
    },
    # By the clock: a beat that is started anew every night would never come to the end of a day.
    "sweep": {
        "task": "coaching.tasks.sweep",
        "schedule": crontab(hour="3", minute="40"),
        "options": {"expires": 3600.0},
    },
    "reap-jobs": {
        "task": "studies.tasks.reap_jobs",
        "schedule": float(REAPER_SECONDS),
        "options": {"expires": float(REAPER_SECONDS)},
    },
    "keep-promises": {"task": "studies.tasks.keep_promises", "schedule": 3600.0, "options": {"expires": 1800.0}},
    "expire-jobs": {"task": "studies.tasks.expire_jobs", "schedule": 3600.0, "options": {"expires": 1800.0}},
}
CELERY_BEAT_SYNC_EVERY = 1  # its file is touched at every tick: the health check reads the age

# Without a mail server mails are written to the log of the process that sends them.
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = env_int(os.environ, "EMAIL_PORT", default=587)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env_bool(os.environ, "EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "") or "liftlab@localhost"
SITE_URL = (os.environ.get("SITE_URL", "") or "http://127.0.0.1:8000").rstrip("/")  # links in mails begin with it

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "studies.tokens.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "studies.tokens.authentication.TokenMayDoThis",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "LiftLab API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {  # sets of words that stand in more than one part of the document
        "StaffRoleEnum": "studies.models.trial.Membership.Role",
        "StudyRoleEnum": "studies.study_api.ROLES",
        "HealthProblemKindEnum": "studies.models.health.HealthProblem.Kind",
        "ErasureDecisionEnum": "studies.models.privacy.ErasureRequest.Decision",
        "ReviewDecisionEnum": "coaching.models.RepetitionReview.Decision",
        "StrictnessLevelEnum": "coaching.models.StrictnessChoice.Level",
    },
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

BACKUP_RECIPIENT = os.environ.get("BACKUP_RECIPIENT", "")
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")

LOG_FORMAT = env_choice(os.environ, "LOG_FORMAT", default="line", choices=("line", "json"))
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"context": {"()": "config.operations.logs.Context"}},
    "formatters": {
        "line": {
            "()": "config.operations.logs.LineFormatter",
            "format": "{asctime} {levelname} {context} {name} {message}",
            "style": "{",
        },
        "json": {"()": "config.operations.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["context"]},
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # A page that somebody may not see is an answer, not an error with a traceback.
        "django.request": {"level": "ERROR"},
        # One line a request, without the secrets that an address may hold, is `liftlab.access`.
        "uvicorn.access": {"handlers": [], "propagate": False},
        # The runs log themselves; what is left of Celery is that it is ready, and trouble.
        "celery": {"level": "WARNING"},
        "celery.apps.worker": {"level": "INFO"},
    },
}
