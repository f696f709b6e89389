"""Any upstream that speaks OpenAI's API: OpenAI, xAI, Ollama, vLLM, llama.cpp and their like."""
