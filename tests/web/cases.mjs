// SPDX-License-Identifier: Apache-2.0
/**
 * What the verifier of the pages takes and refuses: the shared cases of tests/vectors, and some of its own.
 *
 * A case is run with a verifier, so that a changed one can be tried too (mutants.mjs). It ends, or throws.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const read = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8"));
const fromHex = (text) => Uint8Array.from(text.match(/../gu) ?? [], (two) => Number.parseInt(two, 16));
const encoded = (text) => new TextEncoder().encode(text);
const bytesOf = (one) => (one.base64 === undefined ? encoded(one.text) : Uint8Array.from(Buffer.from(one.base64, "base64")));

const ledger = read("ledger.json");
const checks = read("check.json");
const forged = read("check-forged.json");
const members = read("release-members.json");
const plain = (id) => ledger.find((one) => one.id === id).text;
const caseOf = (id) => checks.cases.find((one) => one.id === id);

const found = [];
function add(name, run, { slow = false } = {}) {
  found.push({ name, run, slow });
}

/** Holds that something is refused, with a code of the verifier's. */
async function refuses(verify, run, code) {
  let error = null;
  try {
    await run();
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error, `taken, expected ${code ?? "an error"}`);
  assert.ok(error instanceof verify.NotShown, error.stack);
  if (code !== undefined) assert.equal(error.code, code, error.message);
}

// --- Forms of the log ------------------------------------------------------------------------------------------------

const READERS = {
  vkey: async (verify, one) => verify.parseVkey(one.text),
  note: async (verify, one) => verify.parseNote(verify.textOf(bytesOf(one), "ledger/note")),
  checkpoint: async (verify, one) => verify.parseCheckpoint(one.text),
  "proof-file": async (verify, one) => verify.parseProof(verify.textOf(bytesOf(one), "ledger/proof-file")),
};
for (const one of ledger.filter((each) => each.form in READERS)) {
  add(`[${one.requirement}] ${one.form} ${one.id}`, async (verify) => {
    const run = () => READERS[one.form](verify, one);
    // A proof has a note and a checkpoint in it, which may be what is wrong.
    await (one.taken ? run() : refuses(verify, run, one.form === "proof-file" ? undefined : `ledger/${one.form}`));
  });
}

const opened = async (verify, note, vkey) => verify.openCheckpoint(verify.parseNote(note), await verify.believe(vkey));

add("a signed checkpoint says the log's name, size and root, and who signed it", async (verify) => {
  const said = await opened(verify, plain("note-plain"), plain("vkey-plain"));
  assert.deepEqual([said.origin, said.size, said.signed], ["example.com/privity", 3n, [plain("vkey-plain")]]);
});

add("a byte of a signed checkpoint is changed", async (verify) => {
  const note = encoded(plain("note-plain"));
  for (const at of note.keys()) {
    const changed = note.slice();
    changed[at] ^= 1;
    await refuses(verify, async () => opened(verify, verify.textOf(changed, "ledger/note"), plain("vkey-plain")));
  }
}, { slow: true });

add("a proof shows its entry, and no other entry or place", async (verify) => {
  const believed = await verify.believe(plain("vkey-plain"));
  const proof = verify.parseProof(plain("proof-file-plain"));
  assert.equal((await verify.openProof(proof, "two", believed)).size, 3n);
  await refuses(verify, () => verify.openProof(proof, "twp", believed), "ledger/inclusion");
  for (const index of [-1n, 0n, 2n, 3n]) {
    await refuses(verify, () => verify.openProof({ ...proof, index }, "two", believed), "ledger/inclusion");
  }
  for (const hashes of [proof.hashes.slice(1), [...proof.hashes, proof.hashes[0]], proof.hashes.toReversed()]) {
    await refuses(verify, () => verify.openProof({ ...proof, hashes }, "two", believed), "ledger/inclusion");
  }
});

/** A key of somebody's, and what it signs. */
async function signerOf(verify, name) {
  const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"]);
  const key = new Uint8Array([1, ...new Uint8Array(await crypto.subtle.exportKey("raw", publicKey))]);
  const id = (await verify.sha256(encoded(`${name}\n`), key)).slice(0, 4);
  const line = async (text) => {
    const made = new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, encoded(text)));
    return `\u2014 ${name} ${verify.toBase64(new Uint8Array([...id, ...made]))}\n`;
  };
  return { vkey: `${name}+${verify.toHex(id)}+${verify.toBase64(key)}`, line };
}

