"""The one place that configures JAX: 64-bit, CPU unless a GPU is asked for, compiled programs kept on disk."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax


def cache_folder() -> Path:
    """Return the user's folder for compiled programs."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "merida" / "jax"


for setting, value in {
    "jax_enable_x64": True,
    "jax_compilation_cache_dir": str(cache_folder()),
    "jax_persistent_cache_min_compile_time_secs": 0.5,
}.items():
    jax.config.update(setting, value)  # type: ignore[no-untyped-call]
