// Everything our pages say, in English, and how another language takes its place.
//
// A language is a file in `languages/` with the same names; `loadStrings` takes the first one the
// reader prefers that there is.

export const ENGLISH = {
  language: "en",
  direction: /** @type {"ltr" | "rtl"} */ ("ltr"),

  title: "Ask the book",
  skipToQuestion: "Skip to the question",
  greeting: "What would you like to know?",
  introduction: "Answers come from the book, with the passages they rest on.",
  introductionOf: (/** @type {{book: string}} */ { book }) =>
    `Answers come from “${book}”, with the passages they rest on.`,
  startWith: "Questions to begin with",
  aboutBook: (/** @type {{book: string}} */ { book }) => `What is “${book}” about?`,
  aboutTheBook: "What is this book about?",
  whereToBegin: "Where should I begin?",
  whatElse: "What can I do with it?",
  noBooks: "There is no book here yet. Once one is taken in, its answers come with sources.",
  offlineReader: "Offline reader",
  offline: "Answers are quoted from the book word for word; no language model is asked.",

  switchOn: "Set GEMINI_API_KEY to have Gemini answer.",

  question: "Your question",
  placeholder: "Ask about the book",
  ask: "Ask",
  stop: "Stop",
  send: "Send the question",
  charactersLeft: (/** @type {{n: number}} */ { n }) => `${n} characters left`,
  tooLong: (/** @type {{n: number}} */ { n }) => `${n} characters too many`,

  conversation: "Conversation",
  youAsked: "You asked",
  answer: "Answer",
  searching: "Looking it up",
  writing: "Writing the answer",
  answered: "The answer is there.",
  answeredWith: (/** @type {{n: number}} */ { n }) =>
    n === 1 ? "The answer is there, with one source." : `The answer is there, with ${n} sources.`,
  stopped: "Stopped.",
  cutShort: "The answer was cut short: it grew too long.",
  notInBook: "Not in the book.",
  notInBookMore: "Nothing in it answers this.",
  nearby: "What comes closest",
  notSearched: "The book could not be searched, so this does not come from it.",
  withoutBook: "Answered without the book",

  retry: "Try again",
  askAgain: "Ask again",
  edit: "Change the question",
  saveEdit: "Ask this instead",
  cancel: "Cancel",
  copy: "Copy",
  copied: "Copied",
  notCopied: "Not copied",
  copyAnswer: "Copy the answer",
  helpful: "This helped",
  notHelpful: "This did not help",
  thanks: "Thank you.",
  tellMore: "Tell us more, if you like",
  sendComment: "Send",

  sources: "Sources",
  citation: (/** @type {{n: number}} */ { n }) => `Source ${n}`,
  citationOf: (/** @type {{n: number, title: string}} */ { n, title }) => `Source ${n}: ${title}`,
  doubtedCitation: (/** @type {{n: number, title: string}} */ { n, title }) =>
    `Source ${n}, which may not say this: ${title}`,
  doubted: (/** @type {string} */ why) =>
    `The answer may not say what this passage says (${why}). Compare the two.`,
  doubts: {
    number: "a number differs",
    unit: "a unit differs",
    name: "a name is not in it",
    negation: "one of them denies it",
    opposite: "a word and its contrary",
    quote: "a quotation is not in it",
    words: "other words",
  },
  passage: "Passage",
  openPage: "Open the page",
  askAboutPage: "Ask about this page",
  closePassage: "Close the passage",
  table: "Table",

  menu: "Conversations",
  newConversation: "New conversation",
  history: "Earlier conversations",
  noHistory: "What you ask is kept here.",
  today: "Today",
  yesterday: "Yesterday",
  earlier: "Earlier",
  more: "Show more",
  remove: (/** @type {{title: string}} */ { title }) => `Delete “${title}”`,
  removed: "Deleted.",
  confirmRemove: "Delete this conversation? It cannot be had back.",
  confirmYes: "Delete",
  close: "Close",

  askAboutThis: "Ask about this",
  aboutThisPage: "What is this page about?",
  goOn: "Go on with",
  moreAbout: (/** @type {{title: string}} */ { title }) => `What does it say about “${title}”?`,

  settings: "Answer from",
  book: "Book",
  allBooks: "All books",
  model: "Model",
  scope: "How much of the book",
  scopes: {
    book: "The whole book", chapter: "This chapter", page: "This page", section: "This section",
    selection: "The selected text",
  },
  page: "Page",
  pagePlaceholder: "Address of the page",
  selected: "About this text",
  withoutSelection: "Ask without this text",

  signIn: "Sign in",
  signInMore: "This book asks for a key. It is kept in this tab only.",
  key: "API key",
  signOut: "Sign out",
  forAuthors: "For authors",

  failures: {
    offline: "The server cannot be reached. Check your connection and try again.",
    sign_in: "The key is missing or not known here. Sign in and ask again.",
    forbidden: "You may not read this book.",
    too_often: "That was a lot of questions at once. Wait a moment and try again.",
    busy: "The server is busy or starting. Try again in a moment.",
    upstream: "The language model did not answer. Trying again often helps.",
    cut_off: "The connection broke off before the answer was complete.",
    too_long: "The question is too long. Shorten it and ask again.",
    gone: "This conversation is not there any more. Trying again begins a new one.",
    refused: "This could not be asked.",
    server: "Something went wrong on the server.",
  },
  retryIn: (/** @type {{seconds: number}} */ { seconds }) => `Try again in ${seconds} s.`,
  requestId: (/** @type {{id: string}} */ { id }) => `Request ${id}`,
};

/** @typedef {typeof ENGLISH} Strings */

const OTHERS = /** @type {Record<string, () => Promise<{STRINGS: Strings}>>} */ ({
  ar: () => import("./languages/ar.js"),
});

/**
 * The first of the languages that there is, loaded; null: English, or none of them.
 * @template Loaded
 * @param {readonly string[]} languages preferred ones first, such as `navigator.languages`
 * @param {Record<string, () => Promise<Loaded>>} others all but English
 * @returns {Promise<Loaded | null>}
 */
export async function firstOf(languages, others) {
  for (const language of languages.map((one) => one.toLowerCase().split("-")[0])) {
    if (language === "en") break;
    if (Object.hasOwn(others, language)) return others[language]();
  }
  return null;
}

/**
 * @param {readonly string[]} languages preferred ones first
 * @returns {Promise<Strings>}
 */
export const loadStrings = async (languages) => (await firstOf(languages, OTHERS))?.STRINGS ?? ENGLISH;
