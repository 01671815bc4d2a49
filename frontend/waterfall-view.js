// Draws a waterfall under an answer: one line of words, which opens into a table whose middle column holds the bars.

import { NOTES, STAGES, toolName } from "./words.js";

const TICKS_MS = [50, 100, 250, 500, 1000, 2500, 5000, 10_000];
const MOST_TICKS = 5;
const LEAST_MS = 15; // shorter parts are in the table only

/** A <details> for what waterfall() gave. The table says in words all that the bars show. */
export function drawWaterfall({ total, heardAt, rows, parts, notes }) {
  const box = element("details", "waterfall");
  const end = Math.max(total, heardAt ?? 0, 1);
  const step = TICKS_MS.find((ms) => end / ms < MOST_TICKS) ?? TICKS_MS.at(-1);
  box.append(line(total, parts), table(rows, { total, heardAt, end, step }));
  for (const note of notes) box.append(element("p", "note", NOTES[note]));
  return box;
}

function line(total, parts) {
  const summary = element("summary");
  const said = parts.filter(({ ms }) => ms >= LEAST_MS).map(({ stage, ms }) => `${STAGES[stage].did} ${seconds(ms)}`);
  summary.append(element("span", "parts", [`${seconds(total)} s`, ...said].join(" · ")));
  return summary;
}

function table(rows, axis) {
  const made = element("table");
  made.style.setProperty("--step", share(axis.step, axis.end));
  if (axis.heardAt !== null) made.style.setProperty("--heard", share(axis.heardAt, axis.end));
  made.classList.toggle("heard", axis.heardAt !== null);
  const body = element("tbody");
  for (const row of rows) body.append(stageRow(row, axis));
  made.append(element("caption", "unseen", "What the silence before this answer was made of, in seconds"), head(), body, foot(axis));
  return made;
}

function head() {
  const made = element("thead", "unseen");
  const row = element("tr");
  for (const name of ["Stage", "When", "How long"]) row.append(header("col", name));
  made.append(row);
  return made;
}

function stageRow({ stage, tool, spans }, { end }) {
  const row = element("tr");
  row.dataset.stage = stage;
  const when = element("td", "bars");
  when.append(element("span", "unseen", spans.map(({ from, to, isEarly }) => `from ${seconds(from)} to ${seconds(to)}${isEarly ? ", prepared" : ""}`).join("; ")));
  for (const { from, to, isEarly } of spans) {
    const bar = element("i", isEarly ? "early" : "");
    bar.style.left = share(from, end);
    bar.style.width = share(to - from, end);
    when.append(bar);
  }
  row.append(header("row", tool ? toolName(tool) : STAGES[stage].name), when, element("td", "long", seconds(spans.reduce((sum, { from, to }) => sum + to - from, 0))));
  return row;
}

/** The axis, and where on it the page heard the answer begin. */
function foot({ heardAt, total, end, step }) {
  const made = element("tfoot");
  const row = element("tr");
  const ticks = element("td", "ticks");
  for (let ms = 0; ms <= end; ms += step) {
    const tick = element("span", "tick", ms ? seconds(ms, step) : "0");
    tick.style.left = share(ms, end);
    tick.ariaHidden = "true";
    ticks.append(tick);
  }
  row.append(header("row", heardAt === null ? "It began to speak" : "You heard it"), ticks, element("td", "long", `${seconds(heardAt ?? total)} s`));
  made.append(row);
  return made;
}

function header(scope, text) {
  const made = element("th", "", text);
  made.scope = scope;
  return made;
}

function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** 250 -> "0.25"; a tick needs no more digits than its step. */
function seconds(ms, step = 10) {
  return (ms / 1000).toFixed(step >= 1000 ? 0 : step >= 500 ? 1 : 2);
}

function share(ms, end) {
  return `${((100 * ms) / end).toFixed(2)}%`;
}
