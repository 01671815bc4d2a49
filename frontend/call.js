// One call: asks for a token, joins the room, follows the agent, and says what happens as events. Draws nothing.

import { ConnectionErrorReason, DisconnectReason, Room, RoomEvent, Track, setLogLevel } from "./vendor/livekit-client.esm.mjs";
import { followActions } from "./actions.js";
import { Alive } from "./alive.js";
import { followCaptions } from "./captions.js";
import { LIVEKIT_AWAY, LIVEKIT_BLOCKED, PAGE_SERVER_AWAY, explainToken } from "./words.js";

const AGENT_TIMEOUT_MS = 10_000;
const LAST_WORDS_MS = 6_000;
const AGENT_GONE_MS = 12_000;
const RECONNECT_MS = 20_000;

setLogLevel("warn");

/** A call could not begin; `words` is { what, cure }. */
export class CallError extends Error {
  constructor(words) {
    super(words.what);
    this.words = words;
  }
}

/**
 * Events, each with its detail: joined, agent-came, agent-missing, agent-lost, agent-found, agent-left, state {state}, caption {id, who, text, isFinal},
 * action {type, ...}, voice {track} and voice-gone, connection-lost, connection-found, sound-blocked {isBlocked}, ended {reason}.
 */
export class Call extends EventTarget {
  #room = new Room({ disconnectOnPageLeave: true });
  #agent = null;
  #alive = null;
  #timers = new Map();
  #reason = null;
  #isJoined = false;
  #isOver = false;
  #listening = Promise.withResolvers();
  #written = Promise.resolve(); // what was written last, delivered or not: streams that are begun together arrive in any order

  constructor() {
    super();
    this.#listening.promise.catch(() => {}); // most calls end with nothing written
  }

  get room() {
    return this.#room;
  }

  get hasAgent() {
    return this.#agent !== null;
  }

