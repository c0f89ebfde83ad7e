// SPDX-License-Identifier: Apache-2.0
/**
 * The page around the verifier: takes a file and the log's key, and says what was shown. It decides nothing itself.
 *
 * Its sentences stand in the page, in the template `check-texts`, in the language of the page.
 */

import { NotShown, check, fromBase64, toBase64, verifyGrown } from "./verify.js";

const SIMULATED = "/simulated";
const KEPT = "privity-checked ";
/** What says nothing of the file. */
const NOT_OF_THE_FILE = ["check/browser", "check/logged-out", "check/moment", "check/no-file", "ledger/vkey", "release/unsigned"];

const language = document.documentElement.lang;
/** The day stands first in the pages' English. */
const written = language === "en" ? "en-GB" : language;
const texts = new Map();
for (const one of document.getElementById("check-texts").content.children) texts.set(one.dataset.text, one.textContent);

/** Gives a sentence; what is put in stands apart, whichever way it is written. */
function said(name, values = {}) {
  const parts = texts.get(name).split(/\{([a-z]+)\}/u);
  return parts.map((part, at) => (at % 2 ? made("bdi", values[part]) : part)).filter((part) => part !== "");
}

function made(name, ...children) {
  const element = document.createElement(name);
  element.append(...children);
  return element;
}

function number(value) {
  return new Intl.NumberFormat(written).format(value);
}

function time(seconds) {
  const moment = new Date(seconds * 1000);
  const shown = new Intl.DateTimeFormat(written, {
    year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
    timeZone: document.getElementById("check").dataset.zone, timeZoneName: "short",
  });
  const element = made("time", shown.format(moment));
  element.dateTime = moment.toISOString();
  return element;
}

function table(caption, heads, rows) {
  const head = heads.map((name) => Object.assign(made("th", ...said(name)), { scope: "col" }));
  const lines = rows.map((cells) => made("tr", ...cells.map((cell) => made("td", ...cell))));
  const whole = made("table", made("caption", ...said(caption)), made("thead", made("tr", ...head)), made("tbody", ...lines));
  const scroll = Object.assign(made("div", whole), { className: "scroll", tabIndex: 0, role: "region" });
  scroll.setAttribute("aria-label", texts.get(caption));
  return scroll;
}

function code(text) {
  return made("code", made("bdi", text));
}

/** Says an event: what is not known by name is shown as it is. */
function worded(event) {
  if (event.schema === null) return said("lost");
  if (!event.fact) return texts.has(event.schema) ? said(event.schema) : [...said("unknown"), " ", code(event.schema)];
  const { fact, value, at, detail, attester } = event.fact;
  const parts = texts.has(`fact ${fact}`) ? said(`fact ${fact}`) : [code(fact)];
  if (value !== "") parts.push(": ", code(value));
  for (const [key, item] of Object.entries(detail)) parts.push(", ", code(`${key} ${item}`));
  if (at !== event.time) parts.push(" (", ...said("since"), " ", time(at), ")");
  if (attester) parts.push(" ", ...said("attested", { attester }));
  return parts;
}

function listed(records) {
  if (!records.length) return said("nothing");
  const items = records.map((record) => made("li", made("bdi", record)));
  return [made("details", made("summary", ...said("records", { count: number(records.length) })), made("ul", ...items))];
}

async function read(path) {
  const answer = await fetch(form.dataset.ledger + path, { credentials: "omit" });
  return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : null;
}

/** Says of two checkpoints of other sizes whether the one begins with the other; a page from disk asks nobody. */
async function grown(before, checkpoint) {
  if (!form.dataset.ledger) return [];
  const older = { size: BigInt(before.size), root: fromBase64(before.root) };
  const values = { before: number(older.size), size: number(checkpoint.size) };
  try {
    if (older.size < checkpoint.size) await verifyGrown(older, checkpoint, read);
    else await verifyGrown(checkpoint, older, read);
    return older.size < checkpoint.size ? [["success", said("grown", values)]] : [];
  } catch (error) {
    if (error.code === "ledger/consistency") return [["error", said("not-grown", values)]];
    return [["warning", said("not-seen-grown", values)]];
  }
}

