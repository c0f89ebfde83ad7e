// SPDX-License-Identifier: Apache-2.0
/** The page around the verifier: takes a file and the log's key, and says what was shown. It decides nothing itself. */

import { check, toBase64 } from "./verify.js";

/** Every sentence that is shown, in one place, for whoever translates them. */
const TEXTS = {
  working: "Checking …",
  holds: "It holds.",
  fails: "It does not hold.",
  failsMore: "Save the file, and ask somebody whom you trust to look at it. Whoever gave it to you owes you an explanation.",
  notChecked: "It could not be checked.",
  log: (origin, size) => `The log ${origin} had ${size} entries, and its key signed that.`,
  noCheckpoint: "The file has no proof that any of this is in the log: only that it was made with your key.",
  simulated: "The log says of itself that its clock was set: its times show nothing.",
  events: (count, waiting) =>
    `${count} entries are yours, in this order and none left out between them${waiting ? `; ${waiting} not shown to be in the log yet` : ", and all are in the log"}.`,
  notCompared: "The tags of releases were not compared with your key, which is in your receipt.",
  noReleases: "The file says nothing of releases: there were none when it was made.",
  smaller: (seen, size) => `This log is older than one that you checked here before: it had ${seen} entries then, and ${size} here.`,
  forked: (size) => `You were shown another log of ${size} entries before, signed by the same key. Keep both files: together they prove it.`,
  took: (ms) => `It took ${ms} milliseconds, on your device.`,
  caption: "Your entries",
  number: "No.",
  what: "What was entered",
  when: "When",
  where: "In the log",
  lost: "what it said was lost; that it is yours is shown",
  place: (index) => `entry ${index}`,
  waits: "not shown",
  releases: "Releases",
  release: "Release",
  has: "Has of yours",
  entered: "Entered",
  none: "nothing",
  records: (count) => `${count} ${count === 1 ? "record" : "records"}`,
  revision: (name, revision) => `${name}, revision ${revision}`,
};
const SIMULATED = "/simulated";
const KEPT = "privity-checked ";

function made(name, text, ...children) {
  const element = document.createElement(name);
  if (text !== null) element.textContent = text;
  element.append(...children);
  return element;
}

function time(seconds) {
  const element = made("time", new Date(seconds * 1000).toISOString().replace("T", " ").replace(".000Z", " UTC"));
  element.dateTime = new Date(seconds * 1000).toISOString();
  return element;
}

function table(caption, heads, rows) {
  const head = made("tr", null, ...heads.map((text) => Object.assign(made("th", text), { scope: "col" })));
  const lines = rows.map((cells) => made("tr", null, ...cells.map((cell) => made("td", null, cell))));
  const whole = made("table", null, made("caption", caption), made("thead", null, head), made("tbody", null, ...lines));
  return Object.assign(made("div", null, whole), { className: "scroll", tabIndex: 0 });
}

/** Says an event in few words: what is not known by name is shown as it is. */
function worded(event) {
  if (event.schema === null) return TEXTS.lost;
  const said = event.schema === "privity/attested/v1" ? event.says.says : event.says;
  const details = Object.entries(said.detail ?? {}).map(([key, value]) => `${key} ${value}`);
  return [said.fact ?? event.schema.split("/")[1], said.value, ...details].filter(Boolean).join(", ");
}

function listed(records) {
  if (!records.length) return TEXTS.none;
  const items = records.map((record) => made("li", record));
  return made("details", null, made("summary", TEXTS.records(records.length)), made("ul", null, ...items));
}

/** Compares the newest checkpoint with what was seen here before, and keeps the larger. */
function compared(shown) {
  const newest = shown.checkpoints.reduce((one, other) => (one && one.size >= other.size ? one : other), null);
  if (!newest) return [];
  const key = KEPT + shown.keys[0].text;
  let before = null;
  try {
    before = JSON.parse(localStorage.getItem(key));
    if (!before || newest.size >= BigInt(before.size)) {
      localStorage.setItem(key, JSON.stringify({ size: String(newest.size), root: toBase64(newest.root) }));
    }
  } catch {
    return [];
  }
  if (before && BigInt(before.size) > newest.size) return [["warning", TEXTS.smaller(before.size, newest.size)]];
  if (before && BigInt(before.size) === newest.size && before.root !== toBase64(newest.root)) {
    return [["error", TEXTS.forked(newest.size)]];
  }
  return [];
}

function note(kind, ...texts) {
  return Object.assign(made("div", null, ...texts.map((text) => made("p", text))), { className: `note ${kind}` });
}

function result(shown, took) {
  const waiting = (shown.events ?? []).filter((event) => !event.inLog).length;
  const sizes = shown.checkpoints.map((one) => one.size);
  const size = sizes.reduce((one, other) => (one > other ? one : other), 0n);
  const sentences = [sizes.length ? TEXTS.log(shown.origin, size) : TEXTS.noCheckpoint];
  if (shown.events) sentences.push(TEXTS.events(shown.events.length, waiting));
  if (shown.releases && !shown.releases.length) sentences.push(TEXTS.noReleases);
  if (!shown.compared) sentences.push(TEXTS.notCompared);
  if (shown.origin.endsWith(SIMULATED)) sentences.push(TEXTS.simulated);
  const parts = [note("success", TEXTS.holds, ...sentences)];
  for (const [kind, text] of compared(shown)) parts.push(note(kind, text));
  if (shown.releases?.length) {
    const rows = shown.releases.map((one) => [TEXTS.revision(one.release, one.revision), listed(one.records), time(one.time)]);
    parts.push(table(TEXTS.releases, [TEXTS.release, TEXTS.has, TEXTS.entered], rows));
  }
  if (shown.events) {
    const rows = shown.events.map((one) => [String(one.number), worded(one), time(one.time), one.inLog ? TEXTS.place(one.index) : TEXTS.waits]);
    parts.push(table(TEXTS.caption, [TEXTS.number, TEXTS.what, TEXTS.when, TEXTS.where], rows));
  }
  parts.push(Object.assign(made("p", TEXTS.took(Math.ceil(took))), { className: "quiet" }));
  return parts;
}

async function given(form) {
  const [file] = form.elements.file.files;
  if (file) return file.text();
  const answer = await fetch(form.dataset.file, { credentials: "same-origin", cache: "no-store" });
  const text = await answer.text();
  if (!answer.ok || answer.redirected) throw new Error(answer.redirected ? TEXTS.notChecked : text);
  return text;
}

async function run(form, shown) {
  shown.replaceChildren(made("p", TEXTS.working));
  shown.setAttribute("aria-busy", "true");
  delete shown.dataset.state;
  let state = "holds";
  try {
    const text = await given(form);
    const began = performance.now();
    const found = await check(text, form.elements.vkey.value);
    shown.replaceChildren(...result(found, performance.now() - began));
  } catch (error) {
    // What is not the verifier's own error says nothing of the file.
    const verified = error.name === "NotShown" && error.code !== "check/browser" && error.code !== "ledger/vkey";
    state = verified ? "fails" : "unchecked";
    const words = verified ? [TEXTS.fails, `${error.message} (${error.code})`, TEXTS.failsMore] : [TEXTS.notChecked, error.message];
    shown.replaceChildren(note(verified ? "error" : "warning", ...words));
  }
  shown.removeAttribute("aria-busy");
  shown.dataset.state = state;
}

const form = document.getElementById("check");
if (form) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(form, document.getElementById("checked"));
  });
}
