"""What browsers are told: nothing leaves or enters that the app does not need."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from dashboard.share.headers import (
    COMMON,
    SecurityHeaders,
    app_policy,
    page_headers,
    page_policy,
)
from tests.share.visits import visit


def _small_app(**headers):
    async def answer(_request):
        return PlainTextResponse("hello", headers=headers)

    middleware = [Middleware(SecurityHeaders, policy=app_policy())]
    return Starlette(routes=[Route("/", answer)], middleware=middleware)


def test_every_answer_carries_the_headers_errors_too():
    for path in ("/", "/unknown"):
        answer = visit(_small_app(), path)
        for name, value in COMMON.items():
            assert answer[name] == value
        assert "frame-ancestors 'none'" in str(answer["content-security-policy"])


def test_an_answer_s_own_policy_is_left_alone():
    answer = visit(_small_app(**{"Content-Security-Policy": "default-src 'none'"}), "/")
    assert answer["content-security-policy"] == "default-src 'none'"


def test_an_answer_with_its_own_policy_says_itself_who_may_frame_it():
    own = {"Content-Security-Policy": "frame-ancestors https://wiki.example"}
    assert visit(_small_app(**own), "/")["x-frame-options"] is None


def test_a_page_may_be_framed_by_the_named_sites_only():
    assert "frame-ancestors 'none'" in page_policy()
    assert page_headers()["X-Frame-Options"] == "DENY"
    framed = page_headers(("https://wiki.example", "https://other.example"))
    assert framed["Content-Security-Policy"].endswith(
        "frame-ancestors https://wiki.example https://other.example"
    )
    assert "X-Frame-Options" not in framed


def test_scripts_come_from_us_or_by_hash_and_are_never_evaluated():
    policy = app_policy("<script>\n  a = 1\n</script><script src='x'></script>")
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert scripts.startswith("script-src 'self' 'sha256-")
    assert "unsafe" not in scripts
    assert scripts.count("sha256") == 1
    assert "script-src 'self';" in app_policy()


def test_the_inline_script_of_streamlit_is_named_by_its_hash():
    from importlib.util import find_spec

    found = find_spec("streamlit")
    assert found is not None
    index = Path(str(found.origin)).with_name("static") / "index.html"
    assert "'sha256-" in app_policy(index.read_text("utf-8"))
