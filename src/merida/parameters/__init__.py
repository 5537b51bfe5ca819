"""What is believed of every number that a model takes: one schema, one reader, one dotted path for each.

Also the one route by which each programme reaches each outcome, and what stands behind each programme's effect.
"""
