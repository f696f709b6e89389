// Sends a request with whatever tells who the reader is, and makes failures of what goes wrong.

import { asFailure, failureOf } from "./failures.js";

/**
 * @typedef {object} ClientOptions
 * @property {string} [base] where the proxy is, without trailing slash; "" where the page comes from
 * @property {() => string | null | Promise<string | null>} [token] the reader's, asked for each time
 * @property {Pick<Storage, "getItem" | "setItem"> | null} [storage] keeps the id of a reader who has
 *   no token; without it such a reader is a new one each time
 * @property {typeof fetch} [fetch]
 */

const ANONYMOUS_ID = "x-anonymous-id";
const STORED_ID = "book-proxy.reader";

/**
 * @param {ClientOptions} [options]
 * @returns {(path: string, init?: {method?: string, body?: unknown, signal?: AbortSignal})
 *   => Promise<Response>} resolves to the response of a request that went well, else throws a `Failure`
 */
export function createRequest(options = {}) {
  const { base = "", token = () => null, storage = null } = options;
  const send = options.fetch ?? globalThis.fetch.bind(globalThis);

  return async (path, { method = "GET", body, signal } = {}) => {
    const headers = new Headers();
    const key = await token();
    const anonymousId = storage?.getItem(STORED_ID);
    if (key) headers.set("authorization", `Bearer ${key}`);
    else if (anonymousId) headers.set(ANONYMOUS_ID, anonymousId);
    if (body !== undefined) headers.set("content-type", "application/json");
    const json = body === undefined ? undefined : JSON.stringify(body);
    let response;
    try {
      response = await send(base + path, { method, headers, body: json, signal });
    } catch (error) {
      throw asFailure(error, "offline");
    }
    const given = response.headers.get(ANONYMOUS_ID);
    if (given) storage?.setItem(STORED_ID, given);
    if (!response.ok) throw await failureOf(response);
    return response;
  };
}
