// SPDX-License-Identifier: Apache-2.0
/**
 * Verifies what a member holds of a log: signed checkpoints, proofs that an entry is in the log, her receipt, and what
 * releases have of hers (specs/ledger.md, parts 4 to 6; specs/entry.md, parts 3 and 8; specs/release.md, part 2).
 *
 * It asks nobody and believes nothing but the keys that it is given. SHA-256 and Ed25519 are the browser's own. What does
 * not hold throws `NotShown`, with the code that the command gives (docs/errors.md).
 */

const LONGEST_NOTE = 1 << 20;
const LONGEST_ENTRY = 4096;
const LONGEST_RECEIPT = 1 << 24;
const LONGEST_PROOF = 1 << 28;
const LONGEST_CHECK = LONGEST_RECEIPT + LONGEST_PROOF;
const MOST_SIGNATURES = 64;
const MOST_HASHES = 63;
const LONGEST_EXTRA = 1 << 20;
const HASH_SIZE = 32;
const DEEPEST_TREE = 256;
const DEEPEST_JSON = 16;
const LARGEST = (1n << 63n) - 1n;
const LAST_INSTANT = 253402300799;
const ED25519 = 1;
const PROOF_LINE = "c2sp.org/tlog-proof@v1";
const NO_KEY_NAME = /[+\x00-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/u;
const MEMBER_EVENT =
  /^\{"c":"([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)","m":"([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)","s":"m","t":(0|[1-9][0-9]{0,11}),"v":1\}$/u;
const SHORT_NAME = /^[a-z0-9][a-z0-9-]{0,39}$/u;
const NOTHING = new Uint8Array(HASH_SIZE);
const EMPTY_ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/** Something is not what it has to be, or does not show what it is to show. */
export class NotShown extends Error {
  constructor(message, code) {
    super(message);
    this.name = "NotShown";
    this.code = code;
  }
}

// --- Bytes -----------------------------------------------------------------------------------------------------------

const utf8 = new TextEncoder();

export function bytesOf(text) {
  return utf8.encode(text);
}

function textOf(bytes, code) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new NotShown("the file is not UTF-8", code);
  }
}

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function same(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

export function toBase64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(text);
}

/** Reads base64 in its one spelling, or gives null. */
export function fromBase64(text) {
  if (typeof text !== "string" || text.length % 4 || !/^[A-Za-z0-9+/]*={0,2}$/u.test(text)) return null;
  let raw;
  try {
    raw = atob(text);
  } catch {
    return null;
  }
  const bytes = Uint8Array.from(raw, (char) => char.charCodeAt(0));
  return toBase64(bytes) === text ? bytes : null;
}

export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fromDecimal(text) {
  if (!/^(0|[1-9][0-9]{0,18})$/u.test(text)) return null;
  const number = BigInt(text);
  return number <= LARGEST ? number : null;
}

/** Gives a whole number as `size` bytes, the highest first. */
function numbered(number, size) {
  const bytes = new Uint8Array(size);
  let rest = BigInt(number);
  for (let at = size - 1; at >= 0; at -= 1) {
    bytes[at] = Number(rest & 255n);
    rest >>= 8n;
  }
  return bytes;
}

function bit(bytes, place) {
  return (bytes[place >> 3] >> (7 - (place & 7))) & 1;
}

// --- Hashes ----------------------------------------------------------------------------------------------------------

function subtle() {
  const found = globalThis.crypto?.subtle;
  if (!found) {
    throw new NotShown("this page was not loaded over HTTPS, and browsers verify nothing then", "check/browser");
  }
  return found;
}

export async function sha256(...parts) {
  return new Uint8Array(await subtle().digest("SHA-256", joined(...parts)));
}

async function hmac(key, ...parts) {
  const made = await subtle().importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await subtle().sign("HMAC", made, joined(...parts)));
}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
const TAG_LEAF = Uint8Array.of(2);
const TAG_NODE = Uint8Array.of(3);

// --- Keys, notes and checkpoints -------------------------------------------------------------------------------------

function isName(name) {
  return name !== "" && !NO_KEY_NAME.test(name);
}

async function keyId(name, key) {
  return (await sha256(bytesOf(`${name}\n`), Uint8Array.of(ED25519), key)).subarray(0, 4);
}

