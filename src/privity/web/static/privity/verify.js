// SPDX-License-Identifier: Apache-2.0
/**
 * Verifies what a member holds of a log: signed checkpoints, proofs that an entry is in the log, her receipt, and what
 * releases have of hers (specs/ledger.md, parts 4 to 6; specs/entry.md; specs/release.md, part 2).
 *
 * It asks nobody and believes nothing but the keys that it is given. SHA-256 and Ed25519 are the browser's own. What does
 * not hold throws `NotShown`, with the code that the command gives (docs/errors.md). A check is one `if` that throws:
 * tests/web takes away each of them, and each part of it, and a case must notice (tests/web/mutants.mjs).
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
const TILE_WIDTH = 256;
const LARGEST = (1n << 63n) - 1n;
const FIRST_INSTANT = -62135596800;
const LAST_INSTANT = 253402300799;
const LONGEST_NAME = 200;
const LONGEST_TEXT = 1000;
const LONGEST_WORD = 40;
const LONGEST_STREAM = 40;
const ED25519 = 1;
const PROOF_LINE = "c2sp.org/tlog-proof@v1";
const NO_KEY_NAME = /[+\x00-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/u;
const MEMBER_EVENT =
  /^\{"c":"([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)","m":"([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)","s":"m","t":(0|[1-9][0-9]{0,11}),"v":1\}$/u;
const SHORT_NAME = /^[a-z0-9][a-z0-9-]{0,39}$/u;
const SHOWS = /^(?:[^\p{C}\p{Z}]| )+$/u;
const WORD = /^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/u;
const STREAM = /^[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*$/u;
const IN_HEX = /^[0-9a-f]{64}$/u;
const URL_FORM = /^https?:\/\/[^ \t\n\v\f\r]+$/u;
const PUBLIC_FACTS = ["order", "order-lifted", "recipient", "recipient-ended"];
const ENROLMENT = "privity/enrol/v1";
const FIELD = (1n << 255n) - 19n;
// The heights of the eight points whose eightfold is nothing: under them a signature verifies of whatever was signed.
const ORDER_EIGHT = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
const SMALL_ORDER = [0n, 1n, FIELD - 1n, ORDER_EIGHT, FIELD - ORDER_EIGHT];
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

/** Reads text as the bytes say it, a mark of their order too. */
export function textOf(bytes, code) {
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
  if (typeof text !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/u.test(text)) return null;
  let raw;
  try {
    raw = atob(text);
  } catch {
    return null;
  }
  // Bits to spare and missing padding are in the last group, if anywhere.
  if (btoa(raw.slice(-(raw.length % 3 || 3))) !== text.slice(-4)) return null;
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at += 1) bytes[at] = raw.charCodeAt(at);
  return bytes;
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

/** Gives what signs with a key: it is imported once, for however many messages. */
function hmacOf(key) {
  const made = subtle().importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return async (message) => new Uint8Array(await subtle().sign("HMAC", await made, message));
}

/** Waits for all, and then throws what the first of them in their order has thrown, whichever was sooner. */
async function all(promises) {
  const ended = await Promise.allSettled(promises);
  for (const one of ended) if (one.status === "rejected") throw one.reason;
  return ended.map((one) => one.value);
}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
const TAG_LEAF = Uint8Array.of(2);
const TAG_NODE = Uint8Array.of(3);

// --- Keys, notes and checkpoints -------------------------------------------------------------------------------------

function isKeyName(name) {
  return name !== "" && !NO_KEY_NAME.test(name);
}

async function keyId(name, key) {
  return (await sha256(bytesOf(`${name}\n`), Uint8Array.of(ED25519), key)).subarray(0, 4);
}

/** Reads a log's key, written as `name+0123abcd+base64`. */
export async function parseVkey(text) {
  const wrong = (why) => new NotShown(`this is no key of a log: ${why}`, "ledger/vkey");
  const [, name, id, encoded] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/su.exec(text) ?? [];
  const data = fromBase64(encoded);
  if (data === null || !isKeyName(name)) throw wrong("a name, an id and a key are expected, with `+` between");
  if (data[0] !== ED25519 || data.length !== 1 + HASH_SIZE) throw wrong("it is not an Ed25519 key");
  const key = data.subarray(1);
  if (toHex(await keyId(name, key)) !== id) throw wrong("it has another id than its own");
  return { name, id, key, text };
}

/** Reads the keys to believe, one a line. What they signed is verified once and kept beside them. */
export async function believe(text) {
  const lines = text.split(/\r?\n/u).map((line) => line.trim()).filter((line) => line !== "");
  if (!lines.length) throw new NotShown("there is no key of a log to believe", "ledger/vkey");
  return { vkeys: await all(lines.map(parseVkey)), opened: new Map(), nodes: new Map() };
}

