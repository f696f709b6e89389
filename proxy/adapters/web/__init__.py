"""Web addresses that somebody sent: fetched behind a guard, or not at all."""
