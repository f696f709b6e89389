"""Turns of conversations that are kept: history in, the one pipeline, the answer recorded.

The front doors that keep conversations (the site's REST API, ChatKit) enter here; the stateless
ones (`/v1`) enter the pipeline itself.
"""