/** Reads a signed note, of which nothing is verified yet. */
export function parseNote(whole) {
  const wrong = (why) => new NotShown(`this is no signed note: ${why}`, "ledger/note");
  if (bytesOf(whole).length > LONGEST_NOTE) throw wrong("it is too long");
  const gap = whole.lastIndexOf("\n\n");
  if (gap === -1 || !whole.endsWith("\n")) throw wrong("an empty line and signatures do not follow its text");
  const [text, rest] = [whole.slice(0, gap + 1), whole.slice(gap + 2)];
  if (/[\x00-\x09\x0b-\x1f]/u.test(text)) throw wrong("its text has a control character");
  const signatures = rest.slice(0, -1).split("\n").map((line) => {
    const [, name, written] = /^\u2014 ([^ ]*) (.*)$/u.exec(line) ?? [];
    const encoded = fromBase64(written);
    if (encoded === null || !isKeyName(name) || encoded.length < 5) throw wrong("a line after its text is no signature");
    return { name, id: toHex(encoded.subarray(0, 4)), data: encoded.subarray(4) };
  });
  if (signatures.length > MOST_SIGNATURES) throw wrong("it has too many signatures");
  return { text, signatures, whole };
}

/** Reads what a checkpoint says; who signed it is not asked. */
export function parseCheckpoint(text) {
  const wrong = (why) => new NotShown(`this is no checkpoint: ${why}`, "ledger/checkpoint");
  const lines = text.split("\n");
  if (lines.pop() !== "") throw wrong("its last line is not whole");
  const [origin, sizeText, rootText, ...extensions] = lines;
  const [size, root] = [fromDecimal(sizeText), fromBase64(rootText)];
  if (size === null || root === null || root.length !== HASH_SIZE) throw wrong("it has no size and root");
  if ([origin, ...extensions].some((line) => line === "" || /[\x00-\x1f]/u.test(line))) {
    throw wrong("a line is empty or has a control character");
  }
  if (size === 0n && rootText !== EMPTY_ROOT) throw wrong("a log without entries has another root");
  return { origin, size, root };
}

async function isSigned(key, signature, message) {
  const found = subtle();
  try {
    const made = await found.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return await found.verify({ name: "Ed25519" }, made, signature, message);
  } catch (error) {
    if (error?.name === "NotSupportedError") {
      throw new NotShown("this browser cannot verify Ed25519 signatures: take a newer one", "check/browser");
    }
    // A key that is none of the curve's has signed nothing.
    return false;
  }
}

