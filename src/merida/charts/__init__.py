"""Every picture of Mérida: pure functions of a table and a language."""
