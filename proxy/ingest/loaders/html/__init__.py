"""HTML pages, as mdBook, Sphinx, Docusaurus and people write them, and those within an EPUB."""
