"""How each table of the record is compiled from the inputs: one function for each table, by its name."""
