// Feeds the page's own gap detector with levels in dBFS and prints what it found; test_gap.py says what it must find.
//
// stdin: JSON [[seconds, caller dBFS, agent dBFS] | "typed" | "interrupted" | "speaking" | "silent", ...]; the last two are the agent's state

import { readFileSync } from "node:fs";
import { GapDetector } from "../../frontend/gap-detector.js";

const STEP = 0.01;
const detector = new GapDetector();
const gaps = [];
let time = 0;
for (const part of JSON.parse(readFileSync(0, "utf8"))) {
  if (part === "typed") {
    detector.typed(time);
    continue;
  }
  if (part === "interrupted") {
    detector.interrupted();
    continue;
  }
  if (typeof part === "string") {
    detector.speaking(part === "speaking" ? time : null);
    continue;
  }
  const [seconds, caller, agent] = part;
  for (let n = 0; n < Math.round(seconds / STEP); n++, time += STEP) {
    // Levels are never flat: two decibels up and down.
    const gap = detector.push(caller + 2 * Math.sin(time * 97), agent + 2 * Math.sin(time * 89), time, STEP);
    if (gap) gaps.push(gap);
  }
}
console.log(JSON.stringify(gaps));