  /** Join with a LocalAudioTrack, or with null to write only, an agent of that profile. Throws CallError. */
  async join(microphone, speakerId, profile) {
    this.#listen();
    const { server_url: url, participant_token: token, again } = await fetchToken(profile);
    if (this.#isOver) return;
    try {
      await this.#room.connect(url, token, { maxRetries: 1, peerConnectionTimeout: 12_000, websocketTimeout: 8_000 });
    } catch (error) {
      if (this.#isOver) return;
      this.#isOver = true;
      throw new CallError(await explainConnect(error));
    }
    this.#isJoined = true;
    this.#say("joined", { room: this.#room.name });
    this.#after("agent", AGENT_TIMEOUT_MS, () => this.#say("agent-missing"));
    this.#watchAgent(again);
    for (const participant of this.#room.remoteParticipants.values()) this.#meet(participant);
    if (microphone) await this.publish(microphone);
    if (speakerId) await this.#room.switchActiveDevice("audiooutput", speakerId).catch(() => {});
  }

  /** Let the agent hear this LocalAudioTrack. */
  async publish(microphone) {
    await this.#room.localParticipant.publishTrack(microphone, { source: Track.Source.Microphone });
  }

  /** Write to the agent. Until it listens the message waits: nobody would get it. Throws if the call ends before that. */
  write(text) {
    const sent = Promise.allSettled([this.#written, this.#listening.promise]).then(() => this.#send(text));
    this.#written = sent;
    return sent;
  }

  async #send(text) {
    await this.#listening.promise;
    await this.#room.localParticipant.sendText(text, { topic: "lk.chat" });
  }

  /** Press a key of a telephone, once the agent listens. */
  async press(code, key) {
    await this.#listening.promise;
    await this.#room.localParticipant.publishDtmf(code, key);
  }

  /** Let the browser play the agent's voice, from within a click. */
  async allowSound() {
    await this.#room.startAudio();
  }

  async leave() {
    await this.#end("you_left");
  }

  #listen() {
    followCaptions(this.#room, (caption) => this.#say("caption", caption));
    followActions(this.#room, (event) => this.#onAction(event));
    this.#room
      .on(RoomEvent.ParticipantConnected, (participant) => this.#meet(participant))
      .on(RoomEvent.ParticipantDisconnected, (participant) => this.#miss(participant))
      .on(RoomEvent.ParticipantAttributesChanged, (_, participant) => this.#meet(participant))
      .on(RoomEvent.TrackSubscribed, (track) => this.#onTrack(track))
      .on(RoomEvent.TrackUnsubscribed, (track) => this.#onTrackGone(track))
      .on(RoomEvent.Reconnecting, () => this.#onLost())
      .on(RoomEvent.SignalReconnecting, () => this.#onLost())
      .on(RoomEvent.Reconnected, () => this.#onFound())
      .on(RoomEvent.AudioPlaybackStatusChanged, () => this.#say("sound-blocked", { isBlocked: !this.#room.canPlaybackAudio }))
      .on(RoomEvent.Disconnected, (reason) => this.#onDisconnected(reason));
  }

  #watchAgent(ticket) {
    this.#alive = new Alive(this.#room, ticket);
    this.#alive.addEventListener("lost", () => {
      this.#say("agent-lost");
      this.#after("gone", AGENT_GONE_MS, () => this.#end("agent_gone"));
    });
    this.#alive.addEventListener("found", () => { this.#stop("gone"); this.#say("agent-found"); });
    this.#alive.addEventListener("server-away", () => { if (this.#timers.has("gone")) void this.#end("agent_gone"); });
  }

  #meet(participant) {
    const state = participant.attributes?.["lk.agent.state"];
    if (participant.isLocal || !(participant.isAgent || state)) return;
    // One that says nothing of its state beside one that is there may leave again at once: it came second.
    if (this.#agent?.identity !== participant.identity && (!this.#agent || state)) {
      this.#agent = participant;
      this.#stop("agent");
      this.#stop("gone");
      this.#alive?.follow(participant);
      this.#say("agent-came");
    }
    if (this.#agent.identity !== participant.identity) return;
    if (state) this.#say("state", { state });
    if (state && state !== "initializing") this.#listening.resolve();
  }

  #miss(participant) {
    if (participant.identity !== this.#agent?.identity) return;
    this.#agent = null;
    for (const other of this.#room.remoteParticipants.values()) this.#meet(other);
    if (this.#agent) return;
    this.#say("agent-left");
    // Without call_ended another one may take the call up, but nobody waits long for that.
    if (!this.#reason) this.#alive?.follow(null);
    this.#after("gone", this.#reason ? 0 : AGENT_GONE_MS, () => this.#end(this.#reason ?? "agent_left"));
  }

  #onAction(event) {
    this.#say("action", event);
    if (event.type !== "call_ended") return;
    this.#reason = event.reason;
    this.#alive?.stop();
    this.#after("last-words", LAST_WORDS_MS, () => this.#end(event.reason));
  }

  #onTrack(track) {
    if (track.kind !== Track.Kind.Audio) return;
    track.attach();
    this.#say("voice", { track: track.mediaStreamTrack });
  }

  #onTrackGone(track) {
    for (const element of track.detach()) element.remove();
    if (track.kind === Track.Kind.Audio) this.#say("voice-gone");
  }

  #onLost() {
    this.#say("connection-lost");
    if (!this.#timers.has("reconnect")) this.#after("reconnect", RECONNECT_MS, () => this.#end("connection_lost"));
  }

  #onFound() {
    this.#stop("reconnect");
    this.#say("connection-found");
    for (const participant of this.#room.remoteParticipants.values()) this.#meet(participant);
  }

  #onDisconnected(reason) {
    // The room says so of an attempt that failed, too; join() explains that one.
    if (!this.#isJoined) return;
    const reasons = {
      [DisconnectReason.SERVER_SHUTDOWN]: "server_stopped",
      [DisconnectReason.DUPLICATE_IDENTITY]: "elsewhere",
      [DisconnectReason.ROOM_DELETED]: "agent_left",
      [DisconnectReason.ROOM_CLOSED]: "agent_left",
      [DisconnectReason.PARTICIPANT_REMOVED]: "agent_left",
    };
    void this.#end(this.#reason ?? reasons[reason] ?? "connection_lost");
  }

  async #end(reason) {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listening.reject(new Error("the call ended before the agent listened"));
    for (const name of [...this.#timers.keys()]) this.#stop(name);
    this.#alive?.stop();
    this.#say("ended", { reason });
    await this.#room.disconnect();
  }

  #after(name, ms, act) {
    this.#stop(name);
    this.#timers.set(name, setTimeout(act, ms));
  }

  #stop(name) {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  #say(type, detail = {}) {
    if (!this.#isOver || type === "ended") this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** A token for one new room, in the format of livekit-client's TokenSource endpoints, with our `profile` beside it. */
async function fetchToken(profile) {
  let response;
  try {
    response = await fetch("token", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ profile }),
      signal: AbortSignal.timeout(8_000),
    });
  } catch {
    throw new CallError(PAGE_SERVER_AWAY);
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new CallError(explainToken(response.status, body.message ?? "", body.error));
  return body;
}

/** The page's server can tell a LiveKit that is down from one that this browser cannot reach. */
async function explainConnect(error) {
  const isRefusal = error?.reason === ConnectionErrorReason.NotAllowed;
  if (isRefusal) return { what: "The call server refused this call.", cure: "Its key and the page's differ; see docs/page.md." };
  try {
    const health = await (await fetch("healthz", { signal: AbortSignal.timeout(3_000) })).json();
    return health.livekit === "ok" ? LIVEKIT_BLOCKED : LIVEKIT_AWAY;
  } catch {
    return PAGE_SERVER_AWAY;
  }
}