async function verifyNote(note, vkeys) {
  const signed = new Set();
  for (const signature of note.signatures) {
    const vkey = vkeys.find((one) => one.name === signature.name && one.id === signature.id);
    if (vkey) {
      if (!(await isSigned(vkey.key, signature.data, bytesOf(note.text)))) {
        throw new NotShown(`the signature of \`${vkey.name}\` is not of this text`, "ledger/signature");
      }
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
  return { ...checkpoint, signed: [...signed].map((vkey) => vkey.text) };
}

/** Verifies a signed checkpoint and gives what it says: the log's name, its size and its root; and whose keys signed it. */
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
export function parseProof(text) {
  const wrong = (why) => new NotShown(`this is no proof: ${why}`, "ledger/proof-file");
  const gap = text.indexOf("\n\n");
  if (gap === -1) throw wrong("no empty line and checkpoint follow its first lines");
  const lines = text.slice(0, gap).split("\n");
  if (lines.shift() !== PROOF_LINE) throw wrong(`its first line is not \`${PROOF_LINE}\``);
  if (lines[0]?.startsWith("extra ")) {
    const extra = fromBase64(lines.shift().slice(6));
    if (!extra?.length || extra.length > LONGEST_EXTRA) throw wrong("its extra data is none in base64");
  }
  const index = lines[0]?.startsWith("index ") ? fromDecimal(lines.shift().slice(6)) : null;
  if (index === null) throw wrong("it has no line with an index");
  const hashes = lines.map(fromBase64);
  if (hashes.length > MOST_HASHES || hashes.some((hash) => hash?.length !== HASH_SIZE)) {
    throw wrong(`it is not made of at most ${MOST_HASHES} hashes`);
  }
  const checkpoint = parseNote(text.slice(gap + 2));
  parseCheckpoint(checkpoint.text);
  return { index, hashes, checkpoint };
}

export function leafHash(entry) {
  return sha256(LEAF, entry);
}

/** Verifies that the leaf with this hash is the entry at `index` of a tree (RFC 6962, 2.1.1). */
export async function verifyInclusion(leaf, { index, size, hashes, root }, nodes = new Map()) {
  const wrong = (why) => new NotShown(`the entry is not shown to be in the log: ${why}`, "ledger/inclusion");
  if (index >= size) throw wrong(`it is none of a log of ${size} entries`);
  // Up to where the way meets the right edge it may come from either side; after that, from the right.
  const differing = index ^ (size - 1n);
  const inner = differing === 0n ? 0 : differing.toString(2).length;
  const border = (index >> BigInt(inner)).toString(2).replaceAll("0", "").length;
  if (hashes.length !== inner + border) throw wrong(`its proof is not made of ${inner + border} hashes`);
  let found = leaf;
  for (const [height, beside] of hashes.entries()) {
    const fromRight = height >= inner || (index >> BigInt(height)) & 1n;
    found = await (fromRight ? nodeHash(nodes, beside, found) : nodeHash(nodes, found, beside));
  }
  if (!same(found, root)) throw wrong("its proof leads to another root");
}

/** Hashes a node once, however many proofs lead through it. */
function nodeHash(nodes, left, right) {
  const key = String.fromCharCode(...left, ...right);
  let found = nodes.get(key);
  if (!found) {
    found = sha256(NODE, left, right);
    nodes.set(key, found);
  }
  return found;
}

/** Verifies that an entry is in a log as a proof says, and gives the checkpoint that says so. */
export async function openProof(proof, entry, believed) {
  const checkpoint = await openCheckpoint(proof.checkpoint, believed);
  const { size, root } = checkpoint;
  const leaf = await leafHash(bytesOf(entry));
  await verifyInclusion(leaf, { index: proof.index, hashes: proof.hashes, size, root }, believed.nodes);
  return checkpoint;
}

// --- A log that has grown --------------------------------------------------------------------------------------------

/** Gives where a tile lies in a log's public tree. */
export function tilePath(level, index, width) {
  const parts = [];
  for (let rest = index; rest > 0 || parts.length === 0; rest = Math.floor(rest / 1000)) {
    parts.unshift(`${parts.length ? "x" : ""}${String(rest % 1000).padStart(3, "0")}`);
  }
  return `tile/${level}/${parts.join("/")}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}

/** Reads the hashes of a tile of a log of a size; what is not full may be gone where the full one is there. */
async function readTile(read, size, level, index) {
  const width = Math.min(TILE_WIDTH, Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH);
  const data = (await read(tilePath(level, index, width))) ?? (await read(tilePath(level, index, TILE_WIDTH)));
  if (!data || data.length < width * HASH_SIZE) throw new NotShown("a tile of the log is not there", "ledger/tile");
  return Array.from({ length: width }, (_, at) => data.subarray(at * HASH_SIZE, (at + 1) * HASH_SIZE));
}

/** Gives the root over as many hashes as a full tree has. */
async function fullRoot(hashes) {
  if (hashes.length === 1) return hashes[0];
  const half = hashes.length / 2;
  return sha256(NODE, await fullRoot(hashes.slice(0, half)), await fullRoot(hashes.slice(half)));
}

/** Gives the root over the entries from `begin` to `end`; of full trees on either side of `border` as the tiles have it. */
async function partRoot(begin, end, border, nodeAt) {
  let left = 1;
  while (2 * left < end - begin) left *= 2;
  const isFull = end - begin === 1 || end - begin === 2 * left;
  const isAcross = begin < border && border < end;
  if (isFull && !isAcross) return nodeAt(begin, end - begin);
  return sha256(NODE, await partRoot(begin, begin + left, border, nodeAt), await partRoot(begin + left, end, border, nodeAt));
}

/**
 * Verifies that a log begins with an older one (RFC 6962, 2.1.2), by the hashes of its public tree, which are believed only as
 * far as both signed roots follow from them.
 *
 * @param older What was signed of the log before: its size and root.
 * @param newer What was signed of it since.
 * @param read Gives the bytes at a path of the public tree, or null.
 */
export async function verifyGrown(older, newer, read) {
  const [border, size] = [Number(older.size), Number(newer.size)];
  const [tiles, nodes] = [new Map(), new Map()];
  const once = (known, key, make) => {
    if (!known.has(key)) known.set(key, make());
    return known.get(key);
  };
  const nodeAt = (begin, length) => once(nodes, `${begin} ${length}`, async () => {
    let level = 0;
    while (TILE_WIDTH ** (level + 1) <= length) level += 1;
    const [first, count] = [begin / TILE_WIDTH ** level, length / TILE_WIDTH ** level];
    const index = Math.floor(first / TILE_WIDTH);
    const hashes = await once(tiles, `${level} ${index}`, () => readTile(read, size, level, index));
    return fullRoot(hashes.slice(first % TILE_WIDTH, (first % TILE_WIDTH) + count));
  });
  // Both are made of the same nodes up to the border.
  const roots = await all([partRoot(0, border, border, nodeAt), partRoot(0, size, border, nodeAt)]);
  if (!same(roots[0], older.root) || !same(roots[1], newer.root)) {
    throw new NotShown("nothing shows that the log begins with the older one", "ledger/consistency");
  }
}

// --- Canonical JSON --------------------------------------------------------------------------------------------------

function canonical(value, deepest = DEEPEST_JSON) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return value.isWellFormed() ? JSON.stringify(value) : "";
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : "";
  if (deepest === 0) return "";
  if (Array.isArray(value)) return `[${value.map((one) => canonical(one, deepest - 1)).join(",")}]`;
  const keys = Object.keys(value).sort();
  // eslint-disable-next-line no-control-regex
  if (keys.some((key) => !/^[\x00-\x7f]*$/u.test(key))) return "";
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key], deepest - 1)}`).join(",")}}`;
}

function limited(bytes, longest) {
  if (bytes.length > longest) throw new NotShown("it is too long", "entry/too-large");
  return bytes;
}

/** Reads JSON of which there is one spelling only, so that two readers cannot take it differently. */
export function fromCanonical(text) {
  const wrong = () => new NotShown("this is no canonical JSON", "entry/encoding");
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong();
  }
  // What was lost in reading (a key that stood twice, a blank, an order) shows in the text.
  if (canonical(value) !== text) throw wrong();
  return value;
}

/** Reads the JSON of an entry, or of a payload. */
function fromEntry(text) {
  limited(bytesOf(text), LONGEST_ENTRY);
  return fromCanonical(text);
}

function unsaid(why) {
  return new NotShown(why, "entry/payload");
}

function objectOf(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unsaid("a JSON object is expected");
  return value;
}

function keysOf(value, required, optional = []) {
  objectOf(value);
  for (const key of required) {
    if (!Object.hasOwn(value, key)) throw unsaid(`\`${key}\` is missing`);
  }
  for (const key of Object.keys(value)) {
    if (![...required, ...optional].includes(key)) throw unsaid(`\`${key}\` means nothing here`);
  }
  return value;
}

