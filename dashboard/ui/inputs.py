"""What the person is asked: files, columns, ranges, privacy. Answers leave as plans and choices.

Nothing here sees a row: the upload box hands bytes on and forgets them, and all
else works on column names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard import wording
from dashboard.plan import MAX_FEATURES, MAX_SEGMENTS, MIN_SEGMENTS, Feature, Plan, preset_bounds
from dashboard.receipts import (
    Choices,
    ColumnFinding,
    Dataset,
    Received,
    ReleaseInfo,
    Upload,
)
from dashboard.release import Exploration, Segment
from dashboard.terms import GUARDED, SHORTEST_REASON, Bounds, DateOrder, DateReading, Domain
from dashboard.ui import cards, consent, state, tables, words

FILE_TYPES: Final = ["csv", "tsv", "txt", "xlsx", "parquet", "gz", "zst", "zip"]
EPSILONS: Final = tuple(step / 20 for step in range(1, 61))
_LONGEST_NAME: Final = 60


# ── files ───────────────────────────────────────────────────────────────────────────────
def take_uploads(
    max_mb: int, label: str = words.UPLOAD_LABEL, use: str = "customers"
) -> tuple[Upload, ...]:
    """Show an upload box; what was dropped into it leaves Streamlit's memory at once."""
    dropped = st.file_uploader(
        label,
        type=FILE_TYPES,
        accept_multiple_files=True,
        max_upload_size=max_mb,
        key=f"{use}-{state.uploader_key()}",
    )
    cards.show_note(words.UPLOAD_LIMITS.format(mb=max_mb, rows=words.MOST_ROWS_OF_A_SHEET))
    uploads = tuple(Upload(each.name, each.getvalue()) for each in dropped)
    if uploads:
        purge_uploads()
    return uploads


def choose_files(names: tuple[str, ...]) -> tuple[str, ...]:
    """Offer the files of the owner's folder; what was chosen, once the button is pressed."""
    if not names:
        return ()
    chosen = st.multiselect(words.FOLDER_LABEL, names)
    pressed = st.button(words.FOLDER_BUTTON, disabled=not chosen)
    return tuple(chosen) if pressed else ()


def choose_table(names: tuple[str, ...]) -> str | None:
    """Offer the tables that the owner declared; the chosen one, once the button is pressed."""
    if not names:
        return None
    chosen = st.selectbox(words.TABLE_LABEL, names, index=None, placeholder=words.TABLE_NONE)
    pressed = st.button(words.TABLE_BUTTON, disabled=chosen is None)
    return chosen if pressed else None


def purge_uploads() -> None:
    """Make Streamlit forget the bytes of this visit's files, and empty the box.

    Streamlit keeps them until another visit comes and goes; this reaches into
    its internals, the one place that does.
    """
    context = get_script_run_ctx()
    if context is not None:
        context.uploaded_file_mgr.remove_session_files(context.session_id)
    state.renew_uploader()


# ── columns ─────────────────────────────────────────────────────────────────────────────
def show_findings(received: Received, choices: Choices) -> None:
    """Show column by column what was found, what happens to it, and why."""
    kept = [feature.name for feature in choices.kept]
    tables.show_table(words.FINDINGS_HEAD, (_finding(each, kept) for each in received.columns))


def _finding(finding: ColumnFinding, kept: Sequence[str]) -> tuple[str, str, str, str]:
    what, fate = words.ROLES[finding.role]
    if finding.suggested is not None and (finding.role != "birth" or finding.name in kept):
        fate = words.STAYS if finding.name in kept else words.LEFT_OUT
    return finding.name, what, fate, finding.reason


