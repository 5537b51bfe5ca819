"""Statistics that more than one room needs: proper scores of probabilistic forecasts.

Below violence and border alike; functions of arrays, with no data of their own.
"""
