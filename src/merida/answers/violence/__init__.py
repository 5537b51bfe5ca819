"""Questions on violence: where it is, what is likely next, and how well that was said before."""
