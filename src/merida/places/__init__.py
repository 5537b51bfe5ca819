"""Which place a user means: the nation, a state or a municipality, by its code or by any name it goes by.

This is the one way from what a user writes to a place, for monitors, forecasts, plans and briefs alike. Crossings and
ports of entry are found in the border room.
"""

from merida.places.gazetteer import NATION, Entry, Gazetteer, Place, find_place

__all__ = ["NATION", "Entry", "Gazetteer", "Place", "find_place"]
