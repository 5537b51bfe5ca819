"""Plans that a reader saved: a name and the address that holds the plan, kept for the browser that saved it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from secrets import token_hex

from merida.workbench.table import Tables

MOST_SAVED = 200  # of a browser; the oldest goes first
MOST_LETTERS = 80  # of a name


@dataclass(frozen=True)
class SavedPlan:
    """A name and the address of a page with the plan."""

    id: str
    name: str
    address: str


class Saved(Tables):
    """The table of saved plans in a file.

    Examples
    --------
    >>> saved = Saved(folder / "workbench.sqlite")
    >>> saved.save("a browser", "Mine", "/plan?plan=memo")
    >>> saved.of("a browser")[0].name
    'Mine'
    """

    def save(self, owner: str, name: str, address: str) -> None:
        """Keep an address under a name, in place of what had the name."""
        with self.written() as table:
            table.execute("delete from plans where owner = ? and name = ?", (owner, name[:MOST_LETTERS]))
            table.execute(
                "insert into plans (id, owner, name, address, saved_at) values (?, ?, ?, ?, ?)",
                (token_hex(8), owner, name[:MOST_LETTERS], address, time.time()),
            )
            table.execute(
                "delete from plans where owner = ? and id not in "
                "(select id from plans where owner = ? order by saved_at desc limit ?)",
                (owner, owner, MOST_SAVED),
            )

    def of(self, owner: str) -> list[SavedPlan]:
        """Return what a browser saved, the last first."""
        with self.opened() as table:
            rows = table.execute(
                "select id, name, address from plans where owner = ? order by saved_at desc, name", (owner,)
            ).fetchall()
        return [SavedPlan(*row) for row in rows]

    def remove(self, owner: str, identity: str) -> None:
        """Forget one."""
        with self.written() as table:
            table.execute("delete from plans where owner = ? and id = ?", (owner, identity))
