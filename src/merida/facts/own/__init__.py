"""A user's own rows: kept under ``MERIDA_HOME``, they replace rows of the record that have the same key.

`shelf` keeps them, `standing` says which of them stand in a table at a date, and `changes` what they change in it.
"""
