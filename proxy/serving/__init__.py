"""From a socket to an ASGI application, and back: uvicorn as we run it."""
