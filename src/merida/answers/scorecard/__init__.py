"""Questions about the scorecard: the whole of it, and a user's own indicators."""