function bytesIn(value, key, size = HASH_SIZE) {
  const bytes = fromBase64(value[key]);
  if (bytes === null) throw unsaid(`\`${key}\` is not in base64`);
  if (size !== null && bytes.length !== size) throw unsaid(`\`${key}\` is not of ${size} bytes`);
  return bytes;
}

function textIn(value, key) {
  if (typeof value[key] !== "string") throw unsaid(`\`${key}\` is no text`);
  return value[key];
}

/** Gives a text of a form; it is one of a few, or a test tells. */
function formIn(value, key, form) {
  const text = textIn(value, key);
  if (!(Array.isArray(form) ? form.includes(text) : form(text))) throw unsaid(`\`${key}\` has not the form that it must have`);
  return text;
}

function shows(text, longest) {
  return SHOWS.test(text) && Array.from(text).length <= longest;
}

const isName = (text) => shows(text, LONGEST_NAME) && text.trim() === text;
const isWord = (text) => WORD.test(text) && text.length <= LONGEST_WORD;
const isShortName = (text) => SHORT_NAME.test(text);
const isSha256 = (text) => IN_HEX.test(text);
const isUrl = (text) => URL_FORM.test(text) && Array.from(text).length <= LONGEST_TEXT;

function listIn(value, key) {
  if (!Array.isArray(value[key])) throw unsaid(`\`${key}\` is no list`);
  return value[key];
}

function textsIn(value, key) {
  const texts = listIn(value, key);
  return texts.map((_, at) => textIn(texts, at));
}

function wholeIn(value, key, lowest = 0, highest = Number.MAX_SAFE_INTEGER) {
  const number = value[key];
  if (!Number.isSafeInteger(number)) throw unsaid(`\`${key}\` is no whole number`);
  if (number < lowest || number > highest) throw unsaid(`\`${key}\` is out of range`);
  return number;
}

function instantIn(value, key) {
  return wholeIn(value, key, FIRST_INSTANT, LAST_INSTANT);
}

/** Gives an Ed25519 public key: spelled canonically, of a point that somebody can own. */
function publicKeyIn(value, key) {
  const bytes = bytesIn(value, key);
  const height = BigInt(`0x${toHex(bytes.toReversed())}`) & ((1n << 255n) - 1n);
  if (height >= FIELD || SMALL_ORDER.includes(height)) throw unsaid(`\`${key}\` is no key that somebody can own`);
  return bytes;
}

