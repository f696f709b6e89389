"""Words and what they weigh: the lexical half of a search, at ingest as at the question."""
