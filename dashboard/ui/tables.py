"""Small tables of words for screens, written as HTML with every cell escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from dashboard.ui import words


def table_html(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as HTML; the first cell of each row is its heading."""
    top = "".join(f'<th scope="col">{escape(each)}</th>' for each in head)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(each)}</td>" for each in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        '<div class="ps-scroll" role="group" aria-label="Table" tabindex="0">'
        '<table class="ps-table">'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def show_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Show a table of words."""
    st.html(table_html(head, rows))


def show_folded(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Show a table of words behind a small “show as a table”."""
    inner = table_html(head, rows)
    st.html(f'<details class="ps-fold"><summary>{words.AS_TABLE}</summary>{inner}</details>')
