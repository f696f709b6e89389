"""The OpenAI wire: pure data and pure functions."""
