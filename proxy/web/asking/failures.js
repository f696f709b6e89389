// What can go wrong while asking, by what a reader can do about it.

/**
 * @typedef {"offline" | "sign_in" | "forbidden" | "too_often" | "busy" | "upstream" | "cut_off"
 *   | "too_long" | "gone" | "refused" | "server"} FailureKind
 */

const BY_STATUS = /** @type {Record<number, FailureKind>} */ ({
  401: "sign_in", 403: "forbidden", 408: "busy", 413: "too_long", 429: "too_often",
  502: "upstream", 503: "busy", 504: "upstream",
});
const BY_TYPE = /** @type {Record<string, FailureKind>} */ ({
  authentication_error: "sign_in", permission_error: "forbidden", rate_limit_error: "too_often",
  insufficient_quota: "too_often",
});
const BY_CODE = /** @type {Record<string, FailureKind>} */ ({
  conversation_not_found: "gone", question_not_found: "gone", string_too_long: "too_long",
});
const RETRIED_IN_VAIN = new Set(["sign_in", "forbidden", "too_long", "refused"]);

export class Failure extends Error {
  /**
   * @param {FailureKind} kind
   * @param {{message?: string, code?: string | null, requestId?: string | null,
   *   retryAfterSeconds?: number | null}} [details] as the server gave them
   */
  constructor(kind, { message = kind, code = null, requestId = null, retryAfterSeconds = null } = {}) {
    super(message);
    this.kind = kind;
    this.code = code;
    this.requestId = requestId;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Whether asking again may help. */
  get isPassing() {
    return !RETRIED_IN_VAIN.has(this.kind);
  }
}

/**
 * The failure that a response with a status of 400 or more tells of.
 * @param {Response} response
 */
export async function failureOf(response) {
  const error = await response.json().then((body) => body?.error ?? {}, () => ({}));
  const { status, headers } = response;
  const fallback = status >= 500 ? "server" : "refused";
  return new Failure(BY_CODE[error.code] ?? BY_STATUS[status] ?? fallback, {
    message: error.message,
    code: error.code,
    requestId: headers.get("x-request-id"),
    retryAfterSeconds: Number(headers.get("retry-after")) || null,
  });
}

/**
 * The failure that an event in a stream tells of.
 * @param {{message?: string, type?: string, code?: string | null}} error
 * @param {string | null} requestId
 */
export function failureInStream(error, requestId) {
  const kind = BY_TYPE[error.type ?? ""] ?? (error.code?.startsWith("upstream") ? "upstream" : "server");
  return new Failure(kind, { message: error.message, code: error.code, requestId });
}

/**
 * Whatever was thrown, as a failure; what ended a request on purpose stays as it is.
 * @param {unknown} error
 * @param {FailureKind} kind
 * @param {string | null} [requestId]
 */
export function asFailure(error, kind, requestId = null) {
  if (error instanceof Failure) return error;
  if (error instanceof Error && error.name === "AbortError") return error;
  return new Failure(kind, { requestId, message: error instanceof Error ? error.message : kind });
}
