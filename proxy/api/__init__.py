"""HTTP in, HTTP out: one file per URL."""
