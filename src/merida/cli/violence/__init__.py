"""Commands on violence: ``merida violence ...``."""
