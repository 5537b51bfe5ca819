"""The crossings of the record: what is published of each, and which schedules are consistent with it.

Ports and sites with their lanes and volumes, the calibration, and its draws of arrivals, booths and service.
"""
