"""Who knows the callers, for tests: with a store of their own, or with none that answers."""

from proxy.api.auth import Authenticator
from proxy.identity.anonymous import AnonymousIds
from proxy.identity.recognition import Recognition
from proxy.settings import load_settings
from proxy.store import LazyStore
from tests.support.stores import away

TOKEN = "token-of-this-machine"
SECRET = b"secret of the anonymous, 32 bytes"


def authenticator(
    store: LazyStore | None = None, /, *, has_stored_keys: bool = False, **environ: str
) -> Authenticator:
    """Return what knows callers with these settings."""
    return Authenticator(
        load_settings(environ, None),
        TOKEN,
        Recognition(store or away(), None),
        AnonymousIds(SECRET),
        has_stored_keys=has_stored_keys,
    )
