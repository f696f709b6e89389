"""Qdrant behind one port, on a server or embedded in this process."""
