"""Where ports lie on a map of the border."""

from __future__ import annotations

import polars as pl

from merida.facts import Facts


def located(facts: Facts, by_port: pl.DataFrame) -> pl.DataFrame:
    """Return a table by port with the name, latitude and longitude of each port, in the table's order.

    Parameters
    ----------
    by_port : DataFrame
        port (code) and whatever else.

    Examples
    --------
    >>> located(Facts(), pl.DataFrame({"port": ["2504"], "usd": [1.0]}))["name"].item()
    'San Ysidro'
    """
    places = facts.sql("select port, name, latitude, longitude from ports")
    return by_port.join(places, on="port", maintain_order="left")


def states(facts: Facts) -> pl.DataFrame:
    """Return the shapes of the Mexican states: `geometry`, GeoJSON text.

    Examples
    --------
    >>> states(Facts()).height
    32
    """
    return facts.sql("select geometry from map_states order by state")
