"""Ports of entry as queues: an event-exact engine and a fluid approximation."""
