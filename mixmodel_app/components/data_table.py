"""Tables of state rows: numbers right-aligned with tabular figures, scrolling inside their own frame."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from mixmodel_app.components.values import FromState, Text


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        key: of the row's dictionary, or field of its dataclass.
        numeric: right-aligned, tabular figures.
        wraps: holds sentences, which take several lines; other cells stay on one.
        render: builds the cell from the row; the plain text under `key` by default.
        href: key of the row that holds the address the text links to.
    """

    key: str
    label: str
    numeric: bool = False
    wraps: bool = False
    render: Callable[[Any], rx.Component] | None = None
    href: str | None = None


def data_table(columns: Sequence[Column], rows: FromState, *, caption: str) -> rx.Component:
    """A table over a Var of rows (dictionaries or dataclasses of texts).

    Args:
        caption: what the table holds; read out, not shown.
    """
    head = rx.el.tr(*(rx.el.th(column.label, scope="col", class_name=_align(column)) for column in columns))
    body = rx.foreach(rows, lambda row: rx.el.tr(*(_cell(column, row, index) for index, column in enumerate(columns))))
    return _frame(caption, rx.el.thead(head), rx.el.tbody(body))


def plain_table(head: FromState, rows: FromState, *, caption: Text) -> rx.Component:
    """A table of formatted texts: the first column is text, the others are numbers."""
    titles = rx.foreach(head, lambda title: rx.el.th(title, scope="col"))
    body = rx.foreach(rows, lambda row: rx.el.tr(rx.foreach(row, lambda cell: rx.el.td(cell))))
    return _frame(caption, rx.el.thead(rx.el.tr(titles)), rx.el.tbody(body), numbers=True)


def _frame(caption: Text, head: rx.Component, body: rx.Component, *, numbers: bool = False) -> rx.Component:
    table = rx.el.table(
        rx.el.caption(caption, class_name="mm-visually-hidden"),
        head,
        body,
        class_name="mm-table mm-table-numbers" if numbers else "mm-table",
    )
    return rx.el.div(table, role="region", aria_label=caption, tab_index=0, class_name="mm-table-frame")


def _cell(column: Column, row: Any, index: int) -> rx.Component:
    content = column.render(row) if column.render else row[column.key]
    if column.href is not None:
        content = rx.link(content, href=row[column.href], underline="hover")
    if index == 0:
        return rx.el.th(content, scope="row", class_name=_align(column))
    return rx.el.td(content, class_name=_align(column))


def _align(column: Column) -> str:
    if column.numeric:
        return "mm-number mm-right"
    return "mm-wrap" if column.wraps else ""
