"""The entry point for gunicorn."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from shop.ops.readable import in_utf8

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

application = in_utf8(get_wsgi_application())

# All that is loaded by now stays as long as the process: nothing of it needs to be looked through for garbage again
# and again, and a page leaves little.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