/** Compares the checkpoint with what was seen here before, and keeps the larger. */
async function remembered({ origin, checkpoint }) {
  if (!checkpoint) return [];
  const seen = { size: String(checkpoint.size), root: toBase64(checkpoint.root), keys: checkpoint.signed };
  let before = null;
  try {
    before = JSON.parse(localStorage.getItem(KEPT + origin));
    if (!before) localStorage.setItem(KEPT + origin, JSON.stringify(seen));
  } catch {
    // Browsers that keep nothing for pages remember nothing.
    return [];
  }
  const found = [];
  if (!before) return found;
  if (!before.keys.some((key) => seen.keys.includes(key))) found.push(["warning", said("another-key", { key: before.keys[0] })]);
  if (BigInt(before.size) > checkpoint.size) {
    found.push(["warning", said("smaller", { before: number(BigInt(before.size)), size: number(checkpoint.size) })]);
  }
  if (before.size !== seen.size) found.push(...(await grown(before, checkpoint)));
  else if (before.root !== seen.root) found.push(["error", said("forked", { size: number(checkpoint.size) })]);
  // What does not fit is not forgotten.
  const fits = !found.some(([kind]) => kind === "error");
  if (fits && checkpoint.size >= BigInt(before.size)) localStorage.setItem(KEPT + origin, JSON.stringify(seen));
  return found;
}

/** A note with paragraphs, the first of which says it in short. */
function note(kind, first, ...more) {
  const short = made("p", made("strong", ...first));
  return Object.assign(made("div", short, ...more.map((one) => made("p", ...one))), { className: `note ${kind}` });
}

async function verdict(shown) {
  const waiting = (shown.events ?? []).filter((event) => !event.inLog).length;
  const sentences = [said("whose", { member: shown.member, origin: shown.origin })];
  if (shown.checkpoint) sentences.push(said("log", { size: number(shown.checkpoint.size) }));
  else sentences.push(said("no-checkpoint"));
  if (shown.events) sentences.push(said(waiting ? "entries" : "entries-in-log", { count: number(shown.events.length) }));
  if (shown.releases && !shown.releases.length) sentences.push(said("no-releases"));
  if (!shown.compared) sentences.push(said("not-compared"));
  if (shown.origin.endsWith(SIMULATED)) sentences.push(said("simulated"));
  const notes = [note("success", said("holds"), ...sentences)];
  if (waiting && shown.checkpoint) notes.push(note("warning", said("waiting", { count: number(waiting) }), said("waiting-more")));
  const lost = (shown.events ?? []).filter((event) => event.schema === null).length;
  if (lost) notes.push(note("warning", said("not-opened", { count: number(lost) })));
  for (const [kind, text] of await remembered(shown)) notes.push(note(kind, text));
  return notes;
}

function details(shown) {
  const parts = [];
  if (shown.releases?.length) {
    const rows = shown.releases.map((one) => [
      said("revision", { release: one.release, revision: number(one.revision) }), listed(one.records), [time(one.time)],
    ]);
    parts.push(table("releases", ["release", "has", "entered"], rows));
  }
  if (shown.events) {
    const rows = shown.events.map((one) => [
      [number(one.number)], worded(one), [time(one.time)], one.inLog ? said("place", { index: String(one.index) }) : said("not-shown"),
    ]);
    parts.push(table("your-entries", ["number", "what", "entered", "where"], rows));
  }
  return parts;
}

/** Says why not: for whom it concerns in the page's words, for whom they ask in the verifier's. */
function refused(error) {
  const ofTheFile = error instanceof NotShown && !NOT_OF_THE_FILE.includes(error.code);
  const why = error.code && texts.has(error.code) ? said(error.code) : [];
  const exact = Object.assign(made("code", error.code ? `${error.code}: ${error.message}` : error.message), { lang: "en" });
  const more = [[...why, " ", exact], ...(ofTheFile ? [said("fails-more")] : [])];
  return { state: ofTheFile ? "fails" : "unchecked", note: note(ofTheFile ? "error" : "warning", said(ofTheFile ? "fails" : "not-checked"), ...more) };
}

async function given(form) {
  const [file] = form.elements.file.files;
  if (file) return new Uint8Array(await file.arrayBuffer());
  const answer = await fetch(form.dataset.file, { credentials: "same-origin", cache: "no-store" });
  if (answer.redirected) throw new NotShown(answer.url, "check/logged-out");
  if (!answer.ok) throw new NotShown(String(answer.status), answer.status === 503 ? "check/moment" : "check/no-file");
  return new Uint8Array(await answer.arrayBuffer());
}

async function run(form, place) {
  const [status, found] = place.children;
  delete place.dataset.state;
  place.setAttribute("aria-busy", "true");
  status.replaceChildren(made("p", ...said("working")));
  found.replaceChildren();
  let state = "holds";
  try {
    const shown = await check(await given(form), form.elements.vkey.value);
    status.replaceChildren(...(await verdict(shown)));
    found.replaceChildren(...details(shown));
  } catch (error) {
    const why = refused(error);
    state = why.state;
    status.replaceChildren(why.note);
  }
  place.removeAttribute("aria-busy");
  place.dataset.state = state;
}

const form = document.getElementById("check");
form.hidden = false;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const place = document.getElementById("checked");
  // The button stays as it is while it runs: one that goes grey takes the focus away.
  if (!place.hasAttribute("aria-busy")) run(form, place);
});
