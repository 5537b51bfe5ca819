"""Mechanisms, each an equation file with its parameters beside it, and the system that joins them."""
