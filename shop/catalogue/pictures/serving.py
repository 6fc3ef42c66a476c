"""Pictures, served by the shop itself until a web server in front of it does."""

import errno

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.static import serve

ONE_YEAR = 60 * 60 * 24 * 365


@require_safe
@cache_control(public=True, immutable=True, max_age=ONE_YEAR)
def picture_file(request: HttpRequest, path: str) -> HttpResponseBase:
    """One file of a picture. Its name is made from its content, so it may be kept for ever."""
    try:
        return serve(request, path, document_root=str(settings.MEDIA_ROOT))
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        raise Http404("no file has such a long name") from error
