"""The embedded default: the bundled embedding model and the offline reader."""