/** Gives the member that `member` and `member_type` name, so that the text "7" and the number 7 differ. */
function memberIn(value) {
  const text = textIn(value, "member");
  if (value.member_type === undefined) {
    if (text === "") throw unsaid("`member` is empty");
    return `text ${text}`;
  }
  if (value.member_type !== "integer") throw unsaid("`member_type` is none");
  if (!/^(?:0|-?[1-9][0-9]{0,18})$/u.test(text)) throw unsaid("`member` is no integer");
  if (BigInt(text) !== BigInt.asIntN(64, BigInt(text))) throw unsaid("`member` is no integer of 64 bits");
  return `integer ${text}`;
}

// --- What the entries of a private stream say ------------------------------------------------------------------------

function readEnrolment(content) {
  return { member: memberIn(keysOf(content, ["member"], ["member_type"])), fact: null };
}

function readErased(content) {
  keysOf(content, []);
  return { member: null, fact: null };
}

function readFact(content) {
  const keys = keysOf(content, ["at", "detail", "fact", "member", "value"], ["member_type"]);
  const ofNobody = keys.member === null && keys.member_type === undefined;
  const fact = formIn(keys, "fact", isWord);
  if (PUBLIC_FACTS.includes(fact)) throw unsaid("`fact` is one of a public stream");
  textIn(keys, "value");
  instantIn(keys, "at");
  for (const [key, item] of Object.entries(objectOf(keys.detail))) {
    if (!isWord(key)) throw unsaid("a key of `detail` is no word");
    if (typeof item !== "string") textsIn(keys.detail, key);
  }
  return { member: ofNobody ? null : memberIn(keys), fact: keys };
}

async function readAttested(content, origin) {
  const stated = ["attester", "claimed_at", "evidence", "kind", "origin", "says"];
  const { signature, ...statement } = keysOf(content, [...stated, "signature"]);
  if (statement.kind !== "fact") throw unsaid("`kind` is none of a private stream");
  formIn(statement, "origin", isName);
  instantIn(statement, "claimed_at");
  const attester = keysOf(statement.attester, ["key", "name"]);
  formIn(attester, "name", isName);
  const key = publicKeyIn(attester, "key");
  const evidence = keysOf(statement.evidence, ["sha256"], ["url"]);
  formIn(evidence, "sha256", isSha256);
  if (evidence.url !== undefined) formIn(evidence, "url", isUrl);
  const { member, fact } = readFact(statement.says);
  const message = bytesOf(`privity/attested/v1\0${canonical(statement)}`);
  if (!(await isSigned(key, bytesIn({ signature }, "signature", 2 * HASH_SIZE), message))) {
    throw new NotShown("a statement is not signed by whom it names", "entry/signature");
  }
  if (statement.origin !== origin) throw new NotShown("a statement was made for another log", "entry/origin");
  return { member, fact: { ...fact, attester: attester.name } };
}

const READERS = new Map([
  [ENROLMENT, readEnrolment],
  ["privity/fact/v1", readFact],
  ["privity/attested/v1", readAttested],
  ["privity/erased/v1", readErased],
]);

// --- Private streams and receipts ------------------------------------------------------------------------------------

/** Gives the keys of a stream's events, by their numbers. */
export function eventKeys(streamKey) {
  const sign = hmacOf(streamKey);
  return (number) => sign(numbered(number, 8));
}

function tagOf(key) {
  return sha256(bytesOf("privity/tag/v1\0"), key);
}

/** Reads an entry of a private stream, which says when, and nothing else to who has no key. */
export function parseEvent(text) {
  const wrong = (why) => new NotShown(`this is no entry of a private stream: ${why}`, "entry/envelope");
  const found = MEMBER_EVENT.exec(text);
  if (!found) throw wrong("another spelling");
  const [commitment, tag] = [fromBase64(found[1]), fromBase64(found[2])];
  if (Number(found[3]) > LAST_INSTANT) throw unsaid("`t` is out of range");
  return { commitment, tag, time: Number(found[3]) };
}

/** Opens one event by its own key: its payload is the one that was bound, and may stand where it stands. */
export async function openPayload(event, payload, key, origin) {
  const [tag, bound] = await all([tagOf(key), sha256(bytesOf("privity/commit/v1\0"), key, bytesOf(payload))]);
  if (!same(event.tag, tag)) throw new NotShown("an event is not the next of its stream", "entry/tag");
  if (!same(bound, event.commitment)) throw new NotShown("a payload is not what its entry commits to", "entry/commitment");
  const keys = keysOf(fromEntry(payload), ["i", "p", "schema"]);
  const number = wholeIn(keys, "i", 1);
  const schema = formIn(keys, "schema", (text) => shows(text, LONGEST_TEXT));
  const read = READERS.get(schema);
  const content = objectOf(keys.p);
  const { member, fact } = read ? await read(content, origin) : { member: null, fact: null };
  if (schema === ENROLMENT && number !== 1) throw unsaid("a stream has one beginning");
  if (schema !== ENROLMENT && number === 1 && member !== null) throw unsaid("the first of a member’s stream is its enrolment");
  return { number, schema, member, fact };
}

