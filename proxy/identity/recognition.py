"""Credentials that have to be looked up or verified, to callers who may still come in."""

from datetime import UTC, datetime

from proxy.caller import Caller
from proxy.errors import InvalidApiKey, StoreUnavailable
from proxy.identity.api_keys import caller_of_key, key_id_of
from proxy.identity.lookups import Lookup
from proxy.identity.tokens import TokenVerifier, looks_like_token
from proxy.store import ApiKey, LazyStore, Reader
from proxy.telemetry.logs import log


class Recognition:
    """Recognises callers by stored keys and by tokens (`tokens` None: by keys only)."""

    def __init__(self, store: LazyStore, tokens: TokenVerifier | None) -> None:
        self._store = store
        self._tokens = tokens
        self._key = Lookup(self._find_key)
        self._reader = Lookup(self._find_reader)

    async def caller(self, credential: str) -> Caller:
        """Return who presents this credential.

        Raises:
            InvalidApiKey: nobody we know, or a reader who was shut out.
            StoreUnavailable: a key cannot be looked up.
            IdentityUnavailable: a token cannot be checked.
        """
        key_id = key_id_of(credential)
        if key_id is not None:
            caller = caller_of_key(await self._key(key_id), credential, datetime.now(UTC))
        elif self._tokens is not None and looks_like_token(credential):
            caller = await self._tokens.caller(credential)
        else:
            raise InvalidApiKey("Unknown API key.")
        await self.require_active(caller)
        return caller

    async def require_active(self, caller: Caller) -> None:
        """Return when the caller may still come in, or that cannot be told.

        Raises:
            InvalidApiKey: it was shut out.
        """
        try:
            reader = await self._reader(caller.caller_id)
        except StoreUnavailable:
            # The credential was proved; only whether it was shut out since cannot be told.
            log.warning("reader_status_unknown")
            return
        if reader is not None and not reader.is_active:
            raise InvalidApiKey("This reader was deactivated.", code="reader_deactivated")

    async def _find_key(self, key_id: str) -> ApiKey | None:
        return await (await self._store()).keys.find(key_id)

    async def _find_reader(self, reader_id: str) -> Reader | None:
        return await (await self._store()).readers.find(reader_id)
