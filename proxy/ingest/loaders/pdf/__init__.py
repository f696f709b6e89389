"""PDFs: glyphs with their places, from them lines, from lines headings and paragraphs."""
