"""What knowing more is worth is made of: regressions on draws, a concrete trial, parameters' names."""
