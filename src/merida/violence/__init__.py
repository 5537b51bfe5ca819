"""Where violence is, how it moved, and what is likely next.

`monitoring` says the first two, `forecasting` the last; `deaths`, `panel` and `population` are what both count.
"""
