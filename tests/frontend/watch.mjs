/**
 * Calls in writing, prints {room} once the agent listens, and at the end what a person in front of the page saw change from
 * then on: a JSON list of {at, agent, phase, notice, last}. `at` is in seconds since 1970.
 *
 * node tests/frontend/watch.mjs --url URL --until WORDS --seconds 60
 */

import { launch, readOptions, sleep } from "./browser.mjs";

const STEP_MS = 50;
const { url, until, seconds } = readOptions(process.argv.slice(2), { url: "", until: "", seconds: 60 });
const browser = await launch();
try {
  const page = await browser.newPage();
  await page.goto(url);
  const given = page.waitForResponse((response) => response.url().endsWith("/token"));
  await page.click("#type");
  const { participant_token: token } = await (await given).json();
  await page.waitForSelector("body[data-agent=listening]", { timeout: 90_000 });
  console.log(JSON.stringify({ room: JSON.parse(Buffer.from(token.split(".")[1], "base64url")).video.room }));
  console.log(JSON.stringify(await changes(page)));
} finally {
  await browser.close();
}

async function changes(page) {
  const seen = [];
  const over = Date.now() + seconds * 1000;
  let before = "";
  while (Date.now() < over) {
    const now = await page.evaluate(look);
    const text = JSON.stringify(now);
    if (text !== before) seen.push({ at: Date.now() / 1000, ...now });
    before = text;
    if (now.last.includes(until) || now.phase === "ended") break;
    await sleep(STEP_MS);
  }
  return seen;
}

function look() {
  const { agent = "", phase = "" } = document.body.dataset;
  const notice = document.getElementById("notice");
  const words = document.getElementById("turns").innerText.trim();
  return { agent, phase, notice: notice.hidden ? "" : document.getElementById("notice-words").textContent, last: words.slice(-200) };
}
