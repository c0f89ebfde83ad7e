// SPDX-License-Identifier: Apache-2.0
/** The verifier of the pages takes and refuses what the shared cases of tests/vectors say, as the Python does. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import * as verify from "../../src/privity/web/static/privity/verify.js";

const read = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8"));
const fromHex = (text) => Uint8Array.from(text.match(/../gu) ?? [], (two) => Number.parseInt(two, 16));
const bytesOf = (one) => (one.base64 === undefined ? verify.bytesOf(one.text) : verify.fromBase64(one.base64));
const refused = (code) => (error) => error instanceof verify.NotShown && (code === undefined || error.code === code);

const ledger = read("ledger.json");
const READERS = {
  vkey: async (one) => verify.parseVkey(one.text),
  note: async (one) => verify.parseNote(bytesOf(one)),
  checkpoint: async (one) => verify.parseCheckpoint(one.text),
  "proof-file": async (one) => verify.parseProof(bytesOf(one)),
};
for (const one of ledger.filter((each) => each.form in READERS)) {
  test(`[${one.requirement}] ${one.id}: ${one.taken ? "taken" : "refused"}`, async () => {
    if (one.taken) await READERS[one.form](one);
    else await assert.rejects(READERS[one.form](one), refused(one.form === "proof-file" ? undefined : `ledger/${one.form}`));
  });
}

const plain = (id) => ledger.find((one) => one.id === id).text;
const CHECKPOINT = verify.bytesOf(plain("note-plain"));

test("a signed checkpoint says the log's name, size and root", async () => {
  const believed = await verify.believe(plain("vkey-plain"));
  const found = await verify.openCheckpoint(verify.parseNote(CHECKPOINT), believed);
  assert.equal(found.origin, "example.com/privity");
  assert.equal(found.size, 3n);
});

test("no byte of a signed checkpoint can be changed", async () => {
  const believed = await verify.believe(plain("vkey-plain"));
  for (const at of CHECKPOINT.keys()) {
    const changed = CHECKPOINT.slice();
    changed[at] ^= 1;
    await assert.rejects(async () => verify.openCheckpoint(verify.parseNote(changed), believed), refused());
  }
});

test("a proof shows its entry, and no other entry or place", async () => {
  const believed = await verify.believe(plain("vkey-plain"));
  const proof = verify.parseProof(verify.bytesOf(plain("proof-file-plain")));
  assert.equal((await verify.openProof(proof, verify.bytesOf("two"), believed)).size, 3n);
  await assert.rejects(verify.openProof(proof, verify.bytesOf("twp"), believed), refused("ledger/inclusion"));
  for (const index of [0n, 2n, 3n]) {
    await assert.rejects(verify.openProof({ ...proof, index }, verify.bytesOf("two"), believed), refused("ledger/inclusion"));
  }
  for (const hashes of [proof.hashes.slice(1), [...proof.hashes, proof.hashes[0]], proof.hashes.toReversed()]) {
    await assert.rejects(verify.openProof({ ...proof, hashes }, verify.bytesOf("two"), believed), refused("ledger/inclusion"));
  }
});

for (const one of read("entry/receipts.json")) {
  test(`[${one.requirement}] receipt ${one.id}: ${one.why}`, async () => {
    const open = async () => verify.openReceipt(verify.parseReceipt(verify.fromCanonical(one.input.text, 1 << 24)));
    if (one.output.taken) assert.equal((await open()).length, one.output.events);
    else await assert.rejects(open, refused(one.output.code));
  });
}

const members = read("release-members.json");
for (const tree of members.trees) {
  test(`[${tree.requirement}] tree ${tree.id}: ${tree.why}`, async () => {
    const root = fromHex(tree.root);
    for (const asked of tree.proofs) {
      const [tag, proof] = [fromHex(asked.tag), verify.parsePrefixProof(verify.fromBase64(asked.proof))];
      const other = verify.sha256(tag);
      if (asked.value === null) {
        await verify.verifyNotIn(tag, proof, root);
        await assert.rejects(verify.verifyIn(tag, await other, proof, root), refused("ledger/prefix"));
        await assert.rejects(verify.verifyNotIn(tag, proof, await other), refused("ledger/prefix"));
      } else {
        await verify.verifyIn(tag, fromHex(asked.value), proof, root);
        await assert.rejects(verify.verifyNotIn(tag, proof, root), refused("ledger/prefix"));
        await assert.rejects(verify.verifyIn(tag, await other, proof, root), refused("ledger/prefix"));
      }
    }
  });
}

for (const one of members.mutants) {
  test(`[${one.requirement}] mutant: ${one.why}`, async () => {
    const [tag, value, root] = [one.tag, one.value, one.root].map(fromHex);
    const proof = () => verify.parsePrefixProof(verify.fromBase64(one.proof));
    await assert.rejects(async () => verify.verifyIn(tag, value, proof(), root), refused());
    await assert.rejects(async () => verify.verifyNotIn(tag, proof(), root), refused());
  });
}

const checks = read("check.json");
for (const one of checks.cases) {
  test(`${one.id}: ${one.why}`, async () => {
    const run = () => verify.check(one.text, one.vkey ?? checks.vkey);
    if (one.code !== undefined) return assert.rejects(run, refused(one.code));
    const found = await run();
    assert.equal(found.events?.length ?? 0, one.events);
    assert.deepEqual(Object.fromEntries((found.releases ?? []).map((each) => [each.release, each.records])), one.releases);
    return undefined;
  });
}

test("no character of what a member holds can be changed", async () => {
  const { text } = checks.cases.find((one) => one.id === "whole");
  // Every 7th, from another one each time: all that differ in their place in a group of base64.
  for (let at = 0; at < text.length; at += 7) {
    const char = text[at] === "A" ? "B" : "A";
    const changed = text.slice(0, at) + char + text.slice(at + 1);
    await assert.rejects(verify.check(changed, checks.vkey), refused(), `character ${at}`);
  }
});

test("a browser without cryptography shows nothing", async () => {
  const kept = Object.getOwnPropertyDescriptor(globalThis, "crypto");
  Object.defineProperty(globalThis, "crypto", { value: {}, configurable: true });
  try {
    await assert.rejects(verify.check(checks.cases[0].text, checks.vkey), refused("check/browser"));
  } finally {
    Object.defineProperty(globalThis, "crypto", kept);
  }
});

test("an event that waits to be published is not said to be in the log", async () => {
  const inLog = async (id) => {
    const found = await verify.check(checks.cases.find((one) => one.id === id).text, checks.vkey);
    return found.events.map((one) => one.inLog);
  };
  assert.ok((await inLog("whole")).every(Boolean));
  assert.deepEqual((await inLog("late")).slice(-2), [true, false]);
  assert.ok(!(await inLog("receipt")).some(Boolean));
});

test("whether the tags were compared with her key is said", async () => {
  const compared = async (id) => (await verify.check(checks.cases.find((one) => one.id === id).text, checks.vkey)).compared;
  assert.deepEqual([await compared("whole"), await compared("proof")], [true, false]);
});

/** A key of somebody's, and what it signs. */
async function signerOf(name) {
  const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"]);
  const key = new Uint8Array([1, ...new Uint8Array(await crypto.subtle.exportKey("raw", publicKey))]);
  const id = (await verify.sha256(verify.bytesOf(`${name}\n`), key)).slice(0, 4);
  const line = async (text) => {
    const made = new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, verify.bytesOf(text)));
    return `\u2014 ${name} ${verify.toBase64(new Uint8Array([...id, ...made]))}\n`;
  };
  return { vkey: `${name}+${verify.toHex(id)}+${verify.toBase64(key)}`, line };
}

const opened = async (note, vkey) => verify.openCheckpoint(verify.parseNote(verify.bytesOf(note)), await verify.believe(vkey));

test("a key that is believed speaks for no other log than its own", async () => {
  const [text] = plain("note-plain").split("\n\n");
  const [own, other] = [await signerOf("example.com/privity"), await signerOf("example.com/other")];
  assert.equal((await opened(`${text}\n\n${await own.line(`${text}\n`)}`, own.vkey)).size, 3n);
  await assert.rejects(opened(`${text}\n\n${await other.line(`${text}\n`)}`, other.vkey), refused("ledger/origin"));
});

test("nobody signs a checkpoint twice", async () => {
  const [text] = plain("note-plain").split("\n\n");
  const own = await signerOf("example.com/privity");
  const line = await own.line(`${text}\n`);
  await assert.rejects(opened(`${text}\n\n${line}${line}`, own.vkey), refused("ledger/signature"));
});

test("without a key nothing is believed", async () => {
  await assert.rejects(verify.check(checks.cases[0].text, " \n"), refused("ledger/vkey"));
});