/** Reads a receipt's form; whether its events are what they say is asked by `openReceipt`. */
export function parseReceipt(value) {
  limited(bytesOf(canonical(value)), LONGEST_RECEIPT);
  const keys = keysOf(value, ["events", "key", "member", "origin", "schema"], ["member_type"]);
  formIn(keys, "schema", ["privity/receipt/v1"]);
  let last = -1;
  const events = listIn(keys, "events").map((one) => {
    const event = keysOf(one, ["entry", "index"], ["payload"]);
    const [entry, index] = [textIn(event, "entry"), wholeIn(event, "index", last + 1)];
    last = index;
    const payload = event.payload === undefined ? null : textIn(event, "payload");
    return { ...parseEvent(entry), index, entry, payload };
  });
  if (!events.length) throw unsaid("there is no event");
  const { member: name, member_type: type } = keys;
  const enrolment = canonical({ i: 1, p: type === undefined ? { member: name } : { member: name, member_type: type }, schema: ENROLMENT });
  return { origin: formIn(keys, "origin", isName), member: memberIn(keys), name, enrolment, key: bytesIn(keys, "key"), events };
}

async function openEvent(receipt, event, number, keyOf) {
  const wrong = (why) => new NotShown(`event ${number} of the receipt ${why}`, "entry/receipt");
  const key = await keyOf(number);
  // What an enrolment said follows from who the member is: lost or not, it says whose stream this is.
  const payload = event.payload ?? (number === 1 ? receipt.enrolment : null);
  if (payload === null) {
    if (!same(event.tag, await tagOf(key))) throw wrong("is not the next of its stream");
    return { number, schema: null, member: null, fact: null };
  }
  const opened = await openPayload(event, payload, key, receipt.origin);
  if (opened.number !== number) throw wrong("says that it has another number");
  if (number === 1 && opened.schema !== ENROLMENT) throw wrong("is no enrolment");
  if (opened.member !== null && opened.member !== receipt.member) throw wrong("is about another member");
  return opened;
}

/** Opens every event of a receipt: each is the next of her stream, and its payload the one that was bound. */
export function openReceipt(receipt) {
  const keyOf = eventKeys(receipt.key);
  return all(receipt.events.map((event, at) => openEvent(receipt, event, at + 1, keyOf)));
}

// --- The tree of tags, and what releases have ------------------------------------------------------------------------

