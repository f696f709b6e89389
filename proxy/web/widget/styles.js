// Our style sheets for a shadow root, whatever the page around it allows and however large its text.

const SHEET_PLACE = new URL("../", import.meta.url);
const REM = /(\d*\.?\d+)rem\b/g;

/**
 * Made by script, which no content policy for styles forbids.
 * @param {string[]} paths
 */
export function styleSheets(paths) {
  const size = readersTextSize();
  return Promise.all(paths.map(async (path) => {
    const reply = await fetch(new URL(path, SHEET_PLACE));
    if (!reply.ok) throw new Error(`${path}: ${reply.status}`);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync((await reply.text()).replace(REM, (_, count) => `${Number(count) * size}px`));
    return sheet;
  }));
}

/** What `rem` is where no site says otherwise: many make it ten pixels for their own reckoning. */
function readersTextSize() {
  const probe = document.createElement("span");
  probe.style.fontSize = "medium";
  document.body.append(probe);
  const size = Number.parseFloat(getComputedStyle(probe).fontSize);
  probe.remove();
  return size || 16;
}
