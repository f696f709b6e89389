"""What is remembered of readers: the records, and the ports that keep them.

The docstrings of the ports are the contract; `tests/contract` holds the store on SQLite and the one
on PostgreSQL to it. Every call that touches what belongs to a reader takes the `Caller`, and finds
nothing that is somebody else's.
"""

from proxy.store.conversations import (
    Conversation,
    Conversations,
    Feedback,
    Message,
    MessageStatus,
    Page,
    RatedAnswer,
    Rating,
)
from proxy.store.jobs import OPEN, IngestJob, IngestJobs, JobStatus
from proxy.store.keys import ApiKey, ApiKeys
from proxy.store.opening import LazyStore, Store
from proxy.store.readers import Reader, Readers
from proxy.store.retention import Retention
from proxy.store.shelves import Shelf, ShelvedFile, Shelves
from proxy.store.uploads import Upload, Uploads
from proxy.store.usage import DailyUsage, Interaction, SeenPassage, UsageCount, UsageLedger

__all__ = [
    "OPEN",
    "ApiKey",
    "ApiKeys",
    "Conversation",
    "Conversations",
    "DailyUsage",
    "Feedback",
    "IngestJob",
    "IngestJobs",
    "Interaction",
    "JobStatus",
    "LazyStore",
    "Message",
    "MessageStatus",
    "Page",
    "RatedAnswer",
    "Rating",
    "Reader",
    "Readers",
    "Retention",
    "SeenPassage",
    "Shelf",
    "ShelvedFile",
    "Shelves",
    "Store",
    "Upload",
    "Uploads",
    "UsageCount",
    "UsageLedger",
]
