"""Queues before booths: how long vehicles wait for given arrivals, booths and service.

The event-exact engine, a fluid approximation, a light differentiable kernel, the bare queue and priority lanes.
Everything here is a function of a scenario; nothing is read from the record.
"""
