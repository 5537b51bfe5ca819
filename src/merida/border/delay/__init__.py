"""What waiting costs: hours and dollars lost by crossing, the chance of a long queue, waits as agencies post them.

Also what an hour is worth, and the gate for a table of waits of a user's own.
"""
