"""Asks the book with OpenAI's Python SDK, and says where the answer stands.

pip install openai
python ask.py "What is an edition of a book?"
"""

import os
import sys

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8000/v1"),
    api_key=os.environ.get("OPENAI_API_KEY", "none"),
)
question = " ".join(sys.argv[1:]) or "What is an edition of a book?"
sources: list[str] = []
with client.chat.completions.create(
    model="gpt-4o", messages=[{"role": "user", "content": question}], stream=True
) as stream:
    for chunk in stream:
        delta = chunk.choices[0].delta if chunk.choices else None
        if delta is None:
            continue
        print(delta.content or "", end="", flush=True)
        # The sources come right before the end; the SDK keeps what it has no name for.
        for annotation in (delta.model_extra or {}).get("annotations", []):
            cited = annotation["url_citation"]
            sources.append(f"{cited['title']}: {cited['url']}")
print("\n")
print(*dict.fromkeys(sources), sep="\n")
