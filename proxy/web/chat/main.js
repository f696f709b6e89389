// The chat page: puts its parts together and lets them know of each other.

import { createClient } from "../asking/client.js";
import { Failure } from "../asking/failures.js";
import { signInForm, storeKey, storedKey } from "../asking/sign_in.js";
import { PassageView } from "../citations/passage.js";
import { Composer } from "../conversation/composer.js";
import { failureNotice } from "../conversation/failure_notice.js";
import { ConversationState, wasKept } from "../conversation/state.js";
import { Thread } from "../conversation/thread.js";
import { welcome } from "../conversation/welcome.js";
import { element, icon, iconButton } from "../elements.js";
import { loadStrings } from "../strings.js";
import { History } from "./history.js";
import { Settings } from "./settings.js";

const MENU = "M4 7h16M4 12h16M4 17h10";
const NEW = "M12 5v14M5 12h14";
const CHART = "M5 20V11M12 20V4M19 20v-6";
const LEAVE = "M10 5H6a1 1 0 0 0-1 1v12a1 1 0 0 0 1 1h4M15 8l4 4-4 4M19 12H9";
const NARROW = matchMedia("(max-width: 67.49rem)");
const TOUCH = matchMedia("(pointer: coarse)");

const address = new URL(location.href);
const strings = await loadStrings([address.searchParams.get("lang") ?? "", ...navigator.languages]);
const client = createClient({ token: storedKey, storage: localStorage });

document.documentElement.lang = strings.language;
document.documentElement.dir = strings.direction;
document.title = strings.title;

const stage = element("main", { class: "stage", tabindex: -1 });
const title = element("bdi", {}, strings.title);
const header = element("header", { class: "bar" });
const app = element("div", { class: "app" });
document.body.append(app);

/** Asks the server what there is, then shows the page, or what keeps it from being shown. */
async function start() {
  try {
    open(await client.config());
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const shown = error.kind === "sign_in"
      ? signInForm(strings, start) : failureNotice(error, strings, { retry: start });
    app.replaceChildren(element("main", { class: "alone" }, shown));
    app.querySelector("input")?.focus();
  }
}

/** @param {import("../asking/client.js").Config} config */
function open(config) {
  const state = new ConversationState(client);
  const settings = new Settings(config, strings, {
    book: address.searchParams.get("book"), page: address.searchParams.get("page"),
  }, showWelcome);
  /** @type {string | undefined} */
  let selectedText = address.searchParams.get("text")?.slice(0, config.limits.selected_chars);

  const composer = new Composer({
    strings,
    maxChars: config.limits.message_chars,
    onAsk: ask,
    onStop: () => state.stop(),
    onSelectionDropped: () => { selectedText = undefined; },
  });
  composer.tools.append(settings.button);
  composer.element.prepend(settings.panel);
  composer.setSelection(selectedText ?? null);

  const passage = new PassageView(app, {
    strings,
    isNarrow: () => NARROW.matches,
    onToggle: (isOpen) => app.classList.toggle("has-passage", isOpen),
    onAskAbout: (page) => {
      settings.setPage(page);
      composer.focus();
    },
    canVisit: (url) => !(storedKey() && url.startsWith(`${location.origin}/v1/sources/`)),
  });
  const history = new History(client, strings, {
    onOpen: (id) => load(id),
    onNew: begin,
    onRemoved: (id) => { if (id === state.id) begin(); },
    current: () => state.id,
  });
  const thread = new Thread(state, strings, {
    retry: (turn) => run(state.askAgain(turn.key)),
    edit: (turn, question) => run(state.askAgain(turn.key, question)),
    cite: (_turn, citation, occurrence, origin) => passage.show(citation, occurrence, origin),
    rate: (turn, rating, comment) => wasKept(state.rate(turn.key, rating, comment)),
    signIn: () => {
      storeKey(null);
      start();
    },
    isBusy: () => state.isRunning,
  }, stage);

  /** @param {string} question */
  function ask(question) {
    if (TOUCH.matches) composer.field.blur();
    else composer.focus();
    const about = { ...settings.about, ...(selectedText && { selectedText }) };
    selectedText = undefined;
    composer.setSelection(null);
    run(state.ask(question, about));
  }

  /** @param {Promise<void>} answering */
  async function run(answering) {
    if (passage.isOpen) passage.close();
    await answering;
    history.refresh();
  }

  function begin() {
    state.reset();
    remember();
    composer.focus();
  }

  /** @param {string} id */
  async function load(id) {
    try {
      await state.load(id);
      stage.scrollTop = stage.scrollHeight;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      state.reset();
      thread.element.replaceChildren(failureNotice(error, strings, { retry: () => load(id) }));
    }
    remember();
  }

  function remember() {
    const here = new URL(location.href);
    here.hash = state.id ?? "";
    if (here.href !== location.href) window.history.replaceState(null, "", here);
    history.show();
  }

  function showWelcome() {
    const isEmpty = state.turns.length === 0;
    app.classList.toggle("is-empty", isEmpty);
    title.textContent = settings.bookTitle || strings.title;
    if (isEmpty) thread.element.replaceChildren(welcome(config, strings, settings.bookTitle, ask));
  }

  state.subscribe((change) => {
    composer.setRunning(state.isRunning);
    if (change.kind === "turns") showWelcome();
    if (change.kind === "turn") remember();
  });

  const offline = config.answers_offline ? [offlineNotice(config)] : [];
  const menu = iconButton(strings.menu, MENU, () => history.open());
  menu.classList.add("drawer-only");
  const fresh = iconButton(strings.newConversation, NEW, begin);
  fresh.classList.add("drawer-only");
  header.replaceChildren(menu, element("p", { class: "title" }, title), ...offline, fresh);
  if (config.reader.role !== "reader") {
    header.append(element("a", {
      href: "/admin", class: "icon-button", "aria-label": strings.forAuthors, title: strings.forAuthors,
    }, icon(CHART)));
  }
  if (storedKey()) {
    header.append(iconButton(strings.signOut, LEAVE, () => {
      storeKey(null);
      location.reload();
    }));
  }
  stage.replaceChildren(thread.element);
  app.replaceChildren(
    element("a", { class: "skip", href: "#question" }, strings.skipToQuestion),
    history.column, header, stage,
    element("div", { class: "dock" }, composer.element), passage.dialog, ...history.dialogs, thread.status);
  app.querySelector(".skip")?.addEventListener("click", (event) => {
    event.preventDefault();
    composer.focus();
  });
  showWelcome();
  history.refresh();
  if (location.hash.startsWith("#conv_")) load(location.hash.slice(1));
  else if (!TOUCH.matches) composer.focus();
  performance.mark("interactive");
  document.documentElement.dataset.ready = "true";
}

/** @param {import("../asking/client.js").Config} config */
function offlineNotice({ reader }) {
  return element("details", { class: "offline" },
    element("summary", {}, strings.offlineReader),
    element("p", {}, strings.offline, reader.role === "admin" && ` ${strings.switchOn}`));
}

await start();
