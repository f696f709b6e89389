"""Drives `gradio.load_chat`: a chat page over the proxy, asked through its own client."""

import gradio
from checks import BASE_URL, BOOK_ANSWER, BOOK_QUESTION, MODEL, NO_PASSAGE, check, run
from gradio_client import Client


def _asked(*, streaming: bool, model: str = MODEL) -> list[str]:
    page = gradio.load_chat(BASE_URL, model=model, token="none", streaming=streaming)
    _, address, _ = page.launch(
        server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, share=False
    )
    try:
        name = "/open_api_stream" if streaming else "/open_api"
        message = {"text": BOOK_QUESTION, "files": []}
        job = Client(address, verbose=False).submit(message, api_name=name)
        last = job.result(timeout=60)
        return [*map(str, job.outputs()), str(last)]
    finally:
        page.close(verbose=False)


@check("chat")
def _() -> str:
    answer = _asked(streaming=False)[-1]
    assert answer == BOOK_ANSWER, answer
    return "`load_chat(streaming=False)`"


@check("retrieval options")
def _() -> str:
    answer = _asked(streaming=False, model=f"{MODEL}:no-rag")[-1]
    assert answer == NO_PASSAGE, answer
    return f"by the model's name: `{MODEL}:no-rag`"


@check("stream")
def _() -> str:
    texts = _asked(streaming=True)
    assert texts[-1] == BOOK_ANSWER, texts[-1]
    assert len(set(texts)) > 1, "it came in one piece"
    return "`load_chat`"


run()