add("a key that is believed speaks for no other log than its own", async (verify) => {
  const [text] = plain("note-plain").split("\n\n");
  const [own, other] = [await signerOf(verify, "example.com/privity"), await signerOf(verify, "example.com/other")];
  assert.equal((await opened(verify, `${text}\n\n${await own.line(`${text}\n`)}`, own.vkey)).size, 3n);
  const note = `${text}\n\n${await other.line(`${text}\n`)}`;
  await refuses(verify, () => opened(verify, note, other.vkey), "ledger/origin");
  const both = await opened(verify, `${note}${await own.line(`${text}\n`)}`, `${own.vkey}\n${other.vkey}`);
  assert.deepEqual(both.signed, [other.vkey, own.vkey]);
});

add("nobody signs a checkpoint twice", async (verify) => {
  const [text] = plain("note-plain").split("\n\n");
  const own = await signerOf(verify, "example.com/privity");
  const line = await own.line(`${text}\n`);
  await refuses(verify, () => opened(verify, `${text}\n\n${line}${line}`, own.vkey), "ledger/signature");
});

add("what another key of the same name or of the same id signed means nothing", async (verify) => {
  const [text, signature] = plain("note-plain").split("\n\n");
  const known = plain("vkey-plain");
  const other = await signerOf(verify, "example.com/privity");
  const line = await other.line(`${text}\n`);
  assert.equal((await opened(verify, `${text}\n\n${line}${signature}`, known)).size, 3n);
  const renamed = signature.replace("example.com/privity", "example.com/other");
  assert.equal((await opened(verify, `${text}\n\n${renamed}${signature}`, known)).size, 3n);
  await refuses(verify, () => opened(verify, `${text}\n\n${renamed}`, known), "ledger/unsigned");
});

const refusesNote = (verify, note) => refuses(verify, async () => verify.parseNote(note), "ledger/note");
const refusesProof = (verify, text) => refuses(verify, async () => verify.parseProof(text), "ledger/proof-file");

add("a note is as long as it may be, and no longer", async (verify) => {
  const note = plain("note-plain");
  const filled = (length) => `${"x".repeat(length - note.length - 2)}${note}`;
  assert.ok(verify.parseNote(filled(2 ** 20)).text);
  await refusesNote(verify, filled(2 ** 20 + 1));
});

add("a note has a text, an empty line, and at most 64 signatures, each with an end", async (verify) => {
  const [text, line] = plain("note-plain").split("\n\n");
  await refusesNote(verify, `x${line}`);
  await refusesNote(verify, `${text}\n\n`);
  await refusesNote(verify, `${text}\n\n${line.trimEnd()}x`);
  assert.equal(verify.parseNote(`${text}\n\n${line.repeat(64)}`).signatures.length, 64);
  await refusesNote(verify, `${text}\n\n${line.repeat(65)}`);
  await refusesNote(verify, `${text}\n\n\u2014 x AAAAAA==\n`);
});

add("a key of another type is none, also under the id that it would have", async (verify) => {
  const [name, id, encoded] = plain("vkey-plain").split("+");
  const key = verify.fromBase64(plain("vkey-plain").slice(name.length + id.length + 2));
  assert.ok(encoded.length > 0);
  const other = verify.toBase64(new Uint8Array([2, ...key.slice(1)]));
  await refuses(verify, () => verify.parseVkey(`${name}+${id}+${other}`), "ledger/vkey");
});

add("base64 has one spelling", async (verify) => {
  for (const text of ["YWJ jZGVm", " YWJj", "YWJj\n", "YW", "YQ=", "YR==", "YWK=", "YWJj=", "=", "-_-_", 7, null, undefined]) {
    assert.equal(verify.fromBase64(text), null, String(text));
  }
  for (const text of ["", "YWJj", "YQ==", "YWI="]) assert.equal(verify.toBase64(verify.fromBase64(text)), text);
});

add("bytes are the same only where they are as many", async (verify) => {
  const [one, other] = [Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3)];
  assert.deepEqual([verify.same(one, one), verify.same(one, other), verify.same(other, one)], [true, false, false]);
});

