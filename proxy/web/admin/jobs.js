// The newest ingests: how far each is, what it did, which files it could not read.

import { Failure } from "../asking/failures.js";
import { element } from "../elements.js";
import { button, failed, formats, table } from "./parts.js";

/** @typedef {import("../asking/author.js").Job} Job */

const KINDS = /** @type {const} */ (["failures", "skipped", "warnings"]);

/**
 * @param {Job[]} jobs
 * @param {import("./parts.js").Context} context
 * @param {() => void} onChange
 */
export function jobsTable(jobs, context, onChange) {
  const { texts } = context;
  const format = formats(texts);
  return table(texts.jobs, [texts.book, texts.state, texts.progress, texts.changed].map((label) => ({ label })),
    jobs.map((job) => [
      element("bdi", {}, job.book),
      element("span", { class: `state state-${job.status}` }, texts.jobStates[job.status]),
      progress(job, context, onChange),
      format.time(job.updated_at),
    ]));
}

/**
 * @param {Job} job
 * @param {import("./parts.js").Context} context
 * @param {() => void} onChange
 */
function progress(job, context, onChange) {
  const { texts } = context;
  const format = formats(texts);
  const told = job.progress;
  const cell = element("div", { class: "progress" });
  if (told.stage !== undefined && told.total !== undefined) {
    const words = `${texts.stages[told.stage] ?? told.stage}: ${format.number(told.done ?? 0)} / ${format.number(told.total)}`;
    cell.append(element("progress", { max: Math.max(1, told.total), value: told.done ?? 0, "aria-label": words }),
      element("span", {}, words));
  }
  if (told.added !== undefined) {
    cell.append(element("span", {}, texts.counts({
      added: told.added, updated: told.updated ?? 0, unchanged: told.unchanged ?? 0, deleted: told.deleted ?? 0,
    })));
  }
  if (told.error) cell.append(element("span", { class: "bad" }, told.error.message));
  for (const kind of KINDS) {
    const notes = told[kind] ?? [];
    if (!notes.length) continue;
    cell.append(element("details", { open: kind === "failures" && notes.length <= 3 },
      element("summary", { class: kind === "failures" && "bad" }, texts[kind]({ n: notes.length })),
      element("ul", {}, ...notes.map(({ path, reason }) =>
        element("li", {}, element("code", {}, path), " ", element("bdi", {}, reason))))));
  }
  if (job.status === "queued" || job.status === "running") {
    cell.append(button(texts.cancelJob, () => cancel(job, cell, context, onChange)));
  }
  return cell;
}

/**
 * @param {Job} job
 * @param {HTMLElement} cell
 * @param {import("./parts.js").Context} context
 * @param {() => void} onChange
 */
async function cancel(job, cell, context, onChange) {
  try {
    await context.client.cancelJob(job.job_id);
    onChange();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    cell.append(failed(error, context));
  }
}
