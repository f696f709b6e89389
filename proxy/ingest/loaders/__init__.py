"""Files of one format to documents; one module per format."""
