from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connections
from django.utils.crypto import get_random_string

from shop.ops import serving

STAFF, STAFF_EMAIL = "staff", "staff@shop.example"


class Command(BaseCommand):
    help = "Prepares the database and the static files, then runs the web server and the queue until Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        if problem := serving.port_problem(settings.PORT):
            raise CommandError(
                f"Port {settings.PORT} can't be used: {problem}. Stop the program that has it, "
                f"or choose another port: make run PORT=8001"
            )
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        if not settings.PRODUCTION:
            call_command("load_demo_catalogue", if_empty=True)
            call_command("load_demo_tariff", if_empty=True)
            self._introduce_staff()
        connections.close_all()
        try:
            serving.serve(settings.PORT, on_ready=self._greet, say=self._say)
        except serving.ServerEnded as error:
            raise CommandError(str(error)) from error

    def _introduce_staff(self) -> None:
        users = get_user_model().objects
        if not users.filter(username=STAFF).exists():
            password = get_random_string(20)
            users.create_superuser(STAFF, email=STAFF_EMAIL, password=password)
            self._say(f"Staff log-in, shown this once: {STAFF_EMAIL}, password {password}")

    def _greet(self) -> None:
        self._say(f"The shop: http://{serving.HOST}:{settings.PORT}/   staff: /admin/   stop: Ctrl-C")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
