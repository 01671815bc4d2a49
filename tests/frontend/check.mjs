// Uses the page as one caller in one situation and says what was seen, as JSON on stdout; test_page.py judges it.
//
//   node check.mjs SITUATION --url URL --out DIR [--width 1100] [--height 760] [--scheme light]

import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { errorsOf, launch, readOptions, sleep } from "./browser.mjs";
import { watch } from "./recorder.mjs";

const PATIENCE_MS = 60_000;
const [situation, ...rest] = process.argv.slice(2);
const options = readOptions(rest, { url: "", out: "check", width: 1100, height: 760, scheme: "light", error: "NotAllowedError", text: "", until: "back" });

const SITUATIONS = {
  /** Talk and write, and nobody comes. */
  async alone(page) {
    await page.click("#talk");
    await page.waitForSelector("body[data-phase=live]");
    await write(page, "is anybody there?");
    const came = await notice(page, "no-agent", 15_000);
    const layout = await look(page, "no-agent");
    await page.click("#notice-actions button");
    await page.waitForSelector("#talk", { state: "visible" });
    await page.waitForSelector(".line.wrong");
    const unsent = [await page.innerText(".line.wrong"), await page.inputValue("#say")];
    return { came, layout, joined_at: (await first(page, "joined")).at, end: await page.innerText(".line.end"), unsent };
  },

  /** Talk while a server is away; then its notice offers to try again. */
  async away(page) {
    const began = await page.evaluate(() => performance.now());
    await page.click("#talk");
    const came = await notice(page, "away");
    return { came, ms: came.at - began, layout: await look(page, "away"), phase: await phase(page), action: await page.innerText("#notice-actions") };
  },

  /** The page's own server goes between loading and calling. */
  async orphaned(page) {
    await page.route("**/token", (route) => route.abort("connectionrefused"));
    return SITUATIONS.away(page);
  },

  /** Another profile is chosen, and the page loaded anew; `asked` is what the token was asked for. */
  async choose(page) {
    await page.selectOption("#profile", "other");
    const [layout, title] = [await look(page, "choose"), await page.title()];
    await page.reload();
    await page.waitForFunction(() => document.title !== "Parley");
    const asking = page.waitForRequest("**/token");
    await page.click("#type");
    return { layout, titles: [title, await page.title()], asked: (await asking).postDataJSON() };
  },

  /** The microphone is refused; the caller goes on in writing. */
  async refused(page) {
    await page.click("#talk");
    const came = await notice(page, "microphone");
    const focused = await page.evaluate(() => document.activeElement.textContent);
    const layout = await look(page, `refused-${options.error}`);
    await page.click("text=Go on in writing");
    await page.waitForSelector("body[data-phase=live]");
    await write(page, "hello in writing");
    const typed = await page.innerText(".turn.typed .words");
    await page.waitForSelector(".turn.agent .words");
    return { came, focused, layout, typed, mute: await page.innerText("#mute-label"), gap: await page.innerText(".turn.agent .gap") };
  },

  /** The microphone ends in mid-call: another source takes its place, then none is left (`--error`), then there is one again. */
  async unplugged(page) {
    await page.click("#talk");
    await page.waitForSelector("body[data-agent=listening]");
    const loudest = [await level(page)];
    const unplugged = await unplug(page);
    loudest.push(await level(page));
    await page.waitForFunction((at) => window.seen.some((e) => e.kind === "gap" && !e.is_overlap && e.at > at), unplugged + 2_000);
    await refuseMicrophone(page, options.error);
    await unplug(page);
    const lost = await notice(page, "microphone");
    const layout = await look(page, "unplugged");
    const muted = await page.getAttribute("#mute", "aria-pressed");
    loudest.push(await level(page, 1_500));
    await page.click("#notice-actions button");
    const again = await notice(page, "microphone");
    await refuseMicrophone(page, "");
    await page.click("#notice-actions button");
    await page.waitForSelector("#notice", { state: "hidden" });
    loudest.push(await level(page));
    return { loudest, lost, layout, muted, again, open: await page.getAttribute("#mute", "aria-pressed") };
  },

  /** Another microphone is chosen in mid-call. */
  async chosen(page) {
    await page.click("#talk");
    await page.waitForSelector("body[data-agent=listening]");
    await page.click("#settings-button");
    const others = await page.$$eval("#microphone option", (options) => options.map((option) => option.value).filter(Boolean));
    await page.selectOption("#microphone", others.at(-1));
    await page.waitForFunction(() => window.sources.length > 1);
    return { loudest: [await level(page)], others: others.length };
  },

  /** Two messages are written before the agent has come; `waited` says that it had not. */
  async early(page) {
    await page.click("#type");
    await page.waitForSelector("body[data-phase=live]");
    await write(page, "are you there?");
    await write(page, "where is my order?");
    const waited = await page.evaluate(() => document.body.dataset.agent);
    await page.waitForSelector(".turn.agent .words");
    return { waited };
  },

  /** Arabic is written, and answered in Arabic and English; `ways` is which way each side's words run. */
  async languages(page) {
    await page.click("#type");
    await page.waitForSelector("body[data-phase=live]");
    await write(page, options.text);
    const answered = (n) => page.waitForFunction((n) => /[.\u2069]$/.test(document.querySelectorAll(".turn.agent .words")[n]?.textContent ?? ""), n);
    await answered(0);
    await write(page, "Where is my order 4571?");
    await answered(1);
    const layout = await look(page, "languages");
    const ways = await page.$$eval(".turn .words", (all) => all.map((words) => [words.textContent, getComputedStyle(words).direction]));
    return { layout, ways, box: await page.evaluate(() => getComputedStyle(document.getElementById("say")).direction) };
  },

  /** Keys of the page's keypad, by mouse and by keyboard, until the agent answers. */
  async keyed(page) {
    await page.click("#type");
    await page.waitForSelector("body[data-agent=listening]");
    await page.click("#keypad");
    for (const key of "457") await page.click(`#keys [data-key="${key}"]`);
    const layout = await look(page, "keyed");
    for (const key of "1#") await page.keyboard.press(key);
    await page.waitForSelector(".turn.agent .words");
    return { layout, expanded: await page.getAttribute("#keypad", "aria-expanded") };
  },

  /** A whole call with the keyboard alone; `focus` is the order that Tab gave. */
  async keyboard(page) {
    const focus = [];
    const tabTo = async (id) => {
      for (let n = 0; n < 12; n++) {
        await page.keyboard.press("Tab");
        const [at, ring] = await page.evaluate(() => [document.activeElement.id || document.activeElement.tagName, getComputedStyle(document.activeElement).outlineStyle]);
        focus.push({ at, ring });
        if (at === id) return;
      }
      throw new Error(`Tab never reached ${id}: ${focus.map((f) => f.at)}`);
    };
    await tabTo("talk");
    await page.keyboard.press("Enter");
    await page.waitForSelector("body[data-agent=listening]");
    await tabTo("say");
    await page.keyboard.type("typed by keyboard");
    await page.keyboard.press("Enter");
    await tabTo("mute");
    await page.keyboard.press("Space");
    await page.waitForSelector("#mute[aria-pressed=true]");
    const muted = await look(page, "muted");
    await page.keyboard.press("Space");
    await page.waitForSelector("#mute[aria-pressed=false]");
    await tabTo("leave");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#talk", { state: "visible" });
    return { focus, muted, after: await page.evaluate(() => document.activeElement.id), typed: await page.innerText(".turn.typed .words") };
  },

  /** A conversation to look at: Talk, and wait until the stand-in ended the call. */
  async conversation(page) {
    const idle = await look(page, "idle");
    await page.click("#talk");
    await page.waitForSelector(".tool.ok");
    await page.waitForSelector(".turn.agent:nth-last-child(1) .words");
    await sleep(1_000);
    await page.click(".tool summary");
    const call = await look(page, "call");
    const cost = await page.innerText("#cost");
    await page.focus(".waterfall summary");
    await page.keyboard.press("Enter");
    const waterfall = await look(page, "waterfall");
    const stages = await page.$$eval(".waterfall tbody tr, .waterfall tfoot tr", (rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
    await page.keyboard.press("Enter");
    await page.click("#settings-button");
    await sleep(200);
    const settings = await look(page, "settings");
    await page.keyboard.press("Escape");
    await page.waitForSelector("#talk", { state: "visible" });
    const end = await look(page, "end");
    const turns = await page.$$eval("#turns > li", (items) => items.map((item) => `${item.className.trim()}| ${item.innerText.replace(/\s+/g, " ").trim()}`));
    const announced = await page.$$eval("#announcer p", (items) => items.map((item) => item.textContent));
    const again = await page.innerText("#talk-label");
    return { idle, call, cost, waterfall, stages, settings, end, turns, announced, again, tree: await page.locator("body").ariaSnapshot() };
  },

  /** Guesses that nothing follows, and an answer that the caller stops. */
  async guesses(page) {
    await page.click("#talk");
    const texts = () => page.$$eval(".turn", (items) => items.map((item) => item.innerText.replace(/\s+/g, " ").trim()));
    await page.waitForSelector(".turn.guess");
    const guess = { texts: await texts(), at: await page.evaluate(() => performance.now()) };
    await page.waitForSelector(".turn.guess", { state: "detached" });
    const gone = { texts: await texts(), ms: (await page.evaluate(() => performance.now())) - guess.at };
    await page.waitForSelector(".cut");
    const layout = await look(page, "cut");
    return { guess, gone, layout, turns: await texts(), unheard: await page.innerText("del") };
  },

  /** Begins and leaves again and again, sooner than anybody can come; then stays. */
  async hasty(page) {
    const began = Date.now();
    for (let call = 0; call < 5; call++) {
      await page.click("#type");
      await page.waitForSelector("body[data-phase=live]");
      await page.click("#leave");
      await page.waitForSelector("#type", { state: "visible" });
    }
    const left = Date.now();
    await page.click("#type");
    await page.waitForSelector("body[data-agent=listening]");
    return { hurried_ms: left - began, waited_ms: Date.now() - left };
  },

  /** The agent falls silent in mid-call; `--until back` waits for it to answer again, `--until over` for the end. */
  async forsaken(page) {
    await page.click("#type");
    await page.waitForSelector("body[data-agent=listening]");
    if (options.until === "over") {
      await page.waitForSelector("body[data-phase=ended]");
      return { status: await page.innerText("#status"), overAt: Date.now() };
    }
    const lost = await notice(page, "agent");
    const lostAt = Date.now();
    const layout = await look(page, "forsaken");
    await page.waitForSelector("#notice", { state: "hidden" });
    return { lost, lostAt, layout };
  },

  /** The call server dies in mid-call and comes back. */
  async lost(page) {
    await page.click("#talk");
    await page.waitForSelector("body[data-agent=listening]");
    const lost = await notice(page, "connection");
    const layout = await look(page, "lost");
    await page.waitForSelector("#notice.good", { timeout: 60_000 });
    return { lost, layout, found: await page.innerText("#notice-words") };
  },
};

/** What a picture cannot be asked: does it scroll sideways, is the text dark on light enough, has each control a name. */
async function look(page, name) {
  await sleep(250);
  await page.screenshot({ path: join(resolve(options.out), `${name}-${options.width}-${options.scheme}.png`) });
  return page.evaluate(() => {
    const shown = (e) => e.checkVisibility() && e.getClientRects().length > 0;
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgb = (color) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
    const ground = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] > 250) return c; } return [255, 255, 255, 255]; };
    const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
    const texts = [...document.querySelectorAll("body *")].filter((e) => shown(e) && !e.closest(".unseen, :disabled") && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()));
    const weakest = texts.map((e) => [contrast(rgb(getComputedStyle(e).color), ground(e)), e.textContent.trim().slice(0, 40)]).sort((a, b) => a[0] - b[0])[0];
    const nameless = [...document.querySelectorAll("button, input, select, summary")].filter((e) => shown(e) && !(e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.length)).map((e) => e.outerHTML.slice(0, 80));
    const small = [...document.querySelectorAll("button, select, summary")].filter((e) => shown(e) && e.getBoundingClientRect().height < 40).map((e) => e.id || e.textContent.trim());
    const wide = texts.filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5).map((e) => e.textContent.trim().slice(0, 40));
    return { overflow: document.documentElement.scrollWidth - innerWidth, wide, weakest, nameless, small, ground: rgb(getComputedStyle(document.body).backgroundColor).slice(0, 3) };
  });
}

