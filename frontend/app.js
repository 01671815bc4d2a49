// Puts the page together: buttons start and end a Call, and what the Call and the Ear say is shown.

import { Call, CallError } from "./call.js";
import { Conversation } from "./conversation.js";
import { followMicrophone, openMicrophone, remember, remembered } from "./devices.js";
import { Ear } from "./gap.js";
import { setUpKeypad, show as showKeypad } from "./keypad.js";
import { Meter } from "./meter.js";
import { Notices } from "./notices.js";
import { chooseProfile } from "./profiles.js";
import { followSettings } from "./settings.js";
import { AGENT_LOST, CONNECTION_FOUND, CONNECTION_LOST, MICROPHONE_LOST, MICROPHONE_SILENT, NO_AGENT, SOUND_BLOCKED, STATES, cents, costBy, explainEnd, explainMicrophone } from "./words.js";

const $ = (id) => document.getElementById(id);
const settings = followSettings({ onMicrophone: changeMicrophone, onSpeaker: changeSpeaker });
const conversation = new Conversation($("turns"), $("conversation"), announce);
const notices = new Notices((notice) => tell("notice", notice));
const meter = new Meter($("meter"), () => notices.show("silent", MICROPHONE_SILENT, { ms: 8_000 }));

let call = null;
let ear = null;
let microphone = null;
let firstLine = null;

$("talk").addEventListener("click", () => start({ withMicrophone: true }));
$("type").addEventListener("click", () => start({ withMicrophone: false }));
$("leave").addEventListener("click", () => call?.leave());
$("mute").addEventListener("click", () => (microphone ? setMuted(!microphone.isMuted) : addMicrophone()));
$("chat").addEventListener("submit", (event) => {
  event.preventDefault();
  void write();
});
setUpKeypad($("keypad"), $("keys"), press);
void showTitle();

async function showTitle() {
  try {
    const { profile, profiles } = await (await fetch("config.json")).json();
    chooseProfile($("profile-choice"), $("profile"), profiles, profile, ({ name, title, who }) => {
      $("who").textContent = who ?? "";
      $("title").textContent = document.title = title;
      document.body.dataset.profile = name;
    });
  } catch {
    // The name is a nicety; pressing Talk will say that the server is away.
  }
}

async function start({ withMicrophone }) {
  if (call) return;
  call = new Call();
  const mine = call;
  notices.hide();
  phase("connecting");
  state("connecting");
  // Both need the click: the browser lets no page make or take sound unasked.
  ear = new Ear();
  const isListening = ear.start().catch(() => {});
  follow(mine);
  const track = withMicrophone ? await askForMicrophone() : null;
  if (call !== mine) return track?.stop();
  if (withMicrophone && !track) return abandon();
  microphone = track;
  showMute();
  try {
    await isListening;
    listen(ear);
    ear.hearCaller(microphone?.mediaStreamTrack ?? null);
    await mine.join(microphone, remembered("speaker"), document.body.dataset.profile);
  } catch (error) {
    if (call !== mine) return;
    const words = error instanceof CallError ? error.words : { what: "The call could not begin.", cure: String(error?.message ?? "") };
    await abandon();
    notices.show("away", words, { actions: { "Try again": () => start({ withMicrophone }) } });
  }
}

async function askForMicrophone() {
  try {
    const track = await openMicrophone(remembered("microphone"));
    followMicrophone(track, { onSource: (source) => track === microphone && hearAnew(source), onLost: () => track === microphone && loseMicrophone() });
    void settings.refresh();
    return track;
  } catch (error) {
    const words = explainMicrophone(error, window.isSecureContext);
    notices.show("microphone", words, {
      actions: {
        "Try again": () => (call ? addMicrophone() : start({ withMicrophone: true })),
        "Go on in writing": () => (call ? $("say").focus() : start({ withMicrophone: false })),
      },
    });
    notices.focus();
    return null;
  }
}

function follow(mine) {
  const on = (type, act) => mine.addEventListener(type, ({ detail }) => { tell(type, detail); act(detail); });
  on("joined", () => { phase("live"); $("cost").hidden = true; state("waiting"); conversation.clear(); firstLine = conversation.line("Calling …"); if (!microphone) $("say").focus(); });
  on("agent-came", () => {
    notices.hide("no-agent");
    notices.hide("agent");
    state("initializing");
    if (!firstLine.dataset.began) firstLine.textContent = `Call began at ${clock()}`;
    firstLine.dataset.began = "true";
  });
  on("agent-missing", () => notices.show("no-agent", NO_AGENT, { actions: { Leave: () => mine.leave() } }));
  on("agent-lost", () => { state("gone"); notices.show("agent", AGENT_LOST); });
  on("agent-found", () => { state("listening"); notices.hide("agent"); });
  on("agent-left", () => { state("waiting"); notices.show("agent", AGENT_LOST); });
  on("state", (detail) => {
    if (detail.state !== document.body.dataset.agent) ear.agentSpeaks(detail.state === "speaking");
    state(detail.state);
  });
  on("caption", (caption) => conversation.caption(caption));
  on("action", act);
  on("voice", ({ track }) => ear.hearAgent(track));
  on("voice-gone", () => ear.hearAgent(null));
  on("connection-lost", () => { state("lost"); notices.show("connection", CONNECTION_LOST); });
  on("connection-found", () => { state("listening"); notices.show("connection", CONNECTION_FOUND, { isGood: true, ms: 4_000 }); });
  on("sound-blocked", ({ isBlocked }) => {
    if (!isBlocked) return notices.hide("sound");
    notices.show("sound", SOUND_BLOCKED, { actions: { "Let me hear it": () => { void mine.allowSound(); void ear.resume(); } } });
  });
  on("ended", ({ reason }) => (document.body.dataset.phase === "connecting" ? abandon() : finish(explainEnd(reason))));
}

