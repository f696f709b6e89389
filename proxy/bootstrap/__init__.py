"""The composition root: settings to adapters to what runs; the only place that chooses an adapter.

Everything is opened here, in one `AsyncExitStack`, and closed in reverse.
"""

from proxy.adapters.qdrant.owner import ServerAddress
from proxy.bootstrap.books import Endpoint, IngestTools, index_root, open_ingest, running_server
from proxy.bootstrap.engines import EngineName
from proxy.bootstrap.readers import has_stored_keys, lazy_store
from proxy.bootstrap.serving import open_state
from proxy.bootstrap.upstreams import OFFLINE_MODEL

__all__ = [
    "OFFLINE_MODEL",
    "Endpoint",
    "EngineName",
    "IngestTools",
    "ServerAddress",
    "has_stored_keys",
    "index_root",
    "lazy_store",
    "open_ingest",
    "open_state",
    "running_server",
]
