// The page of a person who was sent a link to a call: what it is about, a yes or a no to it, and then the call.
// The agent leads it, as it does by telephone (docs/phone/README.md): a yes is the key 1, a no the key 2.

import { Room, RoomEvent, Track, setLogLevel } from "./vendor/livekit-client.esm.mjs";
import { openMicrophone, remembered } from "./devices.js";
import { LIVEKIT_BLOCKED, PAGE_SERVER_AWAY, explainMicrophone } from "./words.js";

const YES = [1, "1"];
const NO = [2, "2"];
const REFUSED = {
  too_late: { what: "The caller waits no longer.", cure: "A link is good for as long as a telephone would ring." },
  call_is_over: { what: "The call is over.", cure: "The caller has hung up." },
  taken: { what: "Somebody has come by this link already.", cure: "It lets one person in." },
  bad_request: { what: "This link is not whole.", cure: "Open it as it was sent, with everything behind the #." },
};

const $ = (id) => document.getElementById(id);
const room = new Room({ disconnectOnPageLeave: true });
let microphone = null;

setLogLevel("warn");
$("open").addEventListener("click", open);
$("take").addEventListener("click", () => answer(YES, "Connecting you with the caller …"));
$("decline").addEventListener("click", () => answer(NO, "Telling the agent that you cannot …"));
$("leave").addEventListener("click", () => room.disconnect());
$("mute").addEventListener("click", mute);

async function open() {
  $("open").disabled = true;
  $("notice").hidden = true;
  try {
    microphone = await openMicrophone(remembered("microphone")).catch((error) => {
      throw explainMicrophone(error, window.isSecureContext);
    });
    const { server_url: url, participant_token: token } = await admitted();
    follow();
    // Only the agent is heard unasked; the caller's voice comes when the agent lets it (telephony/dialling.py).
    await room.connect(url, token, { autoSubscribe: false, maxRetries: 1 }).catch(() => { throw LIVEKIT_BLOCKED; });
    for (const who of room.remoteParticipants.values()) for (const one of who.trackPublications.values()) hear(one, who);
    await room.localParticipant.publishTrack(microphone, { source: Track.Source.Microphone });
    await room.startAudio();
    phase("briefed", "The agent tells you what it is about", "It also says it aloud. The caller hears music meanwhile.");
  } catch (words) {
    microphone?.stop();
    $("open").disabled = false;
    complain(words.what ? words : { what: "The line could not be opened.", cure: String(words.message ?? "") });
  }
}

/** What the page's server gives for the link. Throws words. */
async function admitted() {
  const given = { method: "POST", body: location.hash.slice(1), signal: AbortSignal.timeout(8_000) };
  const response = await fetch("colleague", given).catch(() => { throw PAGE_SERVER_AWAY; });
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw REFUSED[body.error] ?? { what: "The page's server said no.", cure: body.message ?? "" };
  return body;
}

function follow() {
  room.registerTextStreamHandler("parley.briefing", async (reader) => {
    const { title, department, briefing } = JSON.parse(await reader.readAll());
    $("title").textContent = document.title = department ? `${title} · ${department}` : title;
    $("briefing").textContent = briefing;
    $("briefing").hidden = false;
  });
  room
    .on(RoomEvent.TrackPublished, hear)
    .on(RoomEvent.TrackSubscribed, (track, _, who) => {
      if (track.kind !== Track.Kind.Audio) return;
      track.attach();
      if (!who.isAgent) phase("talking", "You are talking with the caller", "");
    })
    .on(RoomEvent.TrackUnsubscribed, (track) => track.detach().forEach((element) => element.remove()))
    .on(RoomEvent.Disconnected, ended);
}

function hear(publication, who) {
  if (who.isAgent) publication.setSubscribed(true);
}

async function answer([code, key], words) {
  phase("answered", words, "");
  await room.localParticipant.publishDtmf(code, key);
}

async function mute() {
  await (microphone.isMuted ? microphone.unmute() : microphone.mute());
  $("mute").setAttribute("aria-pressed", String(microphone.isMuted));
  $("mute").textContent = microphone.isMuted ? "Unmute" : "Mute";
  $("mute").classList.toggle("muted", microphone.isMuted);
}

function ended() {
  const hasTalked = document.body.dataset.phase === "talking";
  microphone?.stop();
  $("briefing").hidden = true; // it is about somebody, and pages stay open
  $("briefing").textContent = "";
  phase("ended", hasTalked ? "The call is over" : "You have left the call", "You may close this page.");
}

function phase(name, words, hint) {
  document.body.dataset.phase = name;
  $("state").textContent = words;
  $("hint").textContent = hint;
  $("asked").hidden = true;
  $("offered").hidden = name !== "briefed";
  $("talking").hidden = name !== "talking";
}

function complain({ what, cure }) {
  const strong = document.createElement("strong");
  strong.textContent = what;
  $("notice").replaceChildren(strong, ` ${cure}`);
  $("notice").hidden = false;
}
