"""The application as a whole: what no endpoint expected is answered in the envelope."""

import httpx

from proxy.app import create_app
from proxy.settings import load_settings
from tests.support.in_process import serve_app
from tests.support.waiting import LONG_ENOUGH_S


async def test_a_defect_in_any_endpoint_is_a_500_in_the_envelope() -> None:
    app = create_app(load_settings({"GENERATOR": "offline", "EMBEDDER": "local"}, None))

    @app.get("/defect")
    async def defect() -> None:  # pyright: ignore[reportUnusedFunction] - the router calls it
        raise RuntimeError("secret detail")

    async with (
        serve_app(app) as served,
        httpx.AsyncClient(base_url=served.url, timeout=LONG_ENOUGH_S) as http,
    ):
        reply = await http.get("/defect")
    assert reply.status_code == 500
    assert reply.json()["error"]["code"] == "internal_error"
    assert "secret" not in reply.text
    assert reply.headers["x-request-id"]
