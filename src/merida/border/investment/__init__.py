"""What officers, lanes and trusted traffic gain at a crossing, what they cost, and how they are paid.

With the answer of travellers to shorter waits, and the published experiments done again on our schedules.
"""
