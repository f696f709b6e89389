"""Ray: the stages of an ingest on many cores, or many machines."""
