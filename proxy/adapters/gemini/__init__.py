"""Google Gemini over REST: OpenAI requests down, chat events up."""