/** Reads a log's key, written as `name+0123abcd+base64`. */
export async function parseVkey(text) {
  const first = text.indexOf("+");
  const second = text.indexOf("+", first + 1);
  const [name, id] = [text.slice(0, first), text.slice(first + 1, second)];
  const data = second < 0 ? null : fromBase64(text.slice(second + 1));
  if (first < 0 || data === null || !isName(name) || !/^[0-9a-f]{8}$/u.test(id)) {
    throw new NotShown("this is no key of a log, expected a name, an id and a key with `+` between", "ledger/vkey");
  }
  if (data[0] !== ED25519 || data.length !== 1 + HASH_SIZE) {
    throw new NotShown("the key is not an Ed25519 key", "ledger/vkey");
  }
  const key = data.subarray(1);
  if (toHex(await keyId(name, key)) !== id) {
    throw new NotShown("the key has another id than its own", "ledger/vkey");
  }
  return { name, id, key, text };
}

/** Reads the keys to believe, one a line. What they signed is verified once and kept beside them. */
export async function believe(text) {
  const lines = text.split(/\r?\n/u).map((line) => line.trim()).filter((line) => line !== "");
  if (!lines.length) throw new NotShown("there is no key of a log to believe", "ledger/vkey");
  return { vkeys: await Promise.all(lines.map(parseVkey)), opened: new Map() };
}

/** Reads a signed note, of which nothing is verified yet. */
export function parseNote(data) {
  const wrong = (why) => new NotShown(`this is no signed note: ${why}`, "ledger/note");
  if (data.length > LONGEST_NOTE) throw wrong("it is too long");
  const whole = textOf(data, "ledger/note");
  const gap = whole.lastIndexOf("\n\n");
  if (gap < 0 || !whole.endsWith("\n")) throw wrong("an empty line and signatures do not follow its text");
  const [text, rest] = [whole.slice(0, gap + 1), whole.slice(gap + 2)];
  if (/[\x00-\x09\x0b-\x1f]/u.test(text)) throw wrong("its text has a control character");
  if (rest === "") throw wrong("nobody signed it");
  const signatures = rest.slice(0, -1).split("\n").map((line) => {
    const blank = line.indexOf(" ", 2);
    const encoded = blank < 0 ? null : fromBase64(line.slice(blank + 1));
    const name = line.slice(2, blank);
    if (!line.startsWith("\u2014 ") || encoded === null || !isName(name) || encoded.length < 5) {
      throw wrong("a line after its text is no signature");
    }
    return { name, id: toHex(encoded.subarray(0, 4)), data: encoded.subarray(4) };
  });
  if (signatures.length > MOST_SIGNATURES) throw wrong("it has too many signatures");
  return { text, signatures, whole };
}

/** Reads what a checkpoint says; who signed it is not asked. */
export function parseCheckpoint(text) {
  const wrong = (why) => new NotShown(`this is no checkpoint: ${why}`, "ledger/checkpoint");
  const lines = text.split("\n");
  if (lines.pop() !== "" || lines.length < 3) throw wrong("it has fewer than three whole lines");
  const [origin, sizeText, rootText, ...extensions] = lines;
  const [size, root] = [fromDecimal(sizeText), fromBase64(rootText)];
  if (size === null || root === null || root.length !== HASH_SIZE) throw wrong("it has no size and root");
  if ([origin, ...extensions].some((line) => line === "" || /[\x00-\x1f]/u.test(line))) {
    throw wrong("a line is empty or has a control character");
  }
  if (size === 0n && rootText !== EMPTY_ROOT) throw wrong("a log without entries has another root");
  return { origin, size, root };
}

async function verifySignature(vkey, signature, text) {
  let holds = false;
  try {
    const key = await subtle().importKey("raw", vkey.key, { name: "Ed25519" }, false, ["verify"]);
    holds = await subtle().verify({ name: "Ed25519" }, key, signature.data, bytesOf(text));
  } catch (error) {
    if (error?.name === "NotSupportedError") {
      throw new NotShown("this browser cannot verify Ed25519 signatures: take a newer one", "check/browser");
    }
    if (error instanceof NotShown) throw error;
  }
  if (!holds) throw new NotShown(`the signature of \`${vkey.name}\` is not of this text`, "ledger/signature");
}