add("a proof file has at most 63 hashes, and at most 1 MiB beside", async (verify) => {
  const [head, note] = [plain("proof-file-plain").split("\n"), plain("proof-file-plain").split("\n\n").slice(1).join("\n\n")];
  const file = (lines) => `${lines.join("\n")}\n\n${note}`;
  const hash = verify.toBase64(new Uint8Array(32));
  assert.equal(verify.parseProof(file([head[0], "index 1", ...Array(63).fill(hash)])).hashes.length, 63);
  await refusesProof(verify, file([head[0], "index 1", ...Array(64).fill(hash)]));
  await refusesProof(verify, file([head[0], "index 1", verify.toBase64(new Uint8Array(31))]));
  await refusesProof(verify, file([head[0], "index 1", "?"]));
  await refusesProof(verify, file([head[0], "index 01"]));
  await refusesProof(verify, file([head[0], hash]));
  await refusesProof(verify, file([head[0]]));
  await refusesProof(verify, file(["c2sp.org/tlog-proof@v2", "index 1"]));
  await refusesProof(verify, file([head[0], "extra ", "index 1"]));
  await refusesProof(verify, file([head[0], "extra ?", "index 1"]));
  await refusesProof(verify, `${head[0]}\nindex 1\n`);
  const extra = (size) => file([head[0], `extra ${verify.toBase64(new Uint8Array(size))}`, "index 1"]);
  assert.equal(verify.parseProof(extra(2 ** 20)).index, 1n);
  await refusesProof(verify, extra(2 ** 20 + 1));
});

// --- A log that has grown --------------------------------------------------------------------------------------------

const TILES = [["tile/0/000", 0, 0, 256], ["tile/0/000.p/1", 0, 0, 1], ["tile/2/x001/x234/067.p/17", 2, 1234067, 17], ["tile/0/x001/000", 0, 1000, 256]];
add("a tile lies where the log puts it", async (verify) => {
  for (const [path, ...place] of TILES) assert.equal(verify.tilePath(...place), path);
});

/** A log of a size, made plainly: its roots by RFC 6962, and its files. */
async function logOf(verify, size, seed = "") {
  const join = (left, right) => verify.sha256(Uint8Array.of(1), left, right);
  const leaves = await Promise.all(Array.from({ length: size }, (_, at) => verify.leafHash(encoded(`${seed}${at}`))));
  const root = async (hashes) => {
    if (hashes.length === 1) return hashes[0];
    let left = 1;
    while (2 * left < hashes.length) left *= 2;
    return join(await root(hashes.slice(0, left)), await root(hashes.slice(left)));
  };
  const files = new Map();
  for (let [level, hashes] = [0, leaves]; hashes.length; level += 1) {
    const above = [];
    for (let at = 0; at < hashes.length; at += 256) {
      const tile = hashes.slice(at, at + 256);
      const bytes = new Uint8Array(tile.flatMap((hash) => [...hash]));
      files.set(verify.tilePath(level, at / 256, tile.length), bytes);
      if (tile.length === 256) above.push(await root(tile));
    }
    hashes = above;
  }
  const first = async (count) => ({ size: BigInt(count), root: await root(leaves.slice(0, count)) });
  return { files, first, read: async (path) => files.get(path) ?? null };
}

add("a log begins with each older one, by its tiles", async (verify) => {
  for (const size of [1, 2, 3, 7, 8, 13]) {
    const log = await logOf(verify, size);
    for (let older = 1; older <= size; older += 1) await verify.verifyGrown(await log.first(older), await log.first(size), log.read);
  }
  const log = await logOf(verify, 700);
  for (const older of [1, 255, 256, 257, 511, 512, 513, 640, 699]) await verify.verifyGrown(await log.first(older), await log.first(700), log.read);
});

add("of an older log the tiles of a newer one may be there alone", async (verify) => {
  const [log, newer] = [await logOf(verify, 300), await logOf(verify, 600)];
  assert.equal(await newer.read("tile/0/001.p/44"), null);
  await verify.verifyGrown(await log.first(200), await log.first(300), newer.read);
});

