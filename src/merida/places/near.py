"""Which ports of entry are near a place."""

from __future__ import annotations

from dataclasses import dataclass

from merida.facts import Facts
from merida.places.gazetteer import Place

SHOWN = 4  # ports of a state or of the nation


@dataclass(frozen=True)
class PortNear:
    """A road port of entry that is the nearest of a municipality, and how far it lies in a straight line.

    Attributes
    ----------
    port, name : str
        CBP's code, and its name.
    km : float
        From the seat of the municipality, of a state from the nearest seat of those whose nearest port it is.
    municipalities : int
        How many municipalities of the place have none nearer.
    """

    port: str
    name: str
    km: float
    municipalities: int


def ports_near(facts: Facts, place: Place) -> tuple[PortNear, ...]:
    """Return the ports of entry that are the nearest of a place's municipalities, the nearest first.

    Examples
    --------
    >>> [one.name for one in ports_near(Facts(), find_place(Facts(), "08037"))]
    ['El Paso']
    """
    where = "municipality = $code" if place.kind == "municipality" else place.where()
    rows = facts.sql(
        f"""select port, p.name, min(distance_port_km) as km, count(*) as municipalities
from municipalities m join ports p on p.port = m.nearest_port
where distance_port_km is not null and {where.replace("$code", f"'{place.code}'")}
group by all order by km, port limit {SHOWN}"""
    )
    return tuple(PortNear(*row) for row in rows.iter_rows())
