"""Commands on evidence: ``merida evidence ...``."""
