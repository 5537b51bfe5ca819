"""A small panel made by hand, for tests."""

import numpy as np

from merida.violence.panel import Panel


def small(years: int = 6, seed: int = 5) -> Panel:
    random = np.random.default_rng(seed)
    means = np.array([3.0, 0.2, 8.0, 0.0, 1.0, 0.5])
    return Panel(
        places=("01001", "01002", "02001", "02002", "03001", "03002"),
        states=("01", "01", "02", "02", "03", "03"),
        population=np.array([1e5, 5e4, 2e5, 1e3, 4e4, 3e4]),
        deaths=random.poisson(np.repeat(means[:, None], 12 * years, axis=1)).astype(np.int64),
        first_year=2006,
        complete=np.ones(12 * years),
        unknown=np.full(years, 0.02),
        nowhere={"01999": 3.0, "99999": 9.0},
        yearly=np.linspace(120.0, 180.0, 16 + years),
    )
