"""The socket: what a mechanism states of itself, the domain that plans run on, and the system that runs mechanisms.

Nothing here names a mechanism. `merida.models.registry` lists them.
"""