def edit_choices(received: Received, suggested: Choices) -> Choices:
    """Ask for the purpose, and let the person change what happens to the columns."""
    purpose = st.text_input(
        words.PURPOSE_LABEL, suggested.purpose, max_chars=200, help=words.PURPOSE_HELP
    )
    names = [each.name for each in received.columns]
    usable = {each.name: each.suggested for each in received.columns if each.suggested}
    guarded = {
        each.name: each.suggested
        for each in received.columns
        if each.suggested and each.role in GUARDED
    }
    free = [name for name in usable if name not in guarded]
    with st.expander(words.CHANGE_CHOICES, expanded=not suggested.kept):
        id_column = _one_of(words.ID_LABEL, words.NO_ID, names, suggested.id_column)
        asked = st.multiselect(words.CONSENT_LABEL, names, suggested.consent_columns)
        age = _one_of(words.AGE_LABEL, words.NO_AGE, names, suggested.age_column, words.AGE_HELP)
        stay = [each.name for each in suggested.kept if each.name in usable]
        kept = st.multiselect(words.KEPT_LABEL, free, stay)
        features = _edit_dates([feature for name in kept if (feature := usable[name])])
        basis = consent.edit_basis(suggested.basis)
        more, overrides = consent.edit_overrides(guarded)
    return Choices(
        purpose=purpose.strip(),
        id_column=id_column,
        consent_columns=tuple(asked),
        kept=(*features, *more),
        age_column=age,
        basis=basis,
        overrides=overrides,
    )


def edit_orders(received: Received, suggest: Callable[..., Choices]) -> Choices:
    """Say which columns tell orders, and ask from which day recency counts back, and for what."""
    told = received.orders
    if told is None:
        raise ValueError("this file was not recognized as orders")
    st.markdown(words.safe(words.orders_found(told)))
    purpose = st.text_input(
        words.PURPOSE_LABEL, words.PURPOSE_DEFAULT, max_chars=200, help=words.PURPOSE_HELP
    ).strip()
    suggested = suggest(received, purpose)
    day = next(each.dates.day for each in suggested.kept if each.dates)
    until = st.date_input(words.ORDERS_UNTIL, day, format="YYYY-MM-DD", help=words.ORDERS_HELP)
    if told.written != "ymd":
        told = replace(told, written=_order_of_dates(told.day, told.written))
    names = [each.name for each in received.columns]
    with st.expander(words.CHANGE_CHOICES):
        told = replace(
            told,
            customer=st.selectbox(words.ID_LABEL, names, names.index(told.customer)),
            day=st.selectbox(words.ORDERS_DAY, names, names.index(told.day)),
            amount=st.selectbox(words.ORDERS_AMOUNT, names, names.index(told.amount)),
        )
        asked = st.multiselect(words.CONSENT_LABEL, names, suggested.consent_columns)
        basis = consent.edit_basis(suggested.basis)
    chosen = suggest(received, purpose, until, suggested.cuts, told)
    return replace(chosen, consent_columns=tuple(asked), basis=basis)


def _edit_dates(features: Sequence[Feature]) -> tuple[Feature, ...]:
    """Ask how dates are written, and up to which day is counted, where any are to be used."""
    dated = [each.dates for each in features if each.dates]
    if not dated:
        return tuple(features)
    cards.show_note(words.DATES_NOTE)
    day = st.date_input(words.UNTIL_LABEL, dated[0].day, format="YYYY-MM-DD")
    return tuple(
        replace(each, dates=DateReading(_order_of_dates(each.name, each.dates.order), str(day)))
        if each.dates
        else each
        for each in features
    )


def _order_of_dates(name: str, likely: DateOrder) -> DateOrder:
    label = words.dates_label(wording.column_words(name))
    orders = list(words.DATE_ORDERS)
    place = orders.index(likely)
    return st.selectbox(label, orders, place, words.DATE_ORDERS.__getitem__, key=f"dates-{name}")


def missing_in(choices: Choices) -> str | None:
    """What has to be said before anything can be kept; ``None`` where nothing is missing."""
    if not choices.purpose:
        return words.PURPOSE_MISSING
    if not choices.kept:
        return words.NOTHING_KEPT
    if any(len(each.reason) < SHORTEST_REASON for each in choices.overrides):
        return words.REASON_MISSING
    return None


def _one_of(
    label: str, none: str, names: Sequence[str], chosen: str | None, tip: str | None = None
) -> str | None:
    options = [None, *names]
    place = options.index(chosen) if chosen in options else 0
    return st.selectbox(label, options, place, format_func=lambda name: name or none, help=tip)


