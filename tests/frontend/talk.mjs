// Calls the agent as a person would, through the real page in a real browser, and writes down all that came of it.
//
//   node talk.mjs --url http://127.0.0.1:8080 --out DIR [what to say] [--seconds 40] [--width 1100] [--height 800] [--scheme dark]
//
// What to say:
//   --wav question.wav   Chromium's own fake microphone. It loops, so --lead (6 s, for the greeting) and --tail (120 s) of silence are put around it.
//   --ask question.wav   may be given several times: each is spoken when the agent has finished and listens
//   --say "text"         the same in writing; --ask and --say happen in the order they are given
//
// DIR gets result.json, call.wav (left: microphone, right: the agent as the page plays it), agent.wav (16 kHz mono) and screenshots.

import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { errorsOf, launch, readOptions, sleep } from "./browser.mjs";
import { microphone, record, watch } from "./recorder.mjs";
import { pad, readWav, resample, writeWav } from "./wav.mjs";

const QUIET_MS = 1_200;
const CUE_MS = 20_000;
const HANG_UP_MS = 4_000;

const options = readOptions(process.argv.slice(2), {
  url: "http://127.0.0.1:8080/", out: "talk", wav: "", ask: [], say: [], seconds: 40, width: 1100, height: 800, scheme: "light", lead: 6, tail: 120,
});

const out = resolve(options.out);
mkdirSync(out, { recursive: true });
try {
  const result = await talk();
  writeFileSync(join(out, "result.json"), JSON.stringify(result, null, 2));
  console.log(JSON.stringify({ captions: result.captions.map((c) => `${c.who}: ${c.text}`), tools: result.tools, gaps: result.gaps, ended: result.ended, errors: result.errors }, null, 2));
} catch (error) {
  console.error(`talk: ${error.message}`);
  process.exitCode = 1;
}

async function talk() {
  const browser = await launch({ wav: options.wav ? prepareMicrophone() : null });
  try {
    const page = await browser.newPage({ viewport: { width: options.width, height: options.height }, colorScheme: options.scheme });
    const errors = errorsOf(page);
    await page.addInitScript(watch);
    // The microphone first: the recorder then wraps whichever one the page will open.
    if (!options.wav) await page.addInitScript(microphone);
    await page.addInitScript(record);
    await page.goto(options.url);
    await page.waitForSelector("#talk");
    await shot(page, "idle");
    await page.click("#talk");
    const shots = takeShots(page);
    await converse(page, performance.now() + options.seconds * 1000);
    await shots.stop();
    await shot(page, "call");
    if (await page.isDisabled("#say")) await page.waitForSelector("#talk", { state: "visible", timeout: 10_000 });
    if (await page.isVisible("#leave")) await page.click("#leave");
    await page.waitForSelector("#talk", { state: "visible", timeout: 10_000 });
    await shot(page, "end");
    const audio = await saveAudio(page);
    const seen = await page.evaluate(() => window.seen);
    return { ...digest(seen), ...audio, title: await page.title(), url: options.url, errors, seen };
  } finally {
    await browser.close();
  }
}

function prepareMicrophone() {
  const path = join(out, "microphone.wav");
  writeWav(path, [pad(resample(readWav(options.wav)), options.lead, options.tail)]);
  return path;
}

/** Ask and write in turn, then wait for the last answer; ends early when the agent hangs up. */
async function converse(page, deadline) {
  const isOver = async () => {
    const refusal = await page.evaluate(() => (document.querySelector("#start:not([hidden]), body[data-phase=connecting]") && !document.getElementById("notice").hidden ? document.getElementById("notice-words").textContent : ""));
    if (refusal) throw new Error(`the page says: ${refusal}`);
    const isClosing = await page.evaluate(() => document.body.dataset.phase === "live" && document.getElementById("say").disabled);
    return performance.now() > deadline || isClosing || (await page.isVisible("#talk"));
  };
  for (const [how, what] of options.script) {
    if (!(await cue(page, isOver))) return;
    await (how === "ask" ? speak(page, what) : write(page, what));
    await answer(page, isOver);
  }
  const isScripted = options.script.length > 0;
  // A call that the agent is ending is left to end by itself, so that the goodbye is heard and its reason shown.
  while (!(await isOver())) {
    if (isScripted && (await cue(page, isOver))) {
      for (const until = performance.now() + HANG_UP_MS; performance.now() < until && !(await isOver()); ) await sleep(100);
      return;
    }
    await sleep(250);
  }
}

