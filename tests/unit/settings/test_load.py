"""The settings: where they come from, what is refused, what is never shown."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from proxy.errors import ConfigurationError
from proxy.settings import Settings, load_settings, variables


def load(tmp_path: Path, dotenv: str = "", **environ: str) -> Settings:
    file = tmp_path / ".env"
    file.write_text(dotenv, encoding="utf-8")
    return load_settings(environ, file)


def refusal(**environ: str) -> str:
    with pytest.raises(ConfigurationError) as refused:
        load_settings(environ, None)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_nothing_set_is_the_offline_proxy_of_one_machine() -> None:
    settings = load_settings({}, None)
    assert (settings.generator, settings.embedder) == ("offline", "local")
    assert settings.qdrant.url is None
    assert not settings.has_auth
    assert settings.server.data_dir == Path("data")
    assert settings.gemini.model == "gemini-3.8-flash"
    assert settings.embedding.dimensions == 768


def test_another_upstream_answers_and_the_bundled_model_embeds() -> None:
    local = {"OPENAI_MODEL": "llama3.2:3b", "OPENAI_BASE_URL": "http://127.0.0.1:11434/v1/"}
    settings = load_settings({"GENERATOR": "openai", **local}, None)
    assert (settings.generator, settings.embedder) == ("openai", "local")
    assert settings.openai.base_url == "http://127.0.0.1:11434/v1"
    assert settings.openai.api_key is None
    with_key = {"GENERATOR": "openai", **local, "GEMINI_API_KEY": "k"}
    assert load_settings(with_key, None).embedder == "gemini"


def test_a_fallback_has_an_upstream_of_its_own() -> None:
    fallback = {"FALLBACK_GENERATOR": "openai", "FALLBACK_OPENAI_MODEL": "second"}
    environ = {
        "GENERATOR": "openai",
        "OPENAI_MODEL": "first",
        "OPENAI_API_KEY": "k",
        **fallback,
        "FALLBACK_OPENAI_BASE_URL": "http://127.0.0.1:8001/v1",
        "PROXY_IDLE_TIMEOUT_S": "3",
    }
    settings = load_settings(environ, None)
    assert (settings.openai.model, settings.fallback.model) == ("first", "second")
    assert settings.fallback.api_key is None
    assert settings.fallback.idle_timeout_s == settings.openai.idle_timeout_s == 3


def test_a_key_switches_gemini_on() -> None:
    settings = load_settings({"GEMINI_API_KEY": "k"}, None)
    assert (settings.generator, settings.embedder) == ("gemini", "gemini")
    mixed = {"GEMINI_API_KEY": "k", "GENERATOR": "offline", "EMBEDDER": "local"}
    settings = load_settings(mixed, None)
    assert (settings.generator, settings.embedder) == ("offline", "local")


def test_vertex_ai_needs_no_key() -> None:
    environ = {"GOOGLE_GENAI_USE_VERTEXAI": "True", "GOOGLE_CLOUD_PROJECT": "a-project"}
    settings = load_settings(environ, None)
    assert (settings.generator, settings.embedder) == ("gemini", "gemini")
    gemini = settings.gemini
    assert (gemini.uses_vertex, gemini.vertex_project) == (True, "a-project")
    assert gemini.vertex_location == "global"
    # Other software of Google's reads these too: alone they switch nothing on.
    settings = load_settings({"GOOGLE_CLOUD_PROJECT": "a-project"}, None)
    assert (settings.generator, settings.gemini.uses_vertex) == ("offline", False)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = "PROXY_TOP_K=3\nLOG_LEVEL=DEBUG\nUNRELATED=1\nBROKEN"
    settings = load(tmp_path, file, PROXY_TOP_K="5")
    assert (settings.rag.top_k, settings.server.log_level) == (5, "DEBUG")


def test_an_empty_variable_counts_as_unset_and_unsets_the_files(tmp_path: Path) -> None:
    settings = load(tmp_path, "GEMINI_API_KEY=k\nPROXY_TOP_K=3", GEMINI_API_KEY="", LOG_LEVEL=" ")
    assert settings.gemini.api_key is None
    assert settings.rag.top_k == 3
    assert settings.server.log_level == "INFO"


def test_without_arguments_the_process_environment_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PROXY_TOP_K", "4")
    assert load_settings().rag.top_k == 4
    assert load_settings(dotenv=tmp_path / "absent").rag.top_k == 4


def test_lists_are_separated_by_commas() -> None:
    environ = {"ALLOWED_ORIGINS": "https://a.example, https://b.example,", "PROXY_API_KEYS": "a, b"}
    settings = load_settings(environ, None)
    server = settings.server
    assert server.allowed_origins == ("https://a.example", "https://b.example")
    assert [key.get_secret_value() for key in server.api_keys] == ["a", "b"]
    assert settings.has_auth


def test_white_space_and_final_slashes_do_not_matter() -> None:
    environ = {"GEMINI_API_KEY": " k\n", "GEMINI_BASE_URL": "http://127.0.0.1:1/x/"}
    gemini = load_settings(environ, None).gemini
    assert gemini.api_key is not None
    assert gemini.api_key.get_secret_value() == "k"
    assert gemini.base_url == "http://127.0.0.1:1/x"


def test_an_unknown_setting_of_ours_is_refused(tmp_path: Path) -> None:
    assert "PROXY_TOPK" in refusal(PROXY_TOPK="3")
    with pytest.raises(ConfigurationError, match="PROXY_TYPO"):
        load(tmp_path, "PROXY_TYPO=1")
    assert load_settings({"SOMEONE_ELSES": "1", "PROXY_TYPO": ""}, None)


BOUNDS: list[tuple[str, tuple[str, ...]]] = [
    ("EMBEDDING_DIMENSIONS", ("127", "3073", "1.5", "many")),
    ("PROXY_TOP_K", ("0", "51")),
    ("PROXY_MIN_SCORE", ("-1.1", "1.1", "nan")),
    ("PROXY_MAX_CONTEXT_TOKENS", ("199", "500001")),
    ("PROXY_RETRIEVAL_POLICY", ("strict", "Degrade")),
    ("PROXY_UPSTREAM_CONNECT_TIMEOUT_S", ("0", "-1", "inf", "nan", "soon")),
    ("PROXY_FIRST_TOKEN_TIMEOUT_S", ("0", "inf")),
    ("PROXY_IDLE_TIMEOUT_S", ("0", "nan")),
    ("PROXY_EMBED_TIMEOUT_S", ("0", "nan")),
    ("PROXY_SEARCH_TIMEOUT_S", ("0", "inf")),
    ("PROXY_REQUEST_TIMEOUT_S", ("0", "inf")),
    ("PROXY_MAX_OPEN_GENERATIONS", ("0",)),
    ("PROXY_DRAIN_TIMEOUT_S", ("-1",)),
    ("PROXY_ALLOW_ANONYMOUS", ("maybe",)),
    ("IMAGE_FETCH", ("on", "http", "true")),
    ("LOG_LEVEL", ("LOUD",)),
    ("LOG_FORMAT", ("xml",)),
    ("EMBEDDER", ("openai",)),
    ("GENERATOR", ("magic",)),
    ("QDRANT_COLLECTION", ("a/b", "a b", "x" * 65)),
    ("QDRANT_URL", ("localhost:6333", "ftp://x", "http://", "http://a b", "http://a?x=1")),
    ("GEMINI_BASE_URL", ("gemini", "http://x#y")),
    ("GOOGLE_GENAI_USE_VERTEXAI", ("maybe",)),
    ("GOOGLE_CLOUD_PROJECT", ("a/project", "a project", "x" * 129)),
    ("GOOGLE_CLOUD_LOCATION", ("us-central1.evil.example", "Europe-West4", "a/b")),
    ("PROXY_EMBEDDING_TOO_LONG", ("truncate",)),
    ("PUBLIC_BASE_URL", ("/here",)),
    ("GEMINI_API_KEY", ("two words", "line\nbreak", "schlüssel")),
    ("QDRANT_API_KEY", ("two words",)),
    ("OPENAI_API_KEY", ("two words",)),
    ("OPENAI_BASE_URL", ("localhost:11434",)),
    ("OPENAI_MODEL", ("two words", "modèle", "x" * 257)),
    ("FALLBACK_GENERATOR", ("magic",)),
    ("FALLBACK_OPENAI_API_KEY", ("two words",)),
    ("FALLBACK_OPENAI_BASE_URL", ("localhost:11434",)),
    ("FALLBACK_OPENAI_MODEL", ("two words",)),
]


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BOUNDS for value in values]
)
def test_a_value_that_cannot_be_is_refused_by_name_and_not_repeated(name: str, value: str) -> None:
    message = refusal(**{name: value})
    assert message.startswith(f"{name}: ")
    if len(value) > 5:
        assert value not in message.removeprefix(name)


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"GENERATOR": "gemini"}, "GENERATOR=gemini needs GEMINI_API_KEY"),
        ({"EMBEDDER": "gemini"}, "EMBEDDER=gemini needs GEMINI_API_KEY"),
        ({"FALLBACK_GENERATOR": "gemini"}, "FALLBACK_GENERATOR=gemini needs GEMINI_API_KEY"),
        ({"GENERATOR": "openai"}, "GENERATOR=openai needs OPENAI_MODEL"),
        ({"GENERATOR": "openai", "OPENAI_MODEL": "m"}, "GENERATOR=openai needs OPENAI_API_KEY"),
        ({"FALLBACK_GENERATOR": "openai"}, "FALLBACK_GENERATOR=openai needs FALLBACK_OPENAI_MODEL"),
        (
            {"FALLBACK_GENERATOR": "openai", "FALLBACK_OPENAI_MODEL": "m", "OPENAI_API_KEY": "k"},
            "FALLBACK_GENERATOR=openai needs FALLBACK_OPENAI_API_KEY",
        ),
        ({"FALLBACK_GENERATOR": "offline"}, "FALLBACK_GENERATOR=offline is what answers already"),
        (
            {"FALLBACK_GENERATOR": "gemini", "GEMINI_API_KEY": "k"},
            "FALLBACK_GENERATOR=gemini is what answers already",
        ),
        (
            {"GOOGLE_GENAI_USE_VERTEXAI": "1", "GEMINI_API_KEY": "k"},
            "GOOGLE_GENAI_USE_VERTEXAI=true needs GOOGLE_CLOUD_PROJECT",
        ),
        ({"ALLOWED_ORIGINS": "*"}, "ALLOWED_ORIGINS"),
        ({"ALLOWED_ORIGINS": "https://a.example,*"}, "ALLOWED_ORIGINS"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(environ: dict[str, str], said: str) -> None:
    assert refusal(**environ).startswith(said)


def test_secrets_are_not_shown() -> None:
    environ = {
        "GEMINI_API_KEY": "sec-1",
        "QDRANT_API_KEY": "sec-2",
        "PROXY_API_KEYS": "sec-3,sec-4",
    }
    settings = load_settings(environ, None)
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "sec-" not in shown


def test_settings_do_not_change() -> None:
    settings: Any = load_settings({}, None)
    with pytest.raises(ValidationError, match="frozen"):
        settings.gemini = None
    with pytest.raises(ValidationError, match="frozen"):
        settings.rag.top_k = 9


def test_every_variable_is_described_and_settable() -> None:
    described = variables()
    assert {"GEMINI_API_KEY", "GENERATOR", "PROXY_TOP_K", "LOG_FORMAT"} <= set(described)
    assert all(text.endswith(".") for text in described.values())
    assert load_settings(dict.fromkeys(described, ""), None) == load_settings({}, None)


def test_keys_that_are_none_are_refused_rather_than_no_auth() -> None:
    assert refusal(PROXY_API_KEYS=" , ,").startswith("PROXY_API_KEYS")


def test_a_line_of_the_file_that_cannot_be_read_is_not_skipped(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text('LOG_LEVEL=INFO\nPROXY_API_KEYS="a,b\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="line 2"):
        load_settings({}, file)


def test_a_file_in_another_encoding_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes("PROXY_TOP_K=5 # größer".encode("latin-1"))
    with pytest.raises(ConfigurationError, match="UTF-8"):
        load_settings({}, file)


SECRET = "x" * 32
ISSUED = {"JWT_ISSUER": "https://site.example", "JWT_AUDIENCE": "https://site.example"}


def test_tokens_are_auth() -> None:
    assert load_settings({"JWT_SECRET": SECRET, **ISSUED}, None).has_auth
    jwks = {"JWT_JWKS_URL": "https://site.example/api/auth/jwks", **ISSUED}
    assert load_settings(jwks, None).has_auth


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"JWT_SECRET": SECRET}, "JWT_ISSUER"),
        ({"JWT_SECRET": SECRET, "JWT_ISSUER": "i"}, "JWT_AUDIENCE"),
        ({"JWT_SECRET": "x" * 31, **ISSUED}, "JWT_SECRET"),
        ({"JWT_SECRET": SECRET, "JWT_JWKS_URL": "https://a.example", **ISSUED}, "JWT_JWKS_URL"),
        ({"PROXY_ANONYMOUS_SECRET": "short"}, "PROXY_ANONYMOUS_SECRET"),
        ({"PROXY_TRUSTED_PROXIES": "10.0.0.0/33"}, "PROXY_TRUSTED_PROXIES"),
        ({"PROXY_QUESTION_LOG": "some"}, "PROXY_QUESTION_LOG"),
        ({"RATE_LIMIT_RPM": "-1"}, "RATE_LIMIT_RPM"),
    ],
)
def test_what_would_let_strangers_in_is_refused(environ: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        load_settings(environ, None)


def test_the_database_is_beside_the_index_unless_named() -> None:
    settings = load_settings({"PROXY_DATA_DIR": "/srv/books"}, None)
    assert settings.database_url == "sqlite+aiosqlite:////srv/books/readers.sqlite3"
    url = "postgresql+asyncpg://u:p@db/x"
    assert load_settings({"DATABASE_URL": url}, None).database_url == url
