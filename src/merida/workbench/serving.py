"""Serving: one server and one worker on this machine's loopback address, begun and ended together."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Callable

import uvicorn

from merida.atomic import make_folder
from merida.errors import OutputError
from merida.facts.own.shelf import home
from merida.user_tables.text import visible
from merida.workbench.runs import Runs
from merida.workbench.server import application

LOOPBACK = "127.0.0.1"
PORT = 8412
BEAT_SECONDS = 1.0
WARM_SECONDS = 3.0  # after the pages are open: who opens the first is not kept waiting


class Plain(logging.Formatter):
    """Writes a fault of ours to the terminal; what a reader typed into it steers no terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as text."""
        return visible(super().format(record))


class Served(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the port, then say so."""
        await super().startup(sockets)
        if self.started:
            self.ready()


def serve(port: int = PORT, browser: bool = True, say: Callable[[str], None] = print) -> None:
    """Serve the workbench until it is stopped.

    Parameters
    ----------
    port : int
        0 takes a free one.
    browser : bool
        Whether the first page is opened.
    say : callable
        Takes the link when the pages are ready.

    Raises
    ------
    OutputError
        If the port is taken, or the folder of the user's own things cannot be written.
    """
    folder = home()
    make_folder(folder)
    path = folder / "workbench.sqlite"
    runs = Runs(path)
    app = application(runs)
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    try:
        held = socket.create_server((LOOPBACK, port))
    except OSError as error:
        raise OutputError("port_taken", port=port) from error
    link = f"http://{LOOPBACK}:{held.getsockname()[1]}/"

    told = logging.StreamHandler()
    told.setFormatter(Plain())
    logging.getLogger("uvicorn.error").handlers = [told]

    def ready() -> None:
        say(link)
        warming = threading.Timer(WARM_SECONDS, app.state.bench.warm)
        warming.daemon = True
        warming.start()
        if browser:
            threading.Thread(target=webbrowser.open, args=(link,), daemon=True).start()

    over = threading.Event()
    keeper = threading.Thread(target=keep_worker, args=(runs, over), daemon=True)
    keeper.start()
    try:
        Served(config, ready).run(sockets=[held])
    finally:
        over.set()
        keeper.join()
        held.close()


def keep_worker(runs: Runs, over: threading.Event) -> None:
    """Keep one worker at work until it is over: one that died is begun again."""
    command = [sys.executable, "-m", "merida.workbench.worker", str(runs.path), str(os.getpid())]
    # With an arena of memory for each of its threads the worker would hold a third more.
    alone = os.environ | {"MALLOC_ARENA_MAX": "2"}

    def begun() -> subprocess.Popen[bytes]:
        runs.cold()
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, env=alone)

    worker = begun()
    while not over.wait(BEAT_SECONDS):
        if worker.poll() is not None:
            worker = begun()
    worker.terminate()
    worker.wait()
