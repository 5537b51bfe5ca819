from tests.facts.own.made import home

__all__ = ["home"]
