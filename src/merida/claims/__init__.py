"""The memorandum's checkable statements as data, and what recomputes them from the facts.

Each has a verdict; recommendations name the programmes that they ask for.
"""