add("a log begins with no other than its own older one", async (verify) => {
  const [log, other] = [await logOf(verify, 300), await logOf(verify, 300, "other ")];
  const [older, newer] = [await log.first(200), await log.first(300)];
  await refuses(verify, async () => verify.verifyGrown(await other.first(200), newer, log.read), "ledger/consistency");
  await refuses(verify, async () => verify.verifyGrown(older, await other.first(300), log.read), "ledger/consistency");
  await refuses(verify, async () => verify.verifyGrown(older, await other.first(300), other.read), "ledger/consistency");
  await refuses(verify, async () => verify.verifyGrown({ ...older, size: 199n }, newer, log.read), "ledger/consistency");
  await refuses(verify, async () => verify.verifyGrown(older, { ...newer, size: 299n }, log.read));
  for (const [path, bytes] of log.files) {
    // A tile of level 1 is read where a border does not go through it.
    const older = await log.first(path.startsWith("tile/1/") ? 256 : 200);
    const changed = bytes.slice();
    changed[0] ^= 1;
    const read = async (asked) => (asked === path ? changed : log.read(asked));
    await refuses(verify, () => verify.verifyGrown(older, newer, read), "ledger/consistency");
    const short = async (asked) => (asked === path ? bytes.slice(0, -1) : log.read(asked));
    await refuses(verify, () => verify.verifyGrown(older, newer, short), "ledger/tile");
    const none = async (asked) => (asked === path ? null : log.read(asked));
    await refuses(verify, () => verify.verifyGrown(older, newer, none), "ledger/tile");
  }
});

// --- Entries, payloads and receipts ----------------------------------------------------------------------------------

for (const one of read("entry/receipts.json")) {
  add(`[${one.requirement}] receipt ${one.id}`, async (verify) => {
    const open = async () => verify.openReceipt(verify.parseReceipt(verify.fromCanonical(one.input.text)));
    if (one.output.taken) assert.equal((await open()).length, one.output.events);
    else await refuses(verify, open, one.output.code);
  });
}

for (const one of read("entry/payloads.json")) {
  add(`[${one.requirement}] payload ${one.id}`, async (verify) => {
    const { entry, key, number, origin, payload } = one.input;
    const open = async () => verify.openPayload(verify.parseEvent(entry), payload, await verify.eventKeys(fromHex(key))(number), origin);
    // Which number an event must have is asked by who knows its stream.
    if (one.output.code === "entry/number") assert.notEqual((await open()).number, number);
    else if (one.output.taken) assert.deepEqual([(await open()).number, (await open()).schema], [number, one.output.schema]);
    else await refuses(verify, open, one.output.code);
  });
}

/** What is said of an entry of any stream; only those of releases are read to their end. */
const OF_EVERY_ENTRY = ["entry/encoding", "entry/tag", "entry/too-large", "entry/version"];
for (const one of read("entry/entries.json").filter((each) => each.input.text !== undefined)) {
  const { origin, text } = one.input;
  if (text.startsWith('{"c":')) {
    add(`[${one.requirement}] entry ${one.id}`, async (verify) => {
      await (one.output.taken ? verify.parseEvent(text) : refuses(verify, async () => verify.parseEvent(text), one.output.code));
    });
  } else if (one.output.taken || OF_EVERY_ENTRY.includes(one.output.code) || text.includes('"s":"release","t"')) {
    add(`[${one.requirement}] entry ${one.id}`, async (verify) => {
      const open = async () => {
        const { says, stream } = await verify.openPublic(text, origin);
        if (stream === "release") verify.readRelease(says);
        return stream;
      };
      if (one.output.taken) assert.equal(await open(), one.output.kind);
      else await refuses(verify, open, one.output.code);
    });
  }
}

// --- The tree of tags ------------------------------------------------------------------------------------------------

for (const tree of members.trees) {
  add(`[${tree.requirement}] tree ${tree.id}`, async (verify) => {
    const root = fromHex(tree.root);
    for (const asked of tree.proofs) {
      const [tag, proof] = [fromHex(asked.tag), verify.parsePrefixProof(verify.fromBase64(asked.proof))];
      const other = await verify.sha256(tag);
      if (asked.value === null) {
        await verify.verifyNotIn(tag, proof, root);
        await refuses(verify, () => verify.verifyIn(tag, other, proof, root), "ledger/prefix");
        await refuses(verify, () => verify.verifyNotIn(tag, proof, other), "ledger/prefix");
      } else {
        await verify.verifyIn(tag, fromHex(asked.value), proof, root);
        await refuses(verify, () => verify.verifyNotIn(tag, proof, root), "ledger/prefix");
        await refuses(verify, () => verify.verifyIn(tag, other, proof, root), "ledger/prefix");
      }
    }
  });
}

for (const one of members.mutants) {
  add(`[${one.requirement}] proof of a tag: ${one.why}`, async (verify) => {
    const [tag, value, root] = [one.tag, one.value, one.root].map(fromHex);
    const proof = () => verify.parsePrefixProof(verify.fromBase64(one.proof));
    await refuses(verify, async () => verify.verifyIn(tag, value, proof(), root));
    await refuses(verify, async () => verify.verifyNotIn(tag, proof(), root));
  });
}

