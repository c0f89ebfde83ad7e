// SPDX-License-Identifier: Apache-2.0
/**
 * Takes every check out of the verifier, one at a time, and sees whether a case notices.
 *
 *     node tests/web/mutants.mjs [STEP]
 *
 * Mutants are made by rule, so that a check that is added is tried too: an `if` that never holds; each part of an `&&` or `||`
 * taken out; each `<`, `<=`, `>` and `>=` moved by one. What survives is printed, and the exit code is 1. `EQUIVALENT` has the
 * few that change nothing that can be seen, and why. With a STEP each so many-th is tried.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { CASES } from "./cases.mjs";

const VERIFIER = new URL("../../src/privity/web/static/privity/verify.js", import.meta.url);
/** What only tries many things by chance is left out: each check has a case of its own. */
const TRIED = CASES.filter((one) => !one.slow);
const PATIENCE_MS = 20_000;
const STEP = Number(process.argv[2] ?? 1);

/** By the line, as the mutant has it: why nobody can see it. */
const EQUIVALENT = new Map([
  ["if (false) throw wrong(`it is none of a log of ${size} entries`);", "the way to a place that is not there leads to no root of a log of that size"],
  ["if (index > size) throw wrong(`it is none of a log of ${size} entries`);", "the same"],
  ["if (false) throw wrong(`its proof is not made of ${inner + border} hashes`);", "a leaf is hashed otherwise than a node, so no other number of hashes leads to the root"],
  ['if (false) throw wrong("its proof says that it is in");', "such a proof has no other leaf, and nothing leads to no root where something stands"],
]);

/** Says of each character whether it is code: not text, not a comment, not a regular expression. */
function codeOf(source) {
  const isCode = new Uint8Array(source.length).fill(1);
  const skip =
    /\/\*[^]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|(?<=[(,=:!&|?{;]\s*|return\s)\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\]|\\.)*\])+\/[a-z]*/gu;
  for (const found of source.matchAll(skip)) isCode.fill(0, found.index, found.index + found[0].length);
  return isCode;
}

const OPENS = "([{";
const CLOSES = ")]}";

/** Finds where the bracket that opens at a place is closed. */
function closing(source, isCode, from) {
  let depth = 0;
  for (let at = from; at < source.length; at += 1) {
    if (isCode[at] && OPENS.includes(source[at])) depth += 1;
    if (isCode[at] && CLOSES.includes(source[at])) depth -= 1;
    if (depth === 0) return at;
  }
  throw new Error("a bracket is not closed");
}

const ENDS = /^(?:&&|\|\||=>|[=!]==|[,;?:]|=(?!=)|return\b)/u;

/** Finds the operand of an `&&` or `||` that ends before a place, or begins behind it. */
function operand(source, isCode, from, step) {
  let depth = 0;
  for (let at = from; at >= 0 && at < source.length; at += step) {
    if (!isCode[at]) continue;
    const [opens, closes] = step > 0 ? [OPENS, CLOSES] : [CLOSES, OPENS];
    if (opens.includes(source[at])) depth += 1;
    if (closes.includes(source[at]) && depth > 0) depth -= 1;
    else if (closes.includes(source[at])) return step > 0 ? at : at + 1;
    const rest = source.slice(at, at + 8);
    const end = depth === 0 && !rest.startsWith("?.") && source[at - 1] !== "?" && ENDS.exec(rest);
    // Of a comparison both sides are one operand.
    if (end && !/^[=!]==/u.test(end[0]) && !/[=!<>]/u.test(source[at - 1])) return step > 0 ? at : at + end[0].length;
  }
  throw new Error("an operand has no end");
}

