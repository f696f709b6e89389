// Everything the author's pages say beside `../strings.js`, in English; other languages are files in
// `languages/` with the same names.

import { firstOf } from "../strings.js";

/** @typedef {Record<string, string>} Names */

export const ENGLISH = {
  language: "en",
  title: "For authors",
  skip: "Skip to the content",
  toChat: "Ask the book",
  forAuthors: "These pages are for authors.",
  forAuthorsMore: "Who you are here may read and ask. With the key of an author you see more.",
  forAdmins: "This is for admins.",
  forAdminsMore: "An author sees what is asked and how the books serve; what callers use is for admins.",
  notYours: "Your key does not show this.",
  notYoursMore: "It is good for some of the books, and this speaks of all of them.",
  panels: {
    books: "Books", questions: "Questions", sections: "Sections", feedback: "Feedback",
    retrieval: "Debugger", usage: "Usage",
  },
  leads: {
    books: "What readers get their answers from, and what is on its way in.",
    questions: "What readers ask, and where the book leaves them without an answer.",
    sections: "Which parts of the books answers rest on, and which are found but not used.",
    feedback: "What readers think of the answers they got.",
    retrieval: "What the search makes of a question, stage by stage, under two settings. No model is asked.",
    usage: "Tokens by day and caller, and what each key may use.",
  },
  period: "Period",
  lastDays: (/** @type {{n: number}} */ { n }) => (n === 365 ? "Last year" : `Last ${n} days`),
  exportOf: (/** @type {{name: string}} */ { name }) => `Export ${name}`,
  tables: /** @type {Names} */ ({
    questions: "questions", sections: "sections", feedback: "feedback", usage: "usage",
  }),
  notExported: "The file could not be made. Try again.",
  asTable: "As a table",
  day: "Day",

  documents: "Documents",
  chunks: "Chunks",
  edition: "Edition",
  created: "Made",
  site: "Site",
  noSite: "none",
  embedding: "Embedding",
  noBooks: "There is no book here yet.",
  noBooksMore: "Take one in, and readers can ask about it at once:",
  rollback: "Go back one edition",
  rollbackOf: (/** @type {{title: string, id: string, edition: string}} */ { title, id, edition }) =>
    `Serve the edition before ${edition} of “${title || id}”? Readers get it at once. Doing it again returns to this one.`,
  rollbackYes: "Go back",
  rolledBack: (/** @type {{title: string, edition: string}} */ { title, edition }) =>
    `“${title}” is served in edition ${edition} now.`,
  jobs: "Ingest jobs",
  jobsOver: "The ingest is over.",
  noJobs: "No ingest was ordered over the API yet.",
  noJobsMore: "POST /api/content/ingest takes files into a book; what the command line does is not listed.",
  book: "Book",
  books: "Books",
  state: "State",
  progress: "Progress",
  changed: "Changed",
  jobStates: {
    queued: "waiting", running: "running", cancelling: "being cancelled", completed: "done",
    failed: "failed", cancelled: "cancelled",
  },
  stages: /** @type {Names} */ ({ fetch: "Fetching", read: "Reading", index: "Indexing", publish: "Publishing" }),
  counts: (/** @type {{added: number, updated: number, unchanged: number, deleted: number}} */ { added, updated, unchanged, deleted }) =>
    `${added} added, ${updated} updated, ${unchanged} unchanged, ${deleted} deleted`,
  failures: (/** @type {{n: number}} */ { n }) => (n === 1 ? "1 file failed" : `${n} files failed`),
  skipped: (/** @type {{n: number}} */ { n }) => `${n} skipped`,
  warnings: (/** @type {{n: number}} */ { n }) => (n === 1 ? "1 warning" : `${n} warnings`),
  cancelJob: "Cancel",

  questionsByDay: "Questions by day",
  status: "Which",
  statuses: {
    grounded: "Answered from the book", "no-match": "Not in the book", degraded: "Search degraded",
    off: "Without the book",
  },
  groups: "Questions, grouped",
  times: /** @type {(of: {n: number}) => string} */ (({ n }) => (n === 1 ? "time" : "times")),
  otherWordings: (/** @type {{n: number}} */ { n }) => (n === 1 ? "1 other wording" : `${n} other wordings`),
  nearest: "What comes closest",
  lastAsked: (/** @type {{when: string}} */ { when }) => `Last asked ${when}`,
  debugThis: "Open in the debugger",
  noGroups: /** @type {Names} */ ({
    "no-match": "No question was left without a passage.",
    degraded: "No search was degraded.",
    grounded: "No question was answered from the book.",
  }),
  noGroupsMore: "In this period, as far as the log goes back.",
  moreInExport: (/** @type {{n: number}} */ { n }) => `${n} more groups are in the export.`,
  logOff: "No questions are kept.",
  logOffMore: "The log of questions is off. Set this and restart to see what readers ask:",
  logOffPrivacy: "“hashed” in place of “full” counts questions and sections and keeps no word of a reader. Lines are removed after PROXY_QUESTION_LOG_DAYS.",
  hashed: "Questions are kept as hashes.",
  hashedMore: "They are counted, with the sections that come closest, but cannot be read. PROXY_QUESTION_LOG=full keeps their words.",
  hashedQuestion: (/** @type {{id: string}} */ { id }) => `Question ${id}…`,

  section: "Section",
  given: "Given",
  cited: "Cited",
  citedShare: "Share",
  liked: "Liked",
  disliked: "Disliked",
  mostCited: "Most cited",
  noneCited: "No section was cited in this period.",
  weakest: "Worth a look",
  weakestMore: "Given to the model at least twice and cited in less than a third of the answers, or cited by an answer that a reader did not like.",
  noneWeak: "No section stands out.",
  noSections: "No answer rested on a section yet.",
  noSectionsMore: "Questions in this period found nothing, or there were none.",

  rating: "Show",
  all: "All",
  ratings: { positive: "This helped", negative: "This did not help" },
  theAnswer: "The answer",
  citedSections: "Cited",
  noFeedback: "No reader has rated an answer yet.",
  noFeedbackMore: "The thumbs under an answer do.",

  questionToTry: "Question",
  compare: "Compare",
  compared: "Both results are there.",
  setting: (/** @type {{name: string}} */ { name }) => `Setting ${name}`,
  mode: "Search",
  modes: /** @type {Names} */ ({
    "": "As configured", hybrid: "Meaning and words", rrf: "Both, by rank", dense: "Meaning alone", bm25: "Words alone",
  }),
  allBooks: "All books",
  topK: "Passages",
  floor: "Lowest score",
  asConfigured: "As configured",
  scope: "Scope",
  scopes: /** @type {Names} */ ({
    "": "As configured", section: "Section", page: "Page", chapter: "Chapter", book: "Book",
  }),
  page: "Open page",
  pagePlaceholder: "Address, where the scope needs one",
  took: "Took",
  milliseconds: (/** @type {{n: string}} */ { n }) => `${n} ms`,
  timings: /** @type {Names} */ ({
    embed: "embedding", search: "searching", fuse: "fusing", rerank: "reranking", read: "reading", pack: "packing",
  }),
  reasons: /** @type {Names} */ ({
    "below-threshold": "nothing scores high enough", "no-books": "there is no book", "sparse-only": "the question could not be embedded",
    "not-reranked": "the reranker did not answer",
  }),
  passages: "Passages for the model, in reading order",
  noPassages: "None.",
  onlyHere: "Only here",
  placeElsewhere: (/** @type {{n: number, name: string}} */ { n, name }) => `Place ${n} in ${name}`,
  text: "Text",
  score: "Score",
  byMeaning: "Meaning",
  byWords: "Words",
  stagesTitle: "Stages",
  searchStages: /** @type {Names} */ ({
    meaning: "By meaning", terms: "By words", fused: "Fused", chosen: "Chosen", reranked: "Reranked",
  }),
  stageOf: (/** @type {{name: string, scope: string, n: string}} */ { name, scope, n }) =>
    scope ? `${name} · ${scope} · ${n} candidates` : `${name} · ${n} candidates`,
  nothingFound: "Nothing was found.",
  dropped: (/** @type {{n: number}} */ { n }) => `Dropped · ${n}`,
  why: "Why",

  tokensByDay: "Tokens by day",
  promptTokens: "Read",
  completionTokens: "Written",
  requests: "Requests",
  byCaller: "By caller",
  caller: "Caller",
  noUsage: "Nothing was used in this period.",
  noUsageMore: "Use is counted where keys or tokens tell callers apart, or PROXY_QUESTION_LOG is on.",
  limits: "Limits",
  limitsMore: "Faint figures are the ones of everyone else. Keys are made and revoked with book-proxy keys.",
  everyoneElse: "Everyone else",
  key: "Key",
  role: "Role",
  roles: /** @type {Names} */ ({ reader: "reader", author: "author", admin: "admin" }),
  rpm: "Requests / min",
  tpm: "Tokens / min",
  tokensPerDay: "Tokens / day",
  unlimited: "no limit",
  keyStates: /** @type {Names} */ ({ active: "active", expired: "expired", revoked: "revoked" }),

  wentWrong: {
    offline: "The server cannot be reached. Check your connection and try again.",
    sign_in: "The key is missing or not known here.",
    refused: "This did not work.",
    gone: "This is not there any more.",
  },
};

/** @typedef {typeof ENGLISH} AuthorStrings */

const OTHERS = /** @type {Record<string, () => Promise<{STRINGS: AuthorStrings}>>} */ ({
  ar: () => import("./languages/ar.js"),
});

/**
 * @param {readonly string[]} languages preferred ones first
 * @returns {Promise<AuthorStrings>}
 */
export const loadAuthorStrings = async (languages) => (await firstOf(languages, OTHERS))?.STRINGS ?? ENGLISH;
