"""Questions about what studies say: one module for each."""
