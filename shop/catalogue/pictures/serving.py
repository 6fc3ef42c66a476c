"""Pictures, served by the shop itself until a web server in front of it does."""

import errno

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.static import serve

THIRTY_DAYS = 60 * 60 * 24 * 30


@require_safe
@cache_control(public=True, max_age=THIRTY_DAYS)
def picture_file(request: HttpRequest, path: str) -> HttpResponseBase:
    """One uploaded file. A changed picture gets a new name from the storage, so an old one may be kept long."""
    try:
        return serve(request, path, document_root=str(settings.MEDIA_ROOT))
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        raise Http404("no file has such a long name") from error