/** Reads a proof that a tag is in a tree, or that it is not. */
export function parsePrefixProof(data) {
  const wrong = () => new NotShown("this is no proof of a tag", "ledger/prefix-proof");
  if (data[0] > 2) throw wrong();
  const count = data[1] * 256 + data[2];
  const leaf = data[0] === 2 ? 2 : 0;
  if (count > DEEPEST_TREE || data.length !== 3 + (count + leaf) * HASH_SIZE) throw wrong();
  const rest = [];
  for (let at = 3; at < data.length; at += HASH_SIZE) rest.push(data.subarray(at, at + HASH_SIZE));
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

/** Compares bytes: below nothing where the first come first, 0 where they are the same. */
function compared(one, other) {
  const at = one.findIndex((byte, place) => byte !== other[place]);
  return at < 0 || at >= other.length ? one.length - other.length : one[at] - other[at];
}

function parseClaim(value) {
  const keys = keysOf(value, ["by", "proof", "tag"], ["key", "records", "salt"]);
  formIn(keys, "by", ["stream", "release"]);
  if ((keys.records === undefined) !== (keys.salt === undefined)) throw unsaid("a salt with records, or neither");
  if ((keys.key === undefined) === (keys.by === "release")) throw unsaid("a key for `release`, and none for `stream`");
  const proof = parsePrefixProof(bytesIn(keys, "proof", null));
  let opened = null;
  if (keys.records !== undefined) {
    const records = textsIn(keys, "records");
    const texts = records.map(bytesOf);
    if (!texts.length) throw unsaid("`records` are none");
    if (texts.slice(1).some((text, at) => compared(texts[at], text) >= 0)) {
      throw unsaid("`records` are not each once and in the order of their bytes");
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
  formIn(keys, "schema", ["privity/member-proof/v1"]);
  const releases = listIn(keys, "releases").map((one) => {
    const release = keysOf(one, ["claims", "entry", "log"]);
    const log = parseProof(textIn(release, "log"));
    return { entry: textIn(release, "entry"), log, claims: listIn(release, "claims").map(parseClaim) };
  });
  return { origin: formIn(keys, "origin", isName), member: memberIn(keys), name: keys.member, releases };
}

async function publicTag(origin, stream, number) {
  const key = await sha256(bytesOf("privity/stream/v1\0"), bytesOf(origin), LEAF, bytesOf(stream));
  return tagOf(await eventKeys(key)(number));
}

/** Reads an entry of a public stream of the log of a name. What it says is read by who knows its stream. */
export async function openPublic(text, origin) {
  const value = fromEntry(text);
  if (value?.v !== undefined && value.v !== 1) throw new NotShown("an entry has another version than 1", "entry/version");
  const entry = keysOf(value, ["i", "m", "p", "s", "t", "v"]);
  const stream = formIn(entry, "s", (name) => STREAM.test(name) && name.length <= LONGEST_STREAM && name !== "m");
  const [number, time] = [wholeIn(entry, "i", 1), wholeIn(entry, "t", 0, LAST_INSTANT)];
  const says = objectOf(entry.p);
  if (!same(bytesIn(entry, "m"), await publicTag(origin, stream, number))) {
    throw new NotShown("an entry is not of the log and the stream that it names", "entry/tag");
  }
  return { stream, number, time, says };
}

function readContent(value) {
  const keys = keysOf(value, ["columns", "files", "files_root", "manifest", "members", "members_root", "rows", "size"]);
  const [files, members, rows] = ["files", "members", "rows"].map((key) => wholeIn(keys, key));
  wholeIn(keys, "size");
  bytesIn(keys, "files_root");
  formIn(keys, "manifest", isSha256);
  formIn(keys, "columns", isSha256);
  if (rows && !(files && members)) throw unsaid("rows without a file, or without a member");
  return bytesIn(keys, "members_root");
}

function readCreated(says) {
  const required = ["action", "clearing", "content", "key", "ledger_size", "purpose", "recipient", "release"];
  keysOf(says, required, ["expires_at", "policy", "scheduled", "version"]);
  formIn(says, "clearing", isName);
  formIn(says, "purpose", isWord);
  wholeIn(says, "ledger_size", 1);
  publicKeyIn(says, "key");
  if ((says.policy === undefined) !== (says.version === undefined)) throw unsaid("a policy with its version, or neither");
  for (const key of ["policy", "version"]) if (says[key] !== undefined) formIn(says, key, isName);
  if (says.expires_at !== undefined) instantIn(says, "expires_at");
  if (says.scheduled !== undefined) {
    const instants = listIn(says, "scheduled");
    instants.forEach((_, at) => instantIn(instants, at));
    if (!instants.length) throw unsaid("`scheduled` is empty");
    if (instants.slice(1).some((one, at) => one <= instants[at])) throw unsaid("`scheduled` is not each once and in order");
  }
  return { revision: 1, recipient: formIn(says, "recipient", isName), root: readContent(says.content) };
}

function readRevised(says) {
  keysOf(says, ["action", "content", "ledger_size", "release", "revision", "revocation"]);
  wholeIn(says, "ledger_size", 1);
  formIn(says, "revocation", isShortName);
  return { revision: wholeIn(says, "revision", 2), recipient: null, root: readContent(says.content) };
}

function readEnded(says) {
  keysOf(says, ["action", "release", "why"]);
  formIn(says, "why", ["expired", "withdrawn"]);
  return { revision: null, recipient: null, root: null };
}

/** Reads what an entry of the stream `release` says; `root` is null where it does not say what is in one. */
export function readRelease(says) {
  const reader = { created: readCreated, revised: readRevised, ended: readEnded }[formIn(says, "action", ["created", "revised", "ended"])];
  const read = reader(says);
  return { release: formIn(says, "release", isShortName), ...read };
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

async function openRelease(one, origin, believed, sign) {
  const wrong = (why) => new NotShown(`the proof does not hold: ${why}`, "release/member-proof");
  const checkpoint = await openProof(one.log, one.entry, believed);
  const isPrivate = one.entry.startsWith('{"c":');
  const entry = isPrivate ? { stream: "m", ...parseEvent(one.entry) } : await openPublic(one.entry, origin);
  if (checkpoint.origin !== origin || entry.stream !== "release") throw wrong("an entry is none of its log’s releases");
  const { release, revision, recipient, root } = readRelease(entry.says);
  if (root === null) throw wrong("an entry does not say what is in a release");
  const asked = one.claims.map((claim) => claim.by).sort().join();
  // Without both, the records could stand under the other one.
  if (!["release", "release,stream"].includes(asked)) throw wrong(`of release \`${release}\` it does not ask for every tag once`);
  if (sign !== null && asked === "release") throw wrong(`of release \`${release}\` it does not ask for the tag of her stream`);
  const records = new Set();
  for (const claim of one.claims) {
    const by = claim.by === "stream" ? sign : hmacOf(claim.key);
    if (by !== null && !same(claim.tag, await by(bytesOf(`privity/release/v1\0${release}`)))) {
      throw wrong(`a tag in release \`${release}\` is not the member’s`);
    }
    for (const record of await recordsOf(claim, root)) records.add(record);
  }
  const sorted = [...records].sort((first, second) => compared(bytesOf(first), bytesOf(second)));
  return { release, revision, recipient, index: one.log.index, time: entry.time, records: sorted };
}

/** Verifies a member's proof, and gives what it shows of each release; `key` is that of her stream, or null. */
export async function openMemberProof(proof, believed, key = null) {
  const sign = key === null ? null : hmacOf(key);
  const shown = await all(proof.releases.map((one) => openRelease(one, proof.origin, believed, sign)));
  if (new Set(shown.map((one) => one.release)).size !== shown.length) {
    throw new NotShown("the proof does not hold: a release stands twice in it", "release/member-proof");
  }
  return shown;
}

// --- The whole of what a member holds --------------------------------------------------------------------------------

async function checkEvent(receipt, at, proof, believed) {
  const event = receipt.events[at];
  const checkpoint = await openProof(proof, event.entry, believed);
  if (checkpoint.origin !== receipt.origin || proof.index !== BigInt(event.index)) {
    throw new NotShown(`the proof of event ${at + 1} is of another entry`, "entry/receipt");
  }
}

/** Verifies her receipt, and each proof that an event of it is in the log. */
async function checkReceipt(receipt, proofs, believed) {
  if (proofs.length > receipt.events.length) throw unsaid("there are more proofs than events");
  const [opened] = await all([
    openReceipt(receipt),
    all(proofs.map((proof, at) => checkEvent(receipt, at, proof, believed))),
  ]);
  return opened.map((one, at) => ({ ...one, index: receipt.events[at].index, time: receipt.events[at].time, inLog: at < proofs.length }));
}

/** Gives the one checkpoint that all proofs are of, or null: nothing shows of two that they are of one log. */
async function onlyCheckpoint(believed) {
  const opened = await all([...believed.opened.values()]);
  const texts = opened.map((one) => `${one.size} ${toBase64(one.root)} ${one.origin}`);
  if (new Set(texts).size > 1) throw new NotShown("the proof does not hold: its proofs are of several checkpoints", "release/member-proof");
  return opened[0] ?? null;
}

/** Sees that what has no proof is what was not published yet, and that something was. */
function checkWaiting(events, checkpoint) {
  if (checkpoint === null) {
    throw new NotShown("nothing in this file is signed by the log’s key: it does not show that any of this is in the log", "release/unsigned");
  }
  const at = events.findIndex((event) => !event.inLog && BigInt(event.index) < checkpoint.size);
  if (at >= 0) throw new NotShown(`event ${at + 1} is said to be entry ${events[at].index}, and nothing shows that it is`, "entry/receipt");
}

function parseFile(value) {
  const schema = value?.schema;
  if (schema === "privity/receipt/v1") return { receipt: parseReceipt(value), proofs: [], releases: null };
  if (schema === "privity/member-proof/v1") return { receipt: null, proofs: [], releases: parseMemberProof(value) };
  const keys = keysOf(value, ["proofs", "receipt", "releases", "schema"]);
  formIn(keys, "schema", ["privity/check/v1"]);
  const proofs = textsIn(keys, "proofs").map(parseProof);
  return { receipt: parseReceipt(keys.receipt), proofs, releases: parseMemberProof(keys.releases) };
}

/**
 * Verifies a file of a member's: what she holds (`privity/check/v1`), her receipt, or her proof of releases.
 *
 * @param {Uint8Array} bytes The file.
 * @param {string} vkeys The keys of the log that are believed, one a line.
 * @returns What it shows: the log, the member, her events, the releases, and what the log's key signed.
 */
export async function check(bytes, vkeys) {
  const believed = await believe(vkeys);
  const { receipt, proofs, releases } = parseFile(fromCanonical(textOf(limited(bytes, LONGEST_CHECK), "entry/encoding")));
  if (receipt && releases && (receipt.member !== releases.member || receipt.origin !== releases.origin)) {
    throw new NotShown("the receipt is another member’s, or of another log, than the proof", "release/member-proof");
  }
  const [events, shown] = await all([
    receipt && checkReceipt(receipt, proofs, believed),
    releases && openMemberProof(releases, believed, receipt && receipt.key),
  ]);
  const checkpoint = await onlyCheckpoint(believed);
  if (receipt && releases) checkWaiting(events, checkpoint);
  const { origin, name } = receipt ?? releases;
  return { origin, member: name, events, releases: shown, compared: receipt !== null, checkpoint };
}
