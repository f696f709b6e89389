"""Checks what an answer cites against the passages it names. Pure but for an optional embedder."""
