"""A header that says how many statements a page took, and how long."""

import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

COUNT, MILLISECONDS = "X-SQL-Count", "X-SQL-Ms"


def count_sql(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, the outermost."""

    def answer(request: HttpRequest) -> HttpResponse:
        seconds: list[float] = []

        def timed(execute: Callable[..., Any], *statement: Any) -> Any:
            started = time.perf_counter()
            try:
                return execute(*statement)
            finally:
                seconds.append(time.perf_counter() - started)

        with connection.execute_wrapper(timed):
            response = get_response(request)
        response.headers[COUNT] = str(len(seconds))
        response.headers[MILLISECONDS] = f"{sum(seconds) * 1000:.1f}"
        return response

    return answer