/** Gives every mutant: from where to where what is put in. */
function* mutants(source) {
  const isCode = codeOf(source);
  const isHead = new Uint8Array(source.length);
  for (const { 0: { length }, index } of source.matchAll(/\bfor \(/gu)) {
    isHead.fill(1, index, closing(source, isCode, index + length - 1));
  }
  for (const { 0: found, index } of source.matchAll(/\bif \(|&&|\|\||<=|>=|<|>/gu)) {
    if (!isCode[index] || isHead[index]) continue;
    const end = index + found.length;
    if (found === "if (") {
      yield { from: end, to: closing(source, isCode, end - 1), put: "false" };
    } else if (found === "&&" || found === "||") {
      const put = found === "&&" ? "true" : "false";
      yield { from: operand(source, isCode, index - 1, -1), to: index, put: ` ${put} ` };
      yield { from: end, to: operand(source, isCode, end, 1), put: ` ${put}` };
    } else if (source[index - 1] === " " && source[end] === " ") {
      yield { from: index, to: end, put: { "<": "<=", "<=": "<", ">": ">=", ">=": ">" }[found] };
    }
  }
}

/** Gives the lines of the verifier in which an error was made. */
function linesOf(error) {
  return [...(error?.stack ?? "").matchAll(/verify\.js:(\d+)/gu)].map((found) => Number(found[1]));
}

/** Runs each case with the verifier as it is, and keeps in which lines what it refuses is refused, and how long it took. */
async function casesAsTheyAre() {
  const verify = await import(VERIFIER);
  const seen = [];
  const spied = { ...verify, NotShown: verify.NotShown };
  for (const { name, run } of TRIED) {
    const lines = new Set();
    const thrown = { ...spied };
    for (const [key, one] of Object.entries(verify)) {
      if (typeof one !== "function" || key === "NotShown") continue;
      thrown[key] = (...given) => {
        const keep = (error) => {
          linesOf(error).forEach((line) => lines.add(line));
          throw error;
        };
        try {
          const made = one(...given);
          return made instanceof Promise ? made.catch(keep) : made;
        } catch (error) {
          return keep(error);
        }
      };
    }
    const begun = performance.now();
    try {
      await run(thrown);
    } catch (error) {
      throw new Error(`the verifier as it is fails: ${name}`, { cause: error });
    }
    seen.push({ lines, ms: performance.now() - begun });
  }
  return seen;
}

function within(promise, ms) {
  let timer;
  const late = new Promise((_, refuse) => {
    timer = setTimeout(() => refuse(new Error("it does not end")), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Tells whether a case notices. */
async function isNoticed(verify, cases) {
  for (const one of cases) {
    try {
      await within(one.run(verify), PATIENCE_MS);
    } catch {
      return true;
    }
  }
  return false;
}

// What a changed verifier leaves behind is nobody's error.
process.on("unhandledRejection", () => {});

const source = readFileSync(VERIFIER, "utf8");
const folder = mkdtempSync(join(tmpdir(), "mutants-"));
const seen = await casesAsTheyAre();
const survived = [];
let [count, known, tried] = [0, 0, 0];
try {
  for (const { from, to, put } of mutants(source)) {
    const changed = source.slice(0, from) + put + source.slice(to);
    const line = source.slice(0, from).split("\n").length;
    const text = changed.split("\n")[line - 1].trim();
    count += 1;
    if (EQUIVALENT.has(text)) {
      known += 1;
      continue;
    }
    if (count % STEP) continue;
    tried += 1;
    const file = join(folder, `${count}.mjs`);
    writeFileSync(file, changed);
    // Those first that the verifier refuses there, and then those that take least.
    const isNear = ({ lines }) => [line, line + 1].some((one) => lines.has(one));
    const order = [...TRIED.keys()].sort((one, other) => isNear(seen[other]) - isNear(seen[one]) || seen[one].ms - seen[other].ms);
    let verify = null;
    try {
      verify = await import(pathToFileURL(file));
    } catch {
      continue;
    }
    if (!(await isNoticed(verify, order.map((at) => TRIED[at])))) survived.push(`${line}: ${text}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
if (known !== EQUIVALENT.size) survived.push("EQUIVALENT has one that there is not");
for (const one of survived) console.log(`survived ${one}`);
console.log(JSON.stringify({ mutants: count, equivalent: known, tried, survived: survived.length }));
process.exitCode = survived.length ? 1 : 0;
