"""Asks the book from LangChain: a chain that answers, with the pages it used below.

pip install langchain-openai
python ask_langchain.py "What is an edition of a book?"
"""

import os
import sys

from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_openai import ChatOpenAI

# LangChain drops annotations; `append_sources` has them written below the answer instead.
book = ChatOpenAI(
    model="gpt-4o",
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8000/v1"),
    api_key=os.environ.get("OPENAI_API_KEY", "none"),
    extra_body={"rag": {"append_sources": True}},
)
chain = ChatPromptTemplate.from_messages([("user", "{question}")]) | book | StrOutputParser()
print(chain.invoke({"question": " ".join(sys.argv[1:]) or "What is an edition of a book?"}))