async function verifyNote(note, vkeys) {
  const signed = new Set();
  for (const signature of note.signatures) {
    const vkey = vkeys.find((one) => one.name === signature.name && one.id === signature.id);
    if (vkey) {
      await verifySignature(vkey, signature, note.text);
      if (signed.has(vkey)) throw new NotShown(`\`${vkey.name}\` signed the note twice`, "ledger/signature");
      signed.add(vkey);
    }
  }
  if (!signed.size) throw new NotShown("no key that is believed signed the checkpoint", "ledger/unsigned");
  return signed;
}

async function openNote(note, vkeys) {
  const signed = await verifyNote(note, vkeys);
  const checkpoint = parseCheckpoint(note.text);
  if (![...signed].some((vkey) => vkey.name === checkpoint.origin)) {
    throw new NotShown("the checkpoint is signed by the key of another log", "ledger/origin");
  }
  return checkpoint;
}

/** Verifies a signed checkpoint and gives what it says: the log's name, its size and its root. */
export function openCheckpoint(note, believed) {
  let found = believed.opened.get(note.whole);
  if (!found) {
    found = openNote(note, believed.vkeys);
    believed.opened.set(note.whole, found);
  }
  return found;
}

// --- Proofs of the log -----------------------------------------------------------------------------------------------

/** Reads a C2SP tlog-proof, of which nothing is verified yet. */
export function parseProof(data) {
  const wrong = (why) => new NotShown(`this is no proof: ${why}`, "ledger/proof-file");
  if (data.length > LONGEST_NOTE + 2 * LONGEST_EXTRA) throw wrong("it is too long");
  const gap = data.findIndex((byte, at) => byte === 10 && data[at + 1] === 10);
  const head = data.subarray(0, gap < 0 ? data.length : gap);
  if (gap < 0 || head.some((byte) => byte > 127)) throw wrong("no empty line and checkpoint follow its first lines");
  const lines = textOf(head, "ledger/proof-file").split("\n");
  if (lines.shift() !== PROOF_LINE) throw wrong(`its first line is not \`${PROOF_LINE}\``);
  if (lines.length && lines[0].startsWith("extra ")) {
    const extra = fromBase64(lines.shift().slice(6));
    if (!extra?.length || extra.length > LONGEST_EXTRA) throw wrong("its extra data is none in base64");
  }
  const index = lines.length && lines[0].startsWith("index ") ? fromDecimal(lines.shift().slice(6)) : null;
  if (index === null) throw wrong("it has no line with an index");
  const hashes = lines.map(fromBase64);
  if (hashes.length > MOST_HASHES || hashes.some((hash) => hash?.length !== HASH_SIZE)) {
    throw wrong(`it is not made of at most ${MOST_HASHES} hashes`);
  }
  const checkpoint = parseNote(data.subarray(gap + 2));
  parseCheckpoint(checkpoint.text);
  return { index, hashes, checkpoint };
}

export function leafHash(entry) {
  return sha256(LEAF, entry);
}

/** Verifies that the leaf with this hash is the entry at `index` of a tree (RFC 6962, 2.1.1). */
export async function verifyInclusion(leaf, { index, size, hashes, root }) {
  const wrong = (why) => new NotShown(`the entry is not shown to be in the log: ${why}`, "ledger/inclusion");
  if (index < 0n || index >= size) throw wrong(`it is none of a log of ${size} entries`);
  // Up to where the way meets the right edge it may come from either side; after that, from the right.
  const differing = index ^ (size - 1n);
  const inner = differing === 0n ? 0 : differing.toString(2).length;
  const border = (index >> BigInt(inner)).toString(2).replaceAll("0", "").length;
  if (hashes.length !== inner + border) throw wrong(`its proof is not made of ${inner + border} hashes`);
  let found = leaf;
  for (const [height, beside] of hashes.entries()) {
    const fromRight = height >= inner || (index >> BigInt(height)) & 1n;
    found = await (fromRight ? sha256(NODE, beside, found) : sha256(NODE, found, beside));
  }
  if (!same(found, root)) throw wrong("its proof leads to another root");
}

/** Verifies that an entry is in a log as a proof says, and gives the checkpoint that says so. */
export async function openProof(proof, entry, believed) {
  const checkpoint = await openCheckpoint(proof.checkpoint, believed);
  const { size, root } = checkpoint;
  await verifyInclusion(await leafHash(entry), { index: proof.index, hashes: proof.hashes, size, root });
  return checkpoint;
}

// --- Canonical JSON --------------------------------------------------------------------------------------------------

