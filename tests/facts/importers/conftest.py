from tests.facts.importers.reader import gazetteer, reader

__all__ = ["gazetteer", "reader"]
