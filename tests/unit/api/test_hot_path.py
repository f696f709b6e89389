"""The shortcut around FastAPI's routing leads to the same endpoints."""

from fastapi.routing import iter_route_contexts

from proxy.api.hot_path import ENDPOINTS
from proxy.app import create_app
from proxy.settings import load_settings


def test_each_shortcut_is_a_route_too() -> None:
    app = create_app(load_settings({}, None))
    routes = {
        route.path: route.endpoint
        for route in iter_route_contexts(app.routes)
        if route.methods and "POST" in route.methods
    }
    assert {path: routes[path] for path in ENDPOINTS} == dict(ENDPOINTS)