function canonical(value, deepest = DEEPEST_JSON) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return value.isWellFormed?.() === false ? "" : JSON.stringify(value);
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : "";
  if (deepest === 0) return "";
  if (Array.isArray(value)) return `[${value.map((one) => canonical(one, deepest - 1)).join(",")}]`;
  const keys = Object.keys(value).sort();
  // eslint-disable-next-line no-control-regex
  if (keys.some((key) => !/^[\x00-\x7f]*$/u.test(key))) return "";
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key], deepest - 1)}`).join(",")}}`;
}

/** Reads JSON of which there is one spelling only, so that two readers cannot take it differently. */
export function fromCanonical(text, longest) {
  if (bytesOf(text).length > longest) throw new NotShown("it is too long", "entry/too-large");
  const wrong = () => new NotShown("this is no canonical JSON", "entry/encoding");
  let value;
  try {
    value = JSON.parse(text);
    // What was lost in reading (a key that stood twice, a blank, an order) shows in the text.
    if (canonical(value) === text) return value;
  } catch {
    throw wrong();
  }
  throw wrong();
}

function unsaid(why) {
  return new NotShown(why, "entry/payload");
}

function keysOf(value, required, optional = []) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unsaid("a JSON object is expected");
  for (const key of required) if (!Object.hasOwn(value, key)) throw unsaid(`\`${key}\` is missing`);
  for (const key of Object.keys(value)) {
    if (![...required, ...optional].includes(key)) throw unsaid(`\`${key}\` means nothing here`);
    if (value[key] === null && optional.includes(key)) throw unsaid(`\`${key}\` is null`);
  }
  return value;
}

function objectOf(value) {
  return keysOf(value, Object.keys(value ?? {}));
}

function bytesIn(value, key, size = HASH_SIZE) {
  const bytes = fromBase64(value[key]);
  if (bytes === null || (size !== null && bytes.length !== size)) throw unsaid(`\`${key}\` is not in base64, or too short`);
  return bytes;
}

function textIn(value, key) {
  if (typeof value[key] !== "string") throw unsaid(`\`${key}\` is no text`);
  return value[key];
}

function listIn(value, key) {
  if (!Array.isArray(value[key])) throw unsaid(`\`${key}\` is no list`);
  return value[key];
}

function wholeIn(value, key, lowest = 0, highest = Number.MAX_SAFE_INTEGER) {
  const number = value[key];
  if (!Number.isSafeInteger(number) || number < lowest || number > highest) {
    throw unsaid(`\`${key}\` is no whole number, or out of range`);
  }
  return number;
}

/** Gives the member that `member` and `member_type` name, so that the text "7" and the number 7 differ. */
function memberIn(value) {
  const text = textIn(value, "member");
  if (value.member_type === undefined) {
    if (text === "") throw unsaid("`member` is empty");
    return `text ${text}`;
  }
  if (value.member_type !== "integer" || !/^(0|-?[1-9][0-9]{0,18})$/u.test(text) || BigInt(text) !== BigInt.asIntN(64, BigInt(text))) {
    throw unsaid("`member` is no integer of 64 bits");
  }
  return `integer ${text}`;
}

// --- Receipts --------------------------------------------------------------------------------------------------------

function eventKey(streamKey, number) {
  return hmac(streamKey, numbered(number, 8));
}

function tagOf(key) {
  return sha256(bytesOf("privity/tag/v1\0"), key);
}

/** Reads a receipt's form; whether its events are what they say is asked by `openReceipt`. */
export function parseReceipt(value) {
  const keys = keysOf(value, ["events", "key", "member", "origin", "schema"], ["member_type"]);
  if (keys.schema !== "privity/receipt/v1") throw unsaid("it is no receipt");
  if (textIn(keys, "origin") === "") throw unsaid("`origin` is empty");
  let last = -1;
  const events = listIn(keys, "events").map((one) => {
    const event = keysOf(one, ["entry", "index"], ["payload"]);
    const found = MEMBER_EVENT.exec(textIn(event, "entry"));
    if (!found || Number(found[3]) > LAST_INSTANT) throw new NotShown("an event is no entry of a private stream", "entry/envelope");
    const index = wholeIn(event, "index", last + 1);
    last = index;
    const payload = event.payload === undefined ? null : textIn(event, "payload");
    const [commitment, tag] = [fromBase64(found[1]), fromBase64(found[2])];
    return { index, entry: event.entry, payload, commitment, tag, time: Number(found[3]) };
  });
  if (!events.length) throw unsaid("there is no event");
  return { origin: keys.origin, member: memberIn(keys), name: keys.member, key: bytesIn(keys, "key"), events };
}

