// Gives what the page's waterfall makes of a turn; test_waterfall.py says what it must make of it.
//
// stdin: JSON [[turn_ended, gap, tools], ...]

import { readFileSync } from "node:fs";
import { waterfall } from "../../frontend/waterfall.js";

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map((given) => waterfall(...given))));
