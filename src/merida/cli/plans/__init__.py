"""Commands on plans: ``plan``, ``framework``, ``simulate``, ``compare``, ``reproduce``, ``allocate``, ``rank``."""