/** Whose event it is by its own words, or null where it names nobody. */
function whose(schema, content) {
  const named = schema === "privity/attested/v1" ? objectOf(content.says) : content;
  return (named.member ?? null) === null ? null : memberIn(named);
}

async function openEvent(receipt, event, number) {
  const wrong = (why) => new NotShown(`event ${number} of the receipt ${why}`, "entry/receipt");
  const key = await eventKey(receipt.key, number);
  const isNext = same(event.tag, await tagOf(key));
  if (event.payload === null) {
    if (!isNext) throw wrong("is not the next of its stream");
    return { number, schema: null, says: null };
  }
  if (!isNext) throw new NotShown(`event ${number} is not the next of its stream`, "entry/tag");
  const bound = await sha256(bytesOf("privity/commit/v1\0"), key, bytesOf(event.payload));
  if (!same(bound, event.commitment)) {
    throw new NotShown(`the payload of event ${number} is not what the entry commits to`, "entry/commitment");
  }
  const { i, p, schema } = keysOf(fromCanonical(event.payload, LONGEST_ENTRY), ["i", "p", "schema"]);
  objectOf(p);
  if (i !== number) throw wrong("says that it has another number");
  if (number === 1 && schema !== "privity/enrol/v1") throw wrong("is no enrolment");
  if (![null, receipt.member].includes(whose(schema, p))) throw wrong("is about another member");
  return { number, schema, says: p };
}

/** Opens every event of a receipt: each is the next of her stream, and its payload the one that was bound. */
export function openReceipt(receipt) {
  return Promise.all(receipt.events.map((event, at) => openEvent(receipt, event, at + 1)));
}

// --- The tree of tags, and what releases have ------------------------------------------------------------------------

/** Reads a proof that a tag is in a tree, or that it is not. */
export function parsePrefixProof(data) {
  const wrong = () => new NotShown("this is no proof of a tag", "ledger/prefix-proof");
  if (data.length < 3 || data[0] > 2 || (data.length - 3) % HASH_SIZE) throw wrong();
  const count = data[1] * 256 + data[2];
  const leaf = data[0] === 2 ? 2 : 0;
  const rest = [];
  for (let at = 3; at < data.length; at += HASH_SIZE) rest.push(data.subarray(at, at + HASH_SIZE));
  if (rest.length !== count + leaf || count > DEEPEST_TREE) throw wrong();
  const beside = rest.slice(leaf);
  // Else the leaf would be alone one bit above, or the place would not be there.
  if (beside.length && same(beside[0], NOTHING)) throw wrong();
  return { isIn: data[0] === 0, other: leaf ? { tag: rest[0], value: rest[1] } : null, beside };
}

async function climbed(start, tag, beside) {
  let found = start;
  for (const [at, hash] of beside.entries()) {
    const right = bit(tag, beside.length - 1 - at);
    found = await (right ? sha256(TAG_NODE, hash, found) : sha256(TAG_NODE, found, hash));
  }
  return found;
}

/** Verifies that a tag is in the tree of a root, with this value. */
export async function verifyIn(tag, value, proof, root) {
  const wrong = (why) => new NotShown(`the tag is not shown to be in the tree: ${why}`, "ledger/prefix");
  if (!proof.isIn) throw wrong("its proof says that it is not");
  if (!same(await climbed(await sha256(TAG_LEAF, tag, value), tag, proof.beside), root)) throw wrong("another root");
}

/** Verifies that a tag is not in the tree of a root. */
export async function verifyNotIn(tag, proof, root) {
  const wrong = (why) => new NotShown(`the tag is not shown to be missing from the tree: ${why}`, "ledger/prefix");
  if (proof.isIn) throw wrong("its proof says that it is in");
  let end = NOTHING;
  if (proof.other) {
    // The other leaf stands where this one would: down to there their bits are the same, and then they are not.
    if (same(tag, proof.other.tag)) throw wrong("the leaf in its place is its own");
    for (let place = 0; place < proof.beside.length; place += 1) {
      if (bit(tag, place) !== bit(proof.other.tag, place)) throw wrong("the leaf in its place stands elsewhere");
    }
    end = await sha256(TAG_LEAF, proof.other.tag, proof.other.value);
  }
  if (!same(await climbed(end, tag, proof.beside), root)) throw wrong("another root");
}

