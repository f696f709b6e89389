"""What a chat UI asks for itself is told from what a person asks, by form."""

from typing import Any

import pytest

from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.rag.ui_requests import is_ui_request

TRANSCRIPT = "User: How do I bleed the valve?\nAI: Open it slowly until no air comes out."
BLOCK = "<chat_history>\nUSER: How do I bleed it?\nASSISTANT: Slowly.\n</chat_history>"


def kind_of(*turns: str, system: str | None = None, **fields: Any) -> str | None:
    """Return the kind of a chat whose turns begin and end with the user's."""
    roles = ["user", "assistant"] * len(turns)
    messages = [{"role": r, "content": t} for r, t in zip(roles, turns, strict=False)]
    if system is not None:
        messages.insert(0, {"role": "system", "content": system})
    return is_ui_request(
        ChatCompletionRequest.model_validate({"model": "m", "messages": messages, **fields})
    )


def template(task: str, output: str, rest: str = "") -> str:
    """Return a prompt of the form that Open WebUI fills in."""
    return f"### Task:\n{task}\n\n### Output:\nJSON: {output}\n\n### History:\n{BLOCK}{rest}"


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        ('{ "title": "what it is about" }', "title"),
        ('{"title": ""}', "title"),
        ('{ "tags": ["a", "b"] }', "tags"),
        ('{ "follow_ups": ["What next?"] }', "follow-ups"),
        ('{\n  "queries": ["q"]\n}', "queries"),
        ('{ "prompt": "a picture" }', "image-prompt"),
    ],
)
def test_a_filled_in_template_with_a_transcript_is_open_webuis(output: str, kind: str) -> None:
    assert kind_of(template("Read the history and fill this in.", output)) == kind
    assert kind_of(template("作业", output)) == kind


def test_a_completion_of_the_input_is_open_webuis_too() -> None:
    head = template("Go on with the text.", '`{ "text": "<the rest>" }`')
    assert kind_of(f"{head}\n<type>General</type>\n<text>The pump is</text>") == "autocomplete"


@pytest.mark.parametrize(
    ("task", "kind"),
    [
        ("title_generation", "title"),
        ("tags_generation", "tags"),
        ("follow_up_generation", "follow-ups"),
        ("query_generation", "queries"),
    ],
)
def test_a_task_in_the_metadata_says_it_outright(task: str, kind: str) -> None:
    assert kind_of("whatever", metadata={"task": task, "chat_id": "1"}) == kind


def test_metadata_of_a_persons_chat_says_nothing() -> None:
    assert kind_of("How?", metadata={"chat_id": "1", "task": "moa_response_generation"}) is None
    assert kind_of("How?", metadata={"task": "homework"}) is None


TITLE_ORDERS_WITH_A_TRANSCRIPT = [
    # LibreChat, both ways
    (
        "Write a short title of 5 words or less for the conversation, in title case. "
        f"Only give back the title.\n\nConversation:\n{TRANSCRIPT}"
    ),
    (
        "Read the conversation below and give:\n1. its language\n2. a brief title in that language "
        f"(5 words or less, no punctuation or quotes)\n\n{TRANSCRIPT}"
    ),
    # Chatbox
    (
        "Name this chat from what was said. At most 10 characters, without quotes, and answer with "
        f"the name only.\n```\n{TRANSCRIPT}\n```"
    ),
    # older LobeChat
    (
        "user: hi\nassistant: hello\n\nSummarize the chat into a title within 10 characters, "
        "without punctuation, in English"
    ),
    "user: 你好\nassistant: 你好\n\n请把上述对话总结为 10 个字以内的标题 不要标点",
]


@pytest.mark.parametrize("order", TITLE_ORDERS_WITH_A_TRANSCRIPT)
def test_an_order_to_name_a_transcript_is_a_uis(order: str) -> None:
    assert kind_of(order) == "title"


@pytest.mark.parametrize("order", TITLE_ORDERS_WITH_A_TRANSCRIPT[:4])
def test_the_transcript_may_be_long(order: str) -> None:
    long = "\n".join([TRANSCRIPT] * 200)
    assert kind_of(order.replace(TRANSCRIPT, long).replace("hello", long)) == "title"


@pytest.mark.parametrize(
    "order",
    [
        # NextChat
        (
            "Give a title of four to five words that summarizes our conversation, without lead-in, "
            "punctuation or quotation marks."
        ),
        "用四到五个字返回这句话的主题 不要解释、不要标点",
    ],
)
def test_an_order_to_name_the_chat_it_stands_in_is_a_uis(order: str) -> None:
    assert kind_of("How do I bleed it?", "Slowly.", order) == "title"


