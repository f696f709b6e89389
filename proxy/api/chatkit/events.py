"""The events of a ChatKit stream, and their bytes."""

from typing import Any

import orjson

from proxy.api.chatkit.items import Object
from proxy.errors import InternalError, ProxyError

_RETRIABLE_STATUS = 500
MAY_CANCEL: Object = {"type": "stream_options", "stream_options": {"allow_cancel": True}}
SEARCHING: Object = {"type": "progress_update", "icon": "search", "text": "Searching the book…"}


def frames(*events: Object) -> bytes:
    """Return events as they go over the wire."""
    return b"".join([b"data: " + orjson.dumps(event) + b"\n\n" for event in events])


def thread_created(thread: Object) -> Object:
    """Return the event of a new thread; its title follows once it has one."""
    return {"type": "thread.created", "thread": _untitled(thread)}


def thread_updated(thread: Object) -> Object:
    """Return the event of a thread that changed."""
    return {"type": "thread.updated", "thread": thread}


def item_done(item: Object) -> Object:
    """Return the event of an item that is whole."""
    return {"type": "thread.item.done", "item": item}


def item_replaced(item: Object) -> Object:
    """Return the event of an item that is another now."""
    return {"type": "thread.item.replaced", "item": item}


def notice(message: str) -> Object:
    """Return what a reader should know of the answer."""
    return {"type": "notice", "level": "warning", "message": message}


def client_effect(name: str, data: Any) -> Object:
    """Return what the page is to do."""
    return {"type": "client_effect", "name": name, "data": data}


def error(failure: ProxyError, *, may_retry: bool) -> Object:
    """Return the event that ends a stream which cannot go on; ChatKit shows its message."""
    if isinstance(failure, InternalError):
        return {"type": "error", "code": "stream.error", "allow_retry": may_retry}
    message = failure.message
    if failure.retry_after_s is not None:
        message = f"{message} Try again in {_in_words(failure.retry_after_s)}."
    return {"type": "error", "code": "custom", "message": message, "allow_retry": may_retry}


def may_work_later(failure: ProxyError) -> bool:
    """Whether asking the same again can have another outcome."""
    return failure.status >= _RETRIABLE_STATUS or failure.retry_after_s is not None


def _in_words(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"


def _untitled(thread: Object) -> Object:
    return {name: value for name, value in thread.items() if name != "title"}
