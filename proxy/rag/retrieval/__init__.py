"""Retrieval's own stations: what is asked for, how lists become one, what is read and given."""
