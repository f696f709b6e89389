"""An OpenAI-compatible proxy that grounds answers in a book; ARCHITECTURE.md is the map."""

__version__ = "0.1.0"
