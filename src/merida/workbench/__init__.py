"""The workbench: the laboratory in the browser, on this machine alone.

A page is a request and its answer. ``asked`` says what may be asked here and reads it from an address, ``forms`` makes a
question's form from its request, ``server`` serves the pages, ``safety`` guards them; what takes long is a run, which
``runs`` keeps in a table and ``worker``, a process of its own, computes.
"""