async function write(page, text) {
  await page.fill("#say", text);
  await page.press("#say", "Enter");
}

async function notice(page, kind, timeout = PATIENCE_MS) {
  await page.waitForSelector(`#notice[data-kind="${kind}"]:not([hidden])`, { timeout });
  return { text: await page.innerText("#notice-words"), at: await page.evaluate(() => performance.now()) };
}

const first = (page, kind) => page.evaluate((k) => window.seen.find((e) => e.kind === k), kind);
const phase = (page) => page.evaluate(() => document.body.dataset.phase);

/** The loudest that the meter showed in so many ms: Chromium's microphone beeps once a second. */
async function level(page, ms = 3_000) {
  const until = Date.now() + ms;
  let loudest = 0;
  while (Date.now() < until) {
    loudest = Math.max(loudest, Number(await page.getAttribute("#meter", "data-level")));
    await sleep(40);
  }
  return loudest;
}

/** As when the cable is pulled: the source is silent from now on and says that it ended. */
async function unplug(page) {
  return page.evaluate(() => {
    const source = window.sources.at(-1);
    source.stop();
    source.dispatchEvent(new Event("ended"));
    return performance.now();
  });
}

const refuseMicrophone = (page, name) => page.evaluate((error) => { window.refusal = error; }, name);