async function speak(page, path) {
  const samples = Int16Array.from(resample(readWav(path)), (x) => Math.max(-1, Math.min(1, x)) * 32767);
  await page.evaluate((text) => window.speak(text), Buffer.from(samples.buffer).toString("base64"));
}

async function write(page, text) {
  await page.fill("#say", text);
  await page.press("#say", "Enter");
}

/** Wait until the agent has been listening, with no new words, for a moment. False when the call is over. */
async function cue(page, isOver) {
  const until = performance.now() + CUE_MS;
  while (!(await isOver())) {
    const [state, age, isGreeted] = await page.evaluate(() => {
      const last = window.seen.filter((e) => ["state", "caption", "gap"].includes(e.kind)).at(-1);
      const isGreeted = window.seen.some((e) => e.kind === "caption" && e.who === "agent" && e.isFinal);
      return [document.body.dataset.agent, performance.now() - (last?.at ?? performance.now()), isGreeted];
    });
    if (state === "listening" && age > QUIET_MS && (isGreeted || performance.now() > until)) return true;
    await sleep(100);
  }
  return false;
}

/** Wait for the first words of an answer to what was just said. */
async function answer(page, isOver) {
  const from = await page.evaluate(() => performance.now());
  const until = performance.now() + CUE_MS;
  while (performance.now() < until && !(await isOver())) {
    if (await page.evaluate((t) => window.seen.some((e) => e.at > t && e.kind === "caption" && e.who === "agent"), from)) return;
    await sleep(100);
  }
}

/** A picture at each first sight of a state, so that thinking and speaking are seen too. */
function takeShots(page) {
  let isOn = true;
  const taken = new Set();
  const running = (async () => {
    while (isOn) {
      const state = await page.evaluate(() => document.body.dataset.agent).catch(() => null);
      if (state && !taken.has(state)) {
        taken.add(state);
        await shot(page, `state-${state}`).catch(() => {});
      }
      await sleep(120);
    }
  })();
  return { stop: () => { isOn = false; return running; } };
}

async function shot(page, name) {
  await page.screenshot({ path: join(out, `${name}.png`) });
}

async function saveAudio(page) {
  const taken = await page.evaluate(() => window.record.take());
  if (!taken) return { audio: null };
  const [left, right] = [taken.left, taken.right].map((text) => { const b = Buffer.from(text, "base64"); return new Int16Array(b.buffer.slice(b.byteOffset, b.byteOffset + b.length)); });
  writeWav(join(out, "call.wav"), [left, right], taken.rate);
  writeWav(join(out, "agent.wav"), [resample({ rate: taken.rate, samples: Float32Array.from(right, (x) => x / 32768) }, 16_000)], 16_000);
  return { audio: { file: join(out, "call.wav"), agent: join(out, "agent.wav"), rate: taken.rate, seconds: left.length / taken.rate } };
}

/** The page's events as the reader of a demonstration wants them. */
function digest(seen) {
  const of = (kind) => seen.filter((e) => e.kind === kind);
  const actions = (type) => of("action").filter((e) => e.type === type);
  const returned = new Map(actions("tool_returned").map((e) => [e.tool_call, e]));
  return {
    room: of("joined")[0]?.room ?? null,
    captions: of("caption").filter((e) => e.isFinal).map(({ who, text, at, id }) => ({ who, text, at, id })),
    guesses: of("caption").filter((e) => !e.isFinal && e.who === "caller").length,
    typed: of("typed").map((e) => e.text),
    tools: actions("tool_called").map((e) => ({ tool: e.tool, arguments: e.arguments, outcome: returned.get(e.tool_call)?.outcome ?? null, duration_ms: returned.get(e.tool_call)?.duration_ms ?? null, sentence: returned.get(e.tool_call)?.sentence ?? null })),
    gaps: of("gap").map(({ gap_ms, is_typed, is_overlap, at }) => ({ gap_ms, is_typed, is_overlap, at })),
    states: of("state").map(({ state, at }) => ({ state, at })),
    actions: of("action").map((e) => e.type),
    notices: of("notice").map(({ kind, what, at }) => ({ kind, what, at })),
    agent_came_ms: of("agent-came")[0] ? Math.round(of("agent-came")[0].at - of("joined")[0].at) : null,
    ended: of("ended")[0]?.reason ?? null,
  };
}
