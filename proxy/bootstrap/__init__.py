"""The composition root: settings to adapters to what runs; the only place that chooses an adapter.

Everything is opened here, in one `AsyncExitStack`, and closed in reverse.
"""