function inOrder(one, other) {
  for (let at = 0; at < one.length && at < other.length; at += 1) {
    if (one[at] !== other[at]) return one[at] < other[at];
  }
  return one.length < other.length;
}

function parseClaim(value) {
  const keys = keysOf(value, ["by", "proof", "tag"], ["key", "records", "salt"]);
  if (!["stream", "release"].includes(keys.by)) throw unsaid("`by` is neither `stream` nor `release`");
  if ((keys.records === undefined) !== (keys.salt === undefined)) throw unsaid("a salt with records, or neither");
  if ((keys.key === undefined) === (keys.by === "release")) throw unsaid("a key for `release`, and none for `stream`");
  const proof = parsePrefixProof(bytesIn(keys, "proof", null));
  let opened = null;
  if (keys.records !== undefined) {
    const records = listIn(keys, "records");
    const texts = records.map((_, at) => bytesOf(textIn(records, at)));
    if (!texts.length || texts.some((text, at) => at > 0 && !inOrder(texts[at - 1], text))) {
      throw unsaid("`records` are not ids, each once and in the order of their bytes");
    }
    opened = { salt: bytesIn(keys, "salt"), records, texts };
  }
  if ((opened === null) === proof.isIn) throw unsaid("the records of a tag that is in, and of no other, are expected");
  const key = keys.key === undefined ? null : bytesIn(keys, "key");
  return { by: keys.by, tag: bytesIn(keys, "tag"), key, proof, opened };
}

/** Reads a member's proof; what it shows is asked by `openMemberProof`. */
export function parseMemberProof(value) {
  const keys = keysOf(value, ["member", "origin", "releases", "schema"], ["member_type"]);
  if (keys.schema !== "privity/member-proof/v1") throw unsaid("it is no proof for a member");
  const releases = listIn(keys, "releases").map((one) => {
    const release = keysOf(one, ["claims", "entry", "log"]);
    const log = parseProof(bytesOf(textIn(release, "log")));
    return { entry: textIn(release, "entry"), log, claims: listIn(release, "claims").map(parseClaim) };
  });
  return { origin: textIn(keys, "origin"), member: memberIn(keys), name: keys.member, releases };
}

async function publicTag(origin, stream, number) {
  const key = await sha256(bytesOf("privity/stream/v1\0"), bytesOf(origin), LEAF, bytesOf(stream));
  return tagOf(await eventKey(key, number));
}

/** Reads an entry of a public stream of the log of a name. */
export async function openPublic(text, origin) {
  const entry = keysOf(fromCanonical(text, LONGEST_ENTRY), ["i", "m", "p", "s", "t", "v"]);
  if (entry.v !== 1) throw new NotShown("an entry has another version than 1", "entry/version");
  const [number, time] = [wholeIn(entry, "i", 1), wholeIn(entry, "t", 0, LAST_INSTANT)];
  if (!same(bytesIn(entry, "m"), await publicTag(origin, textIn(entry, "s"), number))) {
    throw new NotShown("an entry is not of the log and the stream that it names", "entry/tag");
  }
  objectOf(entry.p);
  return { stream: entry.s, number, time, says: entry.p };
}

async function leafValue(opened) {
  const packed = joined(...opened.texts.flatMap((text) => [numbered(text.length, 4), text]));
  return sha256(bytesOf("privity/release-leaf/v1\0"), opened.salt, numbered(opened.texts.length, 8), await sha256(packed));
}

async function recordsOf(claim, root) {
  if (claim.opened === null) {
    await verifyNotIn(claim.tag, claim.proof, root);
    return [];
  }
  await verifyIn(claim.tag, await leafValue(claim.opened), claim.proof, root);
  return claim.opened.records;
}

