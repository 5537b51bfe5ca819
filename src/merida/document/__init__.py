"""A document in no language: blocks (sentence, table, picture, ...), and the writers that give it one.

Nothing here computes a figure. A writer takes blocks and the words of a language.
"""