// --- What members hold -----------------------------------------------------------------------------------------------

const checked = (verify, one, vkey) => verify.check(encoded(one.text), one.vkey ?? vkey);
for (const { cases, vkey } of [checks, forged]) {
  for (const one of cases) {
    add(`${one.id}: ${one.why}`, async (verify) => {
      const run = () => checked(verify, one, vkey);
      if (one.code !== undefined) return refuses(verify, run, one.code);
      const shown = await run();
      assert.equal(shown.events?.length ?? 0, one.events);
      assert.equal((shown.events ?? []).filter((each) => each.schema === null).length, one.lost ?? 0);
      assert.deepEqual(Object.fromEntries((shown.releases ?? []).map((each) => [each.release, each.records])), one.releases);
      return undefined;
    });
  }
}

add("a character of what a member holds is changed", async (verify) => {
  const { text } = caseOf("whole");
  // Every 7th, from another one each time: all that differ in their place in a group of base64.
  for (let at = 0; at < text.length; at += 7) {
    const char = text[at] === "A" ? "B" : "A";
    const changed = text.slice(0, at) + char + text.slice(at + 1);
    await refuses(verify, () => verify.check(encoded(changed), checks.vkey));
  }
}, { slow: true });

add("bytes that are no text, or begin with a mark of their order, are no file", async (verify) => {
  const bytes = encoded(caseOf("whole").text);
  await refuses(verify, () => verify.check(new Uint8Array([...bytes, 0xff]), checks.vkey), "entry/encoding");
  await refuses(verify, () => verify.check(new Uint8Array([0xef, 0xbb, 0xbf, ...bytes]), checks.vkey), "entry/encoding");
});

add("a file that nobody could have made is not even read", async (verify) => {
  await refuses(verify, () => verify.check({ length: 2 ** 24 + 2 ** 28 + 1 }, checks.vkey), "entry/too-large");
});

add("a receipt has at most 16 MiB, also in a larger file", async (verify) => {
  const large = (id) => caseOf(id).text.replaceAll('"member":"m0"', `"member":"${"m".repeat(2 ** 24)}"`);
  await refuses(verify, () => verify.check(encoded(large("whole")), checks.vkey), "entry/too-large");
  await refuses(verify, () => verify.check(encoded(large("receipt")), checks.vkey), "entry/too-large");
}, { slow: true });

add("a browser without cryptography shows nothing", async (verify) => {
  const kept = Object.getOwnPropertyDescriptor(globalThis, "crypto");
  Object.defineProperty(globalThis, "crypto", { value: {}, configurable: true });
  try {
    await refuses(verify, () => checked(verify, caseOf("whole"), checks.vkey), "check/browser");
  } finally {
    Object.defineProperty(globalThis, "crypto", kept);
  }
});

add("a browser that knows no Ed25519 says so, and says nothing of the file", async (verify) => {
  const kept = crypto.subtle.importKey;
  crypto.subtle.importKey = function importKey(form, key, algorithm, ...rest) {
    if (algorithm.name === "Ed25519") throw new DOMException("unrecognized name", "NotSupportedError");
    return kept.call(this, form, key, algorithm, ...rest);
  };
  try {
    await refuses(verify, () => checked(verify, caseOf("whole"), checks.vkey), "check/browser");
  } finally {
    crypto.subtle.importKey = kept;
  }
});

add("an event that waits to be published is not said to be in the log", async (verify) => {
  const inLog = async (id) => (await checked(verify, caseOf(id), checks.vkey)).events.map((one) => one.inLog);
  assert.ok((await inLog("whole")).every(Boolean));
  assert.deepEqual((await inLog("late")).slice(-2), [true, false]);
  assert.ok(!(await inLog("receipt")).some(Boolean));
});

add("what was not asked is not said", async (verify) => {
  const [whole, receipt, proof] = await Promise.all(["whole", "receipt", "proof"].map((id) => checked(verify, caseOf(id), checks.vkey)));
  assert.deepEqual([whole.compared, receipt.compared, proof.compared], [true, true, false]);
  assert.deepEqual([whole.checkpoint.origin, receipt.checkpoint, proof.events, receipt.releases], [whole.origin, null, null, null]);
  assert.equal(whole.member, "m0");
});

add("without a key nothing is believed", async (verify) => {
  await refuses(verify, () => verify.check(encoded(caseOf("whole").text), " \n"), "ledger/vkey");
});

export const CASES = found;