function act(event) {
  if (event.type === "tool_called") conversation.toolCalled(event);
  else if (event.type === "tool_returned") conversation.toolReturned(event);
  else if (event.type === "interrupted") stopped(event);
  else if (event.type === "turn_ended") conversation.turnEnded(event);
  else if (event.type === "cost_grew") showCost(event);
  else if (event.type === "call_ended") $("say").disabled = $("send").disabled = true; // nobody would read it
  else if (event.type === "provider_failed" && !event.is_recoverable) conversation.line("Something the agent needs failed.", "wrong");
}

/** What the call has cost so far; only where its profile lets the page know. */
function showCost(event) {
  $("cost").hidden = false;
  $("cost").textContent = cents(event.total_cents);
  $("cost").title = costBy(event);
}

function stopped(event) {
  conversation.interrupted(event);
  ear.interrupted();
}

function listen(mine) {
  mine.addEventListener("gap", ({ detail }) => { tell("gap", detail); conversation.gap(detail); });
  mine.addEventListener("levels", ({ detail }) => meter.show(detail, microphone && !microphone.isMuted));
}

async function write() {
  const text = $("say").value.trim();
  if (!text || !call) return;
  $("say").value = "";
  conversation.typed(text);
  ear.typed();
  tell("typed", { text });
  try {
    await call.write(text);
  } catch {
    $("say").value = [text, $("say").value].filter(Boolean).join(" ");
    conversation.line(call ? "That was not sent: the connection is away." : "What you wrote was not sent: nobody was there to read it.", "wrong");
  }
}

/** One key, as a telephone sends it. */
async function press(code, key) {
  tell("key", { key });
  await call?.press(code, key).catch(() => {}); // the connection is away, and the page says so
}

async function setMuted(isMuted) {
  try {
    await (isMuted ? microphone.mute() : microphone.unmute());
    notices.hide("microphone");
  } catch (error) {
    offerMicrophone(explainMicrophone(error)); // it went away while it was muted
  }
  showMute();
}

/** The microphone has another source: the meter and the gap listen to that one. */
function hearAnew(source) {
  ear?.hearCaller(source);
  notices.hide("microphone");
}

function loseMicrophone() {
  ear?.hearCaller(null);
  showMute();
  offerMicrophone(MICROPHONE_LOST);
}

function offerMicrophone(words) {
  notices.show("microphone", words, { actions: { "Try again": () => setMuted(false), "Go on in writing": () => $("say").focus() } });
}

/** In a call that began in writing, or whose microphone was refused. */
async function addMicrophone() {
  const track = await askForMicrophone();
  if (!track || !call) return track?.stop();
  microphone = track;
  ear.hearCaller(track.mediaStreamTrack);
  await call.publish(track);
  showMute();
}

function showMute() {
  const isMuted = microphone?.isMuted ?? false;
  $("mute").classList.toggle("muted", isMuted || !microphone);
  $("mute").setAttribute("aria-pressed", String(isMuted));
  $("mute-label").textContent = microphone ? "Mute" : "Talk";
  meter.quiet();
}

async function changeMicrophone(deviceId) {
  remember("microphone", deviceId);
  if (!microphone) return;
  await microphone.setDeviceId(deviceId || "default").catch((error) => notices.show("microphone", explainMicrophone(error)));
}

async function changeSpeaker(deviceId) {
  remember("speaker", deviceId);
  await call?.room.switchActiveDevice("audiooutput", deviceId || "default").catch(() => {});
}

async function abandon() {
  phase($("turns").childElementCount ? "ended" : "idle");
  await release();
}

async function finish(words) {
  conversation.line(words, "end");
  if (!$("cost").hidden) conversation.line(`It cost ${$("cost").textContent} by list prices: ${$("cost").title}.`);
  $("status").textContent = words;
  notices.hide();
  phase("ended");
  $("talk").focus();
  await release();
}

async function release() {
  const [track, hearing] = [microphone, ear];
  call = ear = microphone = null;
  document.body.dataset.agent = "away";
  track?.stop();
  meter.quiet();
  await hearing?.stop();
}

function phase(name) {
  document.body.dataset.phase = name;
  const isCall = name === "connecting" || name === "live";
  $("start").hidden = isCall;
  $("call").hidden = !isCall;
  $("welcome").hidden = name === "live" || name === "ended";
  $("conversation").hidden = !(name === "live" || name === "ended");
  $("talk-label").textContent = name === "ended" ? "Call again" : "Talk";
  $("say").disabled = $("send").disabled = $("mute").disabled = $("keypad").disabled = name !== "live";
  if (name !== "live") showKeypad($("keypad"), $("keys"), false);
  if (name === "connecting") $("leave").focus();
}

function state(name) {
  document.body.dataset.agent = name;
  $("state").textContent = STATES[name] ?? name;
}

/** Captions are read out politely, when the caller wants that; twenty are enough for a screen reader to go back to. */
function announce(text) {
  if (!settings.isAnnouncing()) return;
  const line = document.createElement("p");
  line.textContent = text;
  $("announcer").append(line);
  while ($("announcer").childElementCount > 20) $("announcer").firstElementChild.remove();
}

function clock() {
  return new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

/** What happens, as a DOM event, for scripts that watch the page (tests/frontend/talk.mjs). */
function tell(kind, detail) {
  document.dispatchEvent(new CustomEvent("parley", { detail: { kind, at: performance.now(), ...plain(kind, detail) } }));
}

function plain(kind, detail) {
  return kind === "voice" ? {} : detail;
}