# ── the question ────────────────────────────────────────────────────────────────────────
def edit_plan(
    dataset: Dataset, suggested: Plan, known: Mapping[str, Bounds], price: str
) -> Plan | None:
    """Ask which columns make customers alike; ``None`` while the answer doesn't fit together.

    An unchanged suggestion comes back as it is, in its own order, so that the
    same question is never bought twice.
    """
    columns = {each.name: each for each in suggested.columns}
    columns |= {
        each.name: replace(each, bounds=known.get(each.name, each.bounds))
        for each in dataset.columns
        if each.name not in columns
    }
    chosen = st.pills(
        words.FEATURES_LABEL,
        list(columns),
        selection_mode="multi",
        default=[each.name for each in suggested.features],
        format_func=lambda name: words.safe(wording.column_words(name)),
        key=f"features-{dataset.id}",
        persist_state="session",
    )
    chosen = [name for name in columns if name in chosen]
    rest = [name for name in columns if name not in chosen]
    usual = {each.name for each in suggested.columns}
    described = [name for name in rest if name in usual]
    with st.expander(words.PROFILED_FOLD):
        profiled = st.multiselect(
            words.PROFILED_LABEL, rest, described, format_func=wording.column_words
        )
    asked = [columns[name] for name in (*chosen, *sorted(profiled, key=rest.index))]
    fitted = _edit_bounds(dataset.id, asked, price)
    epsilon, smallest = _edit_details(suggested)
    if not chosen or len(chosen) > MAX_FEATURES:
        st.info(words.NO_FEATURES if not chosen else words.too_many(MAX_FEATURES))
        return None
    if fitted is None:
        return None
    return Plan(fitted[: len(chosen)], fitted[len(chosen) :], epsilon, smallest)


def _edit_bounds(
    dataset_id: str, asked: Sequence[Feature], price: str
) -> tuple[Feature, ...] | None:
    """Let the person change the expected range of each number; ``None`` where one is wrong."""
    with st.expander(words.BOUNDS_FOLD):
        cards.show_note(words.BOUNDS_NOTE)
        fitted = [_edit_bound(dataset_id, feature, price) for feature in asked]
    told = tuple(feature for feature in fitted if feature is not None)
    if len(told) < len(asked):
        st.warning(words.BOUNDS_WRONG)
        return None
    return told


def _edit_bound(dataset_id: str, feature: Feature, price: str) -> Feature | None:
    if feature.kind in ("category", "level"):
        return _edit_order(dataset_id, feature)
    if feature.kind != "number":
        return feature
    preset = feature.bounds or preset_bounds(feature.name)
    bought = "bought-" if preset.bought else ""
    key = f"{bought}{dataset_id}-{feature.name}"
    st.markdown(f"**{words.safe(wording.column_words(feature.name))}**")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        low = st.number_input(words.LOW, value=float(preset.low), key=f"low-{key}", width=150)
        high = st.number_input(words.HIGH, value=float(preset.high), key=f"high-{key}", width=150)
        log = st.toggle(words.BY_RATIO, preset.log, key=f"log-{key}")
        if not bought:
            wanted = (feature.name,)
            st.button(price, key=f"range-{key}", on_click=state.want_range, args=wanted)
    try:
        asked = replace(feature, bounds=Bounds(low, high, log, preset.whole, preset.bought))
    except ValueError:
        return None
    return feature if asked == feature else asked


def _edit_order(dataset_id: str, feature: Feature) -> Feature | None:
    """Let the person put labels in order; without an order they are a category."""
    known = feature.domain.labels if feature.kind == "level" and feature.domain else ()
    typed = st.text_input(
        words.order_label(wording.column_words(feature.name)),
        ", ".join(known),
        placeholder=words.ORDER_HINT,
        key=f"order-{dataset_id}-{feature.name}",
    )
    labels = tuple(label for each in typed.split(",") if (label := each.strip()))
    if labels == known:
        return feature
    try:
        if not labels:
            return replace(feature, kind="category", domain=None)
        return replace(feature, kind="level", domain=Domain(labels))
    except ValueError:
        return None


