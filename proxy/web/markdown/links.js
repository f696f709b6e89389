// Which addresses a link of an untrusted text may lead to.

const SCHEMES = new Set(["http:", "https:", "mailto:"]);

/**
 * The address to link to; null for one that a browser would do something else with than open a page.
 * @param {string} address as the text has it
 * @param {string} [base] the page that relative addresses count from; without one they lead nowhere
 * @returns {string | null}
 */
export function safeAddress(address, base) {
  let url;
  try {
    url = new URL(address, base || undefined);
  } catch {
    return null;
  }
  if (!SCHEMES.has(url.protocol)) return null;
  // "https://bank.example@evil.example" shows one host and opens another.
  return url.username || url.password ? null : url.href;
}
