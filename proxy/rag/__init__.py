"""The pipeline of a question: decides, does no I/O of its own."""
