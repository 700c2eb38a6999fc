"""The upload box hands bytes on and forgets them; answers leave as plans and choices."""

from typing import Any

from streamlit.testing.v1 import AppTest

from dashboard.ui import inputs
from tests.fixtures_release import sample_release


def _box() -> None:
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from dashboard.ui import inputs

    uploads = inputs.take_uploads(200)
    context = get_script_run_ctx()
    assert context
    storage: Any = context.uploaded_file_mgr.file_storage  # type: ignore[attr-defined]
    st.session_state["given"] = [(each.name, each.content) for each in uploads]
    st.session_state["held"] = sum(len(each) for each in storage.values())


def test_streamlit_keeps_no_copy_of_a_file() -> None:
    app = AppTest.from_function(_box, default_timeout=30).run()
    first = app.file_uploader[0].key
    app.file_uploader[0].set_value(("mine.csv", b"a\n1\n", "text/csv")).run()
    assert app.session_state["given"] == [("mine.csv", b"a\n1\n")]
    assert app.session_state["held"] == 0
    app.run()
    assert app.file_uploader[0].key != first
    assert app.session_state["given"] == []


def test_several_files_are_taken_together() -> None:
    app = AppTest.from_function(_box, default_timeout=30).run()
    files: list[Any] = [("a.csv", b"1", "text/csv"), ("b.csv", b"2", "text/csv")]
    app.file_uploader[0].set_value(files).run()
    assert [name for name, _ in app.session_state["given"]] == ["a.csv", "b.csv"]


def test_renaming_changes_names_and_nothing_else() -> None:
    from dashboard.release import Exploration

    told = sample_release()
    shown = Exploration(
        "m",
        5,
        5,
        "",
        told.segments,
        told.other,
        told.total,
        told.overall,
        told.points,
        told.axes,
        told.features,
        told.threshold,
        None,
    )
    names = tuple("VWXYZ")
    new = inputs.renamed(shown, names)
    assert tuple(each.name for each in new.segments) == names
    assert [each.size for each in new.segments] == [each.size for each in told.segments]
