"""What is likely next: one hierarchical model of counts, its baselines, and how well both did before.

Forecasts add up from municipality to state and nation; scores come from rolling origins.
"""
