"""JSON Schemas of clients to those that Gemini takes."""
