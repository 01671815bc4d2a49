// Debian's Chromium under playwright-core, with the flags a voice call needs, and small things that each script asks of it.

import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../frontend/package.json", import.meta.url));

const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
];

/** A browser. `wav` is the looped fake microphone; `grants` false leaves the permission to be refused. */
export async function launch({ wav = null, grants = true } = {}) {
  const args = [...FLAGS];
  args.push("--use-fake-device-for-media-stream", grants ? "--use-fake-ui-for-media-stream" : "--deny-permission-prompts");
  if (wav) args.push(`--use-file-for-fake-audio-capture=${wav}`);
  return load().chromium.launch({ executablePath: find(), args, ignoreDefaultArgs: ["--mute-audio"] });
}

function load() {
  try {
    return require("playwright-core");
  } catch {
    throw new Error("playwright-core is missing: npm ci --prefix frontend brings it");
  }
}

function find() {
  try {
    return process.env.CHROMIUM || execFileSync("which", ["chromium"], { encoding: "utf8" }).trim();
  } catch {
    throw new Error("chromium is missing: apt-get install chromium, or say where it is in CHROMIUM");
  }
}

/** Collects what must not happen: errors on the console (a CSP violation is one) and uncaught exceptions. */
export function errorsOf(page) {
  const errors = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  return errors;
}

/** `--name value` pairs. A name whose default is a list may come several times; `script` keeps the order of all of those. */
export function readOptions(argv, defaults) {
  const options = { ...defaults, script: [] };
  for (let i = 0; i < argv.length; i += 2) {
    const name = argv[i].replace(/^--/, "");
    if (!argv[i].startsWith("--") || !(name in defaults)) throw new Error(`unknown option ${argv[i]}; there are: ${Object.keys(defaults).map((n) => `--${n}`).join(" ")}`);
    if (argv[i + 1] === undefined) throw new Error(`${argv[i]} needs a value`);
    if (Array.isArray(defaults[name])) options.script.push([name, argv[i + 1]]);
    else options[name] = typeof defaults[name] === "number" ? Number(argv[i + 1]) : argv[i + 1];
  }
  return options;
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