@pytest.mark.parametrize(
    ("system", "user"),
    [
        # LobeChat
        (
            (
                "You summarize conversations. Write a brief title that captures what the chat "
                "is about.\n- Output only the title\n- Maximum 10 words\n- No punctuation"
            ),
            "user: How do I bleed it?\nassistant: Slowly.",
        ),
        # HuggingChat
        (
            (
                "You write chat titles. Aim: a brief title (2–4 words) of the user's "
                "first message. Rules: output only the title; no prefixes, no quotes."
            ),
            'User message: "How do I bleed it?"',
        ),
        # n8n
        (
            (
                "Write a concise title for this conversation from the message: 3 to 5 words, no "
                "quotation marks, only the title and nothing else."
            ),
            "How do I bleed it?",
        ),
    ],
)
def test_instructions_to_name_a_chat_are_a_uis(system: str, user: str) -> None:
    assert kind_of(user, system=system) == "title"


def test_one_emoji_and_no_room_for_more_is_a_uis() -> None:
    order = "Show the mood of the speaker by one emoji.\n\nMessage: ```I am happy```"
    assert kind_of(order, max_tokens=4) == "emoji"
    assert kind_of(order) is None
    lobe = "You choose emojis for topics.\n- Output only a single emoji\n- no explanations"
    assert kind_of("I was promoted", system=lobe) == "emoji"


ORDINARY_QUESTIONS = [
    "How do I bleed the valve?",
    "What is the title of chapter 3?",
    "Which titles did the author hold?",
    "Suggest a title for my report about pumps, at most 5 words, no punctuation.",
    "Generate a concise title for this blog post about valves. Only return the title, 5 words.",
    "Suggest a title for the conversation between Ann and Bob in chapter 3, 5 words, no quotes.",
    "Summarize chapter 2 in 10 words or less, without quotes.",
    "Summarize this conversation so far.",
    "What did we say about valves in this conversation?",
    "What name does the book give to the first valve? Answer with only the name.",
    "How does one name a chat in the app?",
    "Which tags can the configuration file have? Answer in JSON only.",
    'Return {"tags": [...]} with the tags of chapter 3, JSON only.',
    'Answer in JSON format: { "title": "...", "author": "..." } for chapter 3.',
    "### Task:\nExplain how the pump is primed.\n### Output:\nA list.",
    "What does the block <chat_history> in the prompt template mean?",
    'Explain this prompt: { "title": "x" } <chat_history> is where the messages go.',
    "Explain this to me:\n" + template("Give a title.", '{ "title": "x" }'),
    "What follow-up questions should an interviewer ask?",
    "Which emoji does the manual use for warnings? Only one emoji, please.",
    "How do I write good search queries?",
    "What is autocompletion of the input for?",
    f"Who is right here?\n{TRANSCRIPT}",
    f"Give a title to each chapter, no more than five words.\n{TRANSCRIPT}",
    "第三章的标题是什么",
    "聊天的标题怎么改",
]


@pytest.mark.parametrize("question", ORDINARY_QUESTIONS)
def test_an_ordinary_question_is_a_persons(question: str) -> None:
    assert kind_of(question) is None
    assert kind_of("Hello", "Hello!", question) is None
    assert kind_of(question, max_tokens=200) is None


@pytest.mark.parametrize(
    "system",
    [
        "You are a helpful assistant.",
        (
            "You are Bookbot in a chat. Address the user by name. Answer in at most 90 words, only "
            "from the book, without quotes."
        ),
        (
            "Answer in this chat thread. Begin each answer with a title of 5 words, without "
            "punctuation."
        ),
        "Title your answers. Keep the conversation friendly. No quotes.",
        "Use only one emoji per answer. No explanations.",
        "Reply with only one emoji per paragraph.",
        "You are an editor: propose book titles of 5 words, only the title, no quotes.",
        "You name the topic of each conversation, then answer in ten sentences.",
    ],
)
def test_instructions_of_an_application_do_not_make_its_questions_a_uis(system: str) -> None:
    assert kind_of("How do I bleed the valve?", system=system) is None


def test_long_instructions_are_an_applications() -> None:
    titled = "Write a title for this conversation: 3 to 5 words, no quotes, only the title."
    assert kind_of("How?", system=titled) == "title"
    assert kind_of("How?", system=titled + " And so on." * 400) is None


def test_text_parts_count_and_images_do_not() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    text = {"type": "text", "text": template("Read it.", '{ "tags": [] }')}
    chat = {"model": "m", "messages": [{"role": "user", "content": [image, text]}]}
    assert is_ui_request(ChatCompletionRequest.model_validate(chat)) == "tags"


def test_a_chat_without_a_user_is_nobodys() -> None:
    chat = {"model": "m", "messages": [{"role": "assistant", "content": "title"}]}
    assert is_ui_request(ChatCompletionRequest.model_validate(chat)) is None
