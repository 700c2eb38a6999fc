"""Sharing on the screen: a link's terms, the links that there are, recipients, and reviews."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

import streamlit as st

from dashboard.receipts import Link, LinkUse, Recipient, Review, Terms
from dashboard.records.links import MAX_DAYS, MAX_VIEWS
from dashboard.records.recipients import INTERNAL, KINDS, TRANSFERS, obstacle
from dashboard.ui import cards, state, tables, words

Do = Callable[[str], None]
"""Does something to the link or the recipient with this id."""

_NEW: Final = Recipient("", "", KINDS[1])
_EARLIEST: Final = date(1990, 1, 1)


@dataclass(frozen=True, slots=True)
class Deeds:
    """What can be done to a link; ``preview`` gives the path to what its readers see."""

    revoke: Do
    rotate: Do
    pause: Do
    resume: Do
    renew: Do
    preview: Callable[[str], str]


# ── a new link ──────────────────────────────────────────────────────────────────────────
def ask_link(days: int) -> tuple[str, int]:
    """Ask for whom a link is, and for how long."""
    label = st.text_input(words.LINK_LABEL, placeholder=words.LINK_LABEL_HINT, max_chars=80)
    return label.strip(), int(st.number_input(words.LINK_DAYS, 1, MAX_DAYS, days))


def ask_terms(recipients: Sequence[Recipient]) -> Terms:
    """Ask who shares it, and for what most links do without, which is folded away."""
    shared_by = st.text_input(
        words.SHARED_BY, placeholder=words.SHARED_BY_HINT, max_chars=80, key="shared-by"
    )
    with st.expander(words.TERMS_TITLE):
        known = {each.id: each.name for each in recipients}
        recipient = st.selectbox(
            words.FOR_RECIPIENT,
            ["", *known],
            format_func=lambda its_id: known.get(its_id, words.OWN_HOUSE),
            help=words.FOR_RECIPIENT_HELP,
            key="for-recipient",
        )
        passphrase = st.text_input(
            words.PHRASE,
            type="password",
            autocomplete="new-password",
            help=words.PHRASE_HELP,
            key="passphrase",
        )
        views = st.number_input(words.LARGEST_VIEWS, 1, MAX_VIEWS, None, key="max-views")
        sites = st.text_input(words.SITES, help=words.SITES_HELP, key="sites")
    most = None if views is None else int(views)
    inside = tuple(sites.replace(",", " ").split())
    return Terms(passphrase, most, recipient or None, inside, shared_by)


def show_new_link(release_id: str) -> None:
    """Show the link just made, this once, ready to be copied."""
    made = state.new_link()
    if made is None or made.link.release_id != release_id:
        return
    with st.container(border=True, key="new-link"):
        st.markdown(f"**{words.LINK_ONCE}**")
        st.code(state.origin() + made.path, language=None, wrap_lines=True)
        cards.show_note(words.EMBED_NOTE if made.link.embed else words.PREVIEW)
        st.button(words.LINK_COPIED, key="copied", on_click=state.hold_link, args=(None,))


# ── links that there are ────────────────────────────────────────────────────────────────
def show_links(
    links: Sequence[Link], uses: Sequence[LinkUse], overdue: set[str], now: datetime, deeds: Deeds
) -> None:
    """List the links of a release, each with its views and with what can be done to it."""
    used = {each.link_id: each for each in uses}
    for link in links:
        over = link.expires_at <= now or link.revoked_at is not None
        with st.container(
            border=True,
            horizontal=True,
            vertical_alignment="center",
            horizontal_alignment="distribute",
        ):
            use = used.get(link.id)
            terms = " · ".join(
                each for each in (words.link_use(use), words.link_terms(link)) if each
            )
            lines = "  \n".join(
                words.safe(each) for each in (words.link_state(link, now), terms) if each
            )
            label = words.safe(link.label or words.NO_LABEL)
            st.markdown(f"**{label}**  \n{lines}", width="content")
            with st.container(horizontal=True, width="content"):
                if not over and link.recipient_id in overdue:
                    st.button(
                        words.RENEW,
                        key=f"renew-{link.id}",
                        on_click=deeds.renew,
                        args=(link.recipient_id,),
                    )
                if not over:
                    st.button(words.REVOKE, key=link.id, on_click=deeds.revoke, args=(link.id,))
                _show_more(link, use, over=over, deeds=deeds)


def _show_more(link: Link, use: LinkUse | None, *, over: bool, deeds: Deeds) -> None:
    """What is seldom done to a link, and its account day by day."""
    with st.popover(words.MORE, key=f"more-{link.id}"):
        st.link_button(words.AS_READERS_SEE, state.origin() + deeds.preview(link.id))
        if not over:
            does, doing = (
                (words.RESUME, deeds.resume) if link.paused_at else (words.PAUSE, deeds.pause)
            )
            st.button(does, key=f"pause-{link.id}", on_click=doing, args=(link.id,))
            st.button(
                words.ROTATE,
                key=f"rotate-{link.id}",
                help=words.ROTATE_HELP,
                on_click=deeds.rotate,
                args=(link.id,),
            )
        if use and use.views:
            tables.show_table(words.VIEWS_HEAD, words.views_rows(use))
        for line in words.use_lines(use):
            st.markdown(words.safe(line))


# ── reviews ─────────────────────────────────────────────────────────────────────────────
def show_reviews(reviews: Sequence[Review], on_pause: Do, on_reviewed: Do) -> None:
    """Tell the owner what readers say could identify someone, until they have looked."""
    links = {each.link.id: each.link for each in reviews}
    for link_id, link in links.items():
        of_link = [each for each in reviews if each.link.id == link_id]
        st.warning(words.safe(words.review(of_link)), icon=":material/person_search:")
        with st.container(horizontal=True):
            if not link.paused_at:
                st.button(
                    words.PAUSE_LINK, key=f"stop-{link_id}", on_click=on_pause, args=(link_id,)
                )
            st.button(
                words.REVIEWED, key=f"looked-{link_id}", on_click=on_reviewed, args=(link_id,)
            )


# ── recipients ──────────────────────────────────────────────────────────────────────────
def show_recipients(
    recipients: Sequence[Recipient], today: date, on_renew: Do, on_revoke: Do
) -> None:
    """List the register, each entry with what keeps its links shut, if anything does."""
    for each in recipients:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            told = words.recipient_state(each, obstacle(each, today))
            st.markdown(f"**{words.safe(each.name)}**  \n{words.safe(told)}", width="stretch")
            if each.kind != INTERNAL:
                st.button(words.RENEW, key=f"renewal-{each.id}", on_click=on_renew, args=(each.id,))
            st.button(
                words.REVOKE_THEIRS, key=f"theirs-{each.id}", on_click=on_revoke, args=(each.id,)
            )


def ask_recipient(recipients: Sequence[Recipient]) -> Recipient | None:
    """Ask for a new recipient, or for changes to one; ``None`` until the button is pressed."""
    known = {each.id: each for each in recipients}
    chosen = st.selectbox(
        words.WHICH_RECIPIENT,
        ["", *known],
        format_func=lambda its_id: known[its_id].name if its_id else words.NEW_RECIPIENT,
        key="recipient",
    )
    old = known.get(chosen, _NEW)
    with st.form(f"recipient-{old.id}", border=False):
        told = _recipient_fields(old)
        kept = st.form_submit_button(words.KEEP_RECIPIENT)
    return told if kept else None


def _recipient_fields(old: Recipient) -> Recipient:
    name = st.text_input(words.RECIPIENT_NAME, old.name, max_chars=80, key=f"name-{old.id}")
    kind = st.selectbox(
        words.RECIPIENT_KIND,
        KINDS,
        KINDS.index(old.kind),
        format_func=words.RECIPIENT_KINDS.__getitem__,
        key=f"kind-{old.id}",
    )
    with st.container(horizontal=True):
        contract = st.date_input(
            words.CONTRACT_ON, old.contract_on, _EARLIEST, key=f"contract-{old.id}"
        )
        review = st.date_input(words.REVIEW_DUE, old.review_due, key=f"review-{old.id}")
    link = st.text_input(words.CONTRACT_LINK, old.contract_link, key=f"document-{old.id}")
    basis = st.text_input(words.BASIS, old.basis, help=words.BASIS_HELP, key=f"basis-{old.id}")
    with st.container(horizontal=True):
        country = st.text_input(
            words.COUNTRY, old.country, max_chars=2, help=words.COUNTRY_HELP, key=f"at-{old.id}"
        )
        bases = ["", *TRANSFERS]
        transfer = st.selectbox(
            words.TRANSFER,
            bases,
            bases.index(old.transfer_basis),
            format_func=lambda each: each.capitalize() or words.NO_TRANSFER,
            key=f"transfer-{old.id}",
        )
    contact = st.text_input(words.CONTACT, old.contact, key=f"contact-{old.id}")
    return replace(
        old,
        name=name,
        kind=kind,
        contract_on=contract,
        contract_link=link,
        basis=basis,
        review_due=review,
        country=country,
        transfer_basis=transfer,
        contact=contact,
    )
