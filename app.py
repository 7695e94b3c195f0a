"""The web application as gunicorn and the flask command load it. Nothing imports it."""

import os

from portal.factory import create_app
from portal.settings import Settings

app = create_app(Settings.from_env(os.environ))
