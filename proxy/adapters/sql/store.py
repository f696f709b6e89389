"""The whole store on one database."""

from proxy.adapters.sql.addresses import Address
from proxy.adapters.sql.conversations import SqlConversations
from proxy.adapters.sql.database import Database
from proxy.adapters.sql.jobs import SqlIngestJobs
from proxy.adapters.sql.keys import SqlApiKeys
from proxy.adapters.sql.migrate import migrate
from proxy.adapters.sql.readers import SqlReaders
from proxy.adapters.sql.shelves import SqlShelves
from proxy.adapters.sql.uploads import SqlUploads
from proxy.adapters.sql.usage import SqlUsageLedger
from proxy.errors import StoreUnavailable
from proxy.store import Store


async def open_sql_store(address: Address) -> Store:
    """Open a database, with its tables made or brought up to date.

    Raises:
        StoreUnavailable: it cannot be reached.
    """
    database = Database(address)
    try:
        await migrate(database)
    except StoreUnavailable:
        await database.close()
        raise
    return Store(
        conversations=SqlConversations(database),
        readers=SqlReaders(database),
        keys=SqlApiKeys(database),
        usage=SqlUsageLedger(database),
        uploads=SqlUploads(database),
        shelves=SqlShelves(database),
        jobs=SqlIngestJobs(database),
        check=database.check,
        close=database.close,
    )
