"""``python -m merida`` is ``merida``."""

from merida.cli import main

main()
