"""The cold paths to a Qdrant server: qdrant-client, with its failures as ours.

Called by the writer only. The client does not keep connections to localhost alive and knows no
timeouts below a second; for what runs once per ingest its types are worth more than that.
"""

import contextlib
import warnings
from collections.abc import AsyncGenerator, Sequence
from typing import Final

import httpx
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import (
    ApiException,
    ResponseHandlingException,
    UnexpectedResponse,
)

from proxy.adapters.qdrant import payload as stored
from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.errors import RetrievalUnavailable

PAGE: Final = 256
"""Points per request: a few megabytes with the longest vectors."""


def make_client(url: str, api_key: str | None, timeout_s: int) -> AsyncQdrantClient:
    """Return a client that connects when it is first used."""
    with warnings.catch_warnings():
        # A key over plain http is the rule within one docker-compose network.
        warnings.filterwarnings("ignore", "Api key is used with an insecure connection")
        return AsyncQdrantClient(
            url=url, api_key=api_key, timeout=timeout_s, check_compatibility=False
        )


@contextlib.asynccontextmanager
async def translated() -> AsyncGenerator[None]:
    """Raise what Qdrant or its client raise inside as `RetrievalUnavailable`."""
    try:
        yield
    except UnexpectedResponse as exc:
        if exc.status_code in {401, 403}:
            raise RetrievalUnavailable(f"Qdrant refused the API key ({exc.status_code})") from exc
        raise RetrievalUnavailable(f"Qdrant answered {exc.status_code}") from exc
    except ResponseHandlingException as exc:
        source: object = exc.source
        raise RetrievalUnavailable(f"Qdrant cannot be reached ({type(source).__name__})") from exc
    except (ApiException, QdrantException, httpx.HTTPError) as exc:
        raise RetrievalUnavailable(f"Qdrant failed ({type(exc).__name__})") from exc


async def collection_info(
    client: AsyncQdrantClient, collection: str, identity: IndexIdentity
) -> models.CollectionInfo | None:
    """Return the collection's description, None where there is none.

    Raises:
        ConfigurationError: it was made for another model or size.
        RetrievalUnavailable: the server cannot be asked.
    """
    async with translated():
        if not await client.collection_exists(collection):
            return None
        info = await client.get_collection(collection)
    identity.require_collection(info.config.model_dump(mode="json"), collection)
    return info


async def ensure_collection(
    client: AsyncQdrantClient, collection: str, identity: IndexIdentity
) -> bool:
    """Make the collection and its payload indexes, as far as they are not there.

    Returns whether it holds weights of terms: one that was made before them cannot.

    Raises:
        ConfigurationError: it is there and was made for another model or size.
        RetrievalUnavailable: the server cannot be asked.
    """
    info = await collection_info(client, collection, identity)
    async with translated():
        if info is None:
            await _create_collection(client, collection, identity)
        for key in stored.INDEXED:
            if info is None or key not in info.payload_schema:
                await client.create_payload_index(
                    collection, key, field_schema=models.PayloadSchemaType.KEYWORD
                )
    return info is None or stored.TERMS in (info.config.params.sparse_vectors or {})


async def _create_collection(
    client: AsyncQdrantClient, collection: str, identity: IndexIdentity
) -> None:
    params = models.VectorParams(size=identity.dimensions, distance=models.Distance.COSINE)
    try:
        await client.create_collection(
            collection,
            vectors_config={stored.VECTOR: params},
            sparse_vectors_config={stored.TERMS: models.SparseVectorParams()},
            metadata=identity.to_metadata(),
        )
    except UnexpectedResponse as exc:
        # 409: another process was faster.
        if exc.status_code != 409:
            raise


def match(key: str, value: str | Sequence[str]) -> models.FieldCondition:
    """Return the condition that `key` holds `value`, or any one of a sequence of values."""
    if isinstance(value, str):
        return models.FieldCondition(key=key, match=models.MatchValue(value=value))
    return models.FieldCondition(key=key, match=models.MatchAny(any=list(value)))
