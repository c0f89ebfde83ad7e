// SPDX-License-Identifier: Apache-2.0
/** The verifier of the pages takes and refuses what the shared cases say, as the Python does. */

import test from "node:test";

import * as verify from "../../src/privity/web/static/privity/verify.js";
import { CASES } from "./cases.mjs";

for (const { name, run } of CASES) test(name, () => run(verify));
