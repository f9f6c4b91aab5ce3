"""Write docs/permissions.md, who may do what, from the table: `python tools/permissions_page.py`."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run from a checkout, nothing installed

from mixmodel_app.domain.permissions import HANDLERS, ROUTES, Access

PAGE = Path(__file__).resolve().parents[1] / "docs" / "permissions.md"
_HEAD = """# Who may do what

Every route and every event of the pages, and the least role that each needs. This page is written by
`tools/permissions_page.py` from `mixmodel_app/domain/permissions.py`; change that, not this file.

A role includes those below it: an **admin** may do what a **member** may, and a member what a **viewer** may. *Open*
means without signing in. Whatever belongs to another workspace does not exist: the answer is 404, never 403. Without a
session the answer is 401, with a role that is too low 403; the pages say the same in words.

The table is looked up on every call of the API, so a route without a row is closed. The services behind it ask for
the role once more. Events declare their role at their own place. Tests compare both with the table, and then call every
route and send every event as nobody, viewer, member and admin of a workspace, and as the admin of another one.
"""
_ROUTES = """
## Routes

| Call | Open | Viewer | Member | Admin | |
|---|:-:|:-:|:-:|:-:|---|
"""
_HANDLERS = """
## Events of the pages

They arrive by the socket, from any client that knows their names; no page in front of them protects anything.

| Event | Open | Viewer | Member | Admin | |
|---|:-:|:-:|:-:|:-:|---|
"""


def page() -> str:
    """The whole page as Markdown, in the order of the table."""
    return f"{_HEAD}{_ROUTES}{_rows(ROUTES)}{_HANDLERS}{_rows(HANDLERS)}"


def _rows(table: Mapping[str, Access]) -> str:
    return "".join(f"| `{name}` | {' | '.join(_cells(row))} | {row.note} |\n" for name, row in table.items())


def _cells(row: Access) -> Iterator[str]:
    """Open, viewer, member, admin: a tick where it may be called, "own" where that is only for what is one's own."""
    for rank in (-1, 0, 1, 2):
        allowed = row.role is None or rank >= row.role.rank
        yield "" if not allowed else "own" if row.own and rank < 2 else "✓"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
