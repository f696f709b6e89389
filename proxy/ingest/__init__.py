"""From files to an edition of a book in the index."""
