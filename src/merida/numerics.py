"""The one place that configures JAX: 64-bit, CPU unless a GPU is asked for, compiled programs kept on disk."""

from __future__ import annotations

import os
from pathlib import Path

from merida import cache

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
from jax._src import compilation_cache
from jax._src.compilation_cache_interface import CacheInterface


class CheckedCache(CacheInterface):
    """JAX's cache of compiled programs, through `merida.cache`.

    JAX's own reads whatever lies in its folder and lets it run, so that an altered file could stop the process or worse;
    and it never replaces a file that is cut.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def get(self, key: str) -> bytes | None:
        """Return the program kept under a key, or None."""
        return cache.load_bytes(self._path / key)

    def put(self, key: str, value: bytes) -> None:
        """Keep a program under its key."""
        cache.save_bytes(self._path / key, value)


compilation_cache.get_file_cache = lambda path: (CheckedCache(path), path)
for setting, value in {
    "jax_enable_x64": True,
    "jax_compilation_cache_dir": str(cache.folder() / "jax"),
    "jax_persistent_cache_min_compile_time_secs": 0.0,  # many small programs take longer than a few large ones
    "jax_persistent_cache_enable_xla_caches": "",  # those of GPUs; their folder would be a part of every key
}.items():
    jax.config.update(setting, value)  # type: ignore[no-untyped-call]