/** Keeps the sources that getUserMedia gave in `window.sources`; refuses to give more while `window.refusal` names an error. */
function keepSources() {
  window.sources = [];
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wishes) => {
    if (window.refusal) throw new DOMException("refused for a test", window.refusal);
    const stream = await real(wishes);
    window.sources.push(...stream.getAudioTracks());
    return stream;
  };
}

/** Fails as a browser without this device, or with a busy one, would. */
function refuse(name) {
  navigator.mediaDevices.getUserMedia = async () => {
    throw new DOMException("refused for a test", name);
  };
}

mkdirSync(resolve(options.out), { recursive: true });
const isDenied = situation === "refused" && options.error === "NotAllowedError";
const browser = await launch({ grants: !isDenied });
try {
  if (!SITUATIONS[situation]) throw new Error(`unknown situation; there are: ${Object.keys(SITUATIONS).join(", ")}`);
  const page = await browser.newPage({ viewport: { width: options.width, height: options.height }, colorScheme: options.scheme });
  page.setDefaultTimeout(PATIENCE_MS);
  const errors = errorsOf(page);
  await page.addInitScript(watch);
  if (situation === "refused" && !isDenied) await page.addInitScript(refuse, options.error);
  if (["unplugged", "chosen"].includes(situation)) await page.addInitScript(keepSources);
  await page.goto(options.url);
  await page.waitForFunction(() => document.title !== "Parley");
  console.log(JSON.stringify({ ...(await SITUATIONS[situation](page)), errors }));
} catch (error) {
  console.error(`check: ${error.message}`);
  process.exitCode = 1;
} finally {
  await browser.close();
}
