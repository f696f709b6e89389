"""Gemini's `logprobsResult` to OpenAI's `logprobs.content`."""

from typing import Any


def logprobs_to_openai(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one entry a token; `bytes` are the token's UTF-8."""
    chosen: list[Any] = result.get("chosenCandidates") or []
    tops: list[Any] = result.get("topCandidates") or []
    return [
        {
            **_token(token),
            "top_logprobs": [
                _token(top) for top in (tops[i].get("candidates") or () if i < len(tops) else ())
            ],
        }
        for i, token in enumerate(chosen)
    ]


def _token(candidate: dict[str, Any]) -> dict[str, Any]:
    text = candidate.get("token") or ""
    return {
        "token": text,
        "logprob": candidate.get("logProbability", 0.0),
        "bytes": list(text.encode()),
    }
