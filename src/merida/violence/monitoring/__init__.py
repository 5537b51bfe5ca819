"""Where violence is and how it moved: level, change, concentration, clusters, onset, who is said to kill.

Rates of small places are shrunk, changes have a probability; nothing here looks ahead.
"""