def _edit_details(suggested: Plan) -> tuple[float, int]:
    with st.expander(words.DETAILS_FOLD):
        options = sorted({*EPSILONS, suggested.epsilon})
        epsilon = st.select_slider(words.EPSILON_LABEL, options, suggested.epsilon)
        cards.show_note(words.odds_at(epsilon))
        floor = suggested.min_segment_size
        smallest = st.number_input(words.SMALLEST_LABEL, floor, 10_000, floor)
    return float(epsilon), int(smallest)


def ask_accuracy() -> tuple[float, int]:
    """Ask how exact a size has to be: a part of it, and of how many people."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        percent = st.number_input(words.WISH_PART, 1, 100, 5, width=200)
        people = st.number_input(words.WISH_GROUP, 10, 10_000_000, 1_000, width=200)
    return percent / 100, int(people)


# ── exploring ───────────────────────────────────────────────────────────────────────────
def choose_count(map_id: str, suggested: int, most: int = MAX_SEGMENTS) -> int:
    """Ask how many segments, up to how many stand out; the suggested number is chosen before."""
    chosen = st.segmented_control(
        words.HOW_MANY,
        list(range(MIN_SEGMENTS, most + 1)),
        default=suggested,
        required=True,
        key=f"count-{map_id}",
        persist_state="session",
    )
    return suggested if chosen is None else int(chosen)


def names_typed(map_id: str, count: int, segments: Sequence[Segment]) -> tuple[str, ...]:
    """The names as the person wants them; the suggested ones where nothing was typed."""
    return tuple(
        state.typed(_name_key(map_id, count, place)) or segment.name
        for place, segment in enumerate(segments)
    )


def edit_names(map_id: str, count: int, segments: Sequence[Segment]) -> None:
    """Let the person rename the segments."""
    with st.expander(words.NAMES_FOLD):
        for place, segment in enumerate(segments):
            st.text_input(
                words.name_label(place),
                segment.name[:_LONGEST_NAME],
                max_chars=_LONGEST_NAME,
                key=_name_key(map_id, count, place),
                persist_state="session",
            )


def _name_key(map_id: str, count: int, place: int) -> str:
    return f"name-{map_id}-{count}-{place}"


def renamed(told: Exploration, names: Sequence[str]) -> Exploration:
    """The same exploration under the person's own names."""
    pairs = zip(told.segments, names, strict=True)
    return replace(told, segments=tuple(replace(each, name=name) for each, name in pairs))


def choose_release(published: Sequence[ReleaseInfo]) -> str:
    """The release that is being worked on: the chosen one, or the newest; others can be picked."""
    ids = [each.id for each in published]
    titles = {each.id: words.release_line(each) for each in published}
    held = state.chosen("release")
    chosen = held if held in titles else ids[0]
    if len(ids) > 1:
        place = ids.index(chosen)
        chosen = st.selectbox(words.WHICH_RELEASE, ids, place, lambda each: titles[each])
    state.choose("release", chosen)
    return chosen


def choose_earlier(others: Sequence[ReleaseInfo]) -> str:
    """Ask which earlier release to compare with; the newest where nothing is chosen."""
    titles = {each.id: words.release_line(each) for each in others}
    if len(titles) == 1:
        return others[0].id
    return st.selectbox(words.MOVEMENT_WITH, list(titles), format_func=lambda each: titles[each])


def choose_pair(segments: Sequence[Segment], key: str) -> tuple[int, int]:
    """Ask which two segments to compare."""
    places = list(range(len(segments)))
    left, right = st.columns(2)
    one = left.selectbox(
        words.COMPARE_LABELS[0], places, 0, lambda p: segments[p].name, key=f"one-{key}"
    )
    rest = [place for place in places if place != one]
    another = right.selectbox(
        words.COMPARE_LABELS[1], rest, 0, lambda p: segments[p].name, key=f"another-{key}"
    )
    return one, another
