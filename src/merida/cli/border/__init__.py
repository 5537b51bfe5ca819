"""Commands on the border: ``merida border ...``."""
