"""The project of the tests, served by uvicorn in a process of its own; prints its port, and ends when its input does.

Arguments: the database, and CLOUDSPOT_LICENSE as JSON.
"""
# ruff: noqa: E402 - Django wants its settings before its models are imported

import json
import os
import socket
import sys
import threading
from pathlib import Path

from django.conf import settings

import django

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.django.project import SETTINGS

settings.configure(
    **SETTINGS
    | {
        "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[1]}},
        "CLOUDSPOT_LICENSE": json.loads(sys.argv[2]),
        "DEBUG": True,  # so that static files are served
    }
)
django.setup()

import uvicorn
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application
from django.core.management import call_command

call_command("migrate", verbosity=0)
listening = socket.create_server(("127.0.0.1", 0))
server = uvicorn.Server(
    uvicorn.Config(ASGIStaticFilesHandler(get_asgi_application()), log_level="warning", lifespan="off")
)


def end_with_input() -> None:
    sys.stdin.read()
    server.should_exit = True


threading.Thread(target=end_with_input, daemon=True).start()
print(listening.getsockname()[1], flush=True)
server.run(sockets=[listening])
os._exit(0)
