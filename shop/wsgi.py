"""The entry point for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from shop.ops.readable import in_utf8

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

application = in_utf8(get_wsgi_application())
