"""The project's settings with a var/ of their own, plain static files and a fast hasher."""

from __future__ import annotations

import os
import tempfile

if not os.environ.get("LIFTLAB_TEST_VAR"):
    os.environ["LIFTLAB_TEST_VAR"] = tempfile.mkdtemp(prefix="liftlab-test-")
os.environ["LIFTLAB_VAR"] = os.environ["LIFTLAB_TEST_VAR"]
os.environ.setdefault("SECRET_KEY", "tests only")
os.environ.setdefault("HTTPS", "0")
os.environ.setdefault("REQUIRE_SECOND_FACTOR", "0")
os.environ.setdefault("ALLOWED_HOSTS", "127.0.0.1,localhost,testserver")

from config.settings import *  # noqa: F403
from config.settings import BASE_DIR, STATIC_ROOT, STORAGES

STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns at every request without it

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The bundle takes seconds to build: one beside the checkout serves every test run.
POSE_BUNDLE = BASE_DIR / "var" / "models" / "pose_landmarker_full.task"
