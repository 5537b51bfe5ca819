"""Chunks of a run on other machines: a Dask scheduler whose address stands in ``MERIDA_EXECUTOR``.

A chunk is a function of what the run rests on and of its own numbers alone, so that it gives the same bytes wherever
and however often it is computed: where a worker dies, the scheduler gives its chunks to another. What a run rests on is
written once, with mechanisms by their names: a program that was compiled for them must find the very same ones in every
chunk. With each chunk go its own draws of the parameters.

Where an answer is computed is no part of the question, so that it is neither an option of one nor in the record of a run.
"""

from __future__ import annotations

import io
import os
import pickle
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol

from merida import cache
from merida.errors import PlanError
from merida.models.registry import MECHANISMS
from merida.models.socket.mechanism import Mechanism
from merida.progress import HEARD_SECONDS

ADDRESS = "MERIDA_EXECUTOR"
CONNECT_SECONDS = 10


class Cluster(Protocol):
    """What computes chunks: a client of ``distributed``."""

    def submit(self, fn: Callable[..., Any], *args: Any) -> Any:
        """Return the future of a call."""


class _Pickler(pickle.Pickler):
    def persistent_id(self, obj: Any) -> str | None:
        return obj.name if isinstance(obj, Mechanism) else None


class _Unpickler(pickle.Unpickler):
    def persistent_load(self, pid: str) -> Mechanism:
        return next(mechanism for mechanism in MECHANISMS if mechanism.name == pid)


def written(inputs: Any) -> bytes:
    """Return inputs of chunks as bytes."""
    content = io.BytesIO()
    _Pickler(content, protocol=5).dump(inputs)
    return content.getvalue()


@lru_cache(maxsize=2)
def read(content: bytes) -> Any:
    """Return what `written` made bytes of, once in a process: the same objects for every chunk."""
    return _Unpickler(io.BytesIO(content)).load()


@lru_cache(maxsize=1)
def version() -> str:
    """Return what chunks rest on beside their inputs: a hash of Mérida's own code and data."""
    return cache.code("**/*")


def compute(of: str, chunk: Callable[..., Any], inputs: bytes, own: bytes) -> Any:
    """Return a chunk, on the machine that computes it.

    Raises
    ------
    PlanError
        If that machine has another version of Mérida than the one that asks.
    """
    if of != version():
        raise PlanError("executor_other_version")
    return chunk(*read(inputs), *pickle.loads(own))


def cluster() -> Cluster | None:
    """Return the machines at the address in ``MERIDA_EXECUTOR``, or None where none is given.

    Raises
    ------
    PlanError
        If no scheduler answers there, or what speaks with one is not installed.
    """
    address = os.environ.get(ADDRESS, "").strip()
    return connected(address) if address else None


@lru_cache(maxsize=1)
def connected(address: str) -> Cluster:
    """Return the machines of a scheduler; see `cluster`."""
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise PlanError("executor_not_installed", found=address[:100]) from None
    try:
        client: Cluster = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise PlanError("executor_unreachable", found=address[:100], reason=error) from None
    return client


def sent(there: Cluster, inputs: Any) -> Any:
    """Return what stands for inputs among the arguments of `Cluster.submit`, sent once to each machine that needs them.

    They are what a task returns, not data that lie on a machine: where all who held them died, the task runs again.
    """
    return there.submit(bytes, written(inputs))


def computed(
    there: Cluster, check: Callable[[], None], chunk: Callable[..., Any], inputs: Any, own: tuple[Any, ...]
) -> Any:
    """Return a chunk that another machine computes.

    Parameters
    ----------
    inputs : Any
        What `sent` gave of the inputs.
    check : callable
        Raises where nobody waits any more.
    own : tuple
        What `chunk` takes after the inputs.
    """
    future = there.submit(compute, version(), chunk, inputs, pickle.dumps(own, protocol=5))
    ended = threading.Event()
    future.add_done_callback(lambda _: ended.set())
    while not ended.wait(
        HEARD_SECONDS
    ):  # not `result` with a time: that may end while the result is on its way
        try:
            check()
        except BaseException:
            future.cancel()
            raise
    return future.result()
