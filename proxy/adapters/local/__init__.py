"""The embedded default: a bundled embedding model and a reader that quotes the book."""