async function openRelease(one, origin, believed, key) {
  const wrong = (why) => new NotShown(`the proof does not hold: ${why}`, "release/member-proof");
  const checkpoint = await openProof(one.log, bytesOf(one.entry), believed);
  if (one.entry.startsWith('{"c":')) throw wrong("an entry is none of its log’s releases");
  const { stream, time, says } = await openPublic(one.entry, origin);
  if (checkpoint.origin !== origin || stream !== "release" || !["created", "revised"].includes(says.action)) {
    throw wrong("an entry does not say what is in a release");
  }
  const release = textIn(says, "release");
  if (!SHORT_NAME.test(release)) throw unsaid("`release` is no name of one");
  const root = bytesIn(objectOf(says.content), "members_root");
  const asked = one.claims.map((claim) => claim.by).sort().join();
  // Without both, the records could stand under the other one.
  if (!["release", "release,stream"].includes(asked) || (key !== null && asked === "release")) {
    throw wrong(`of release \`${release}\` it does not ask for every tag of hers`);
  }
  const records = new Set();
  for (const claim of one.claims) {
    const by = claim.by === "stream" ? key : claim.key;
    if (by !== null && !same(claim.tag, await hmac(by, bytesOf(`privity/release/v1\0${release}`)))) {
      throw wrong(`a tag in release \`${release}\` is not the member’s`);
    }
    for (const record of await recordsOf(claim, root)) records.add(record);
  }
  const revision = says.action === "created" ? 1 : wholeIn(says, "revision", 2);
  const recipient = says.action === "created" ? textIn(says, "recipient") : null;
  return { release, revision, recipient, index: one.log.index, time, size: checkpoint.size, records: [...records] };
}

/** Verifies a member's proof, and gives what it shows of each release; `key` is that of her stream, or null. */
export async function openMemberProof(proof, believed, key = null) {
  const shown = await Promise.all(proof.releases.map((one) => openRelease(one, proof.origin, believed, key)));
  if (new Set(shown.map((one) => one.release)).size !== shown.length) {
    throw new NotShown("the proof does not hold: a release stands twice in it", "release/member-proof");
  }
  return shown;
}

// --- The whole of what a member holds --------------------------------------------------------------------------------

/** Verifies her receipt, and each proof that an event of it is in the log. */
export async function checkReceipt(receipt, proofs, believed) {
  if (proofs.length > receipt.events.length) throw unsaid("there are more proofs than events");
  const [opened, checkpoints] = await Promise.all([
    openReceipt(receipt),
    Promise.all(proofs.map((proof, at) => openProof(proof, bytesOf(receipt.events[at].entry), believed))),
  ]);
  for (const [at, checkpoint] of checkpoints.entries()) {
    if (checkpoint.origin !== receipt.origin || proofs[at].index !== BigInt(receipt.events[at].index)) {
      throw new NotShown(`the proof of event ${at + 1} is of another entry`, "entry/receipt");
    }
  }
  return receipt.events.map((event, at) => ({ ...opened[at], index: event.index, time: event.time, inLog: at < proofs.length }));
}

/**
 * Verifies a file of a member's: what she holds (`privity/check/v1`), her receipt, or her proof of releases.
 *
 * @param {string} text The file.
 * @param {string} vkeys The keys of the log that are believed, one a line.
 * @returns What it shows: the log, the member, her events, the releases, and the largest log that was signed.
 */
export async function check(text, vkeys) {
  const believed = await believe(vkeys);
  const value = fromCanonical(text, LONGEST_CHECK);
  const asked = { receipt: null, proofs: [], releases: null };
  if (value?.schema === "privity/receipt/v1") asked.receipt = parseReceipt(value);
  else if (value?.schema === "privity/member-proof/v1") asked.releases = parseMemberProof(value);
  else {
    const keys = keysOf(value, ["proofs", "receipt", "releases", "schema"]);
    if (keys.schema !== "privity/check/v1") throw unsaid("it is no file that Privity makes for members");
    asked.receipt = parseReceipt(keys.receipt);
    asked.proofs = listIn(keys, "proofs").map((_, at) => parseProof(bytesOf(textIn(keys.proofs, at))));
    asked.releases = parseMemberProof(keys.releases);
  }
  const { receipt, proofs, releases } = asked;
  if (receipt && releases && (receipt.member !== releases.member || receipt.origin !== releases.origin)) {
    throw new NotShown("the receipt is another member’s, or of another log, than the proof", "release/member-proof");
  }
  const events = receipt ? await checkReceipt(receipt, proofs, believed) : null;
  const shown = releases ? await openMemberProof(releases, believed, receipt?.key ?? null) : null;
  const { origin, name } = receipt ?? releases;
  const checkpoints = await Promise.all(believed.opened.values());
  return { origin, member: name, events, releases: shown, compared: Boolean(receipt), checkpoints, keys: believed.vkeys };
}
