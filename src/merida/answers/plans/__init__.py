"""Questions about plans: what they are, what they do, and which is best."""
