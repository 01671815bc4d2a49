/**
 * Opens a link as a person who was sent it, takes the call, talks until the caller hangs up or the seconds are over, and
 * hangs up then. Prints {briefing, title, phases}; with `shots` it leaves pictures there, of each phase, wide and small.
 *
 * node tests/frontend/colleague.mjs --url LINK --wav FILE --seconds 5 --shots FOLDER
 */

import { errorsOf, launch, readOptions, sleep } from "./browser.mjs";

const { url, wav, seconds, shots } = readOptions(process.argv.slice(2), { url: "", wav: "", seconds: 5, shots: "" });
const browser = await launch({ wav });
try {
  const page = await browser.newPage();
  const errors = errorsOf(page);
  const phases = [];
  const at = async (name) => {
    await page.waitForSelector(`body[data-phase=${name}]`, { timeout: 60_000 });
    phases.push(name);
    if (shots) await picture(page, `${shots}/${name}`);
  };
  await page.goto(url);
  await at("invited");
  await page.click("#open");
  await page.waitForSelector("body[data-phase=briefed] #briefing:not([hidden])", { timeout: 60_000 });
  await at("briefed");
  const briefing = await page.textContent("#briefing");
  const title = await page.textContent("#title");
  await page.click("#take");
  await at("talking");
  const over = page.waitForSelector("body[data-phase=ended]", { timeout: 60_000 });
  await Promise.race([over, sleep(seconds * 1000)]);
  if (await page.isVisible("#leave")) await page.click("#leave");
  await over;
  await at("ended");
  console.log(JSON.stringify({ briefing, title, phases, errors }));
} finally {
  await browser.close();
}

async function picture(page, name) {
  for (const [size, width, height] of [["wide", 1280, 800], ["small", 360, 640]]) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: `${name}-${size}.png` });
  }
}
