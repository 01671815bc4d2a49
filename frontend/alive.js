// Asks the agent every second whether it lives, and the page's server for another one while there is none that does.

const ASK_EVERY_MS = 1_000;
const ANSWER_MS = 2_000;
const SEND_AFTER_MS = 3_000;
const SEND_EVERY_MS = 3_000;
const HERE = "parley.here"; // agent/room/colleague.py answers
const UNSUPPORTED_METHOD = 1400;

/** Says `lost` and `found` of an agent that stops answering, and `server-away` when the page's server cannot be asked either. */
export class Alive extends EventTarget {
  #room;
  #ticket;
  #agent = null;
  #isLost = false;
  #asking = 0;
  #sending = 0;

  constructor(room, ticket) {
    super();
    this.#room = room;
    this.#ticket = ticket;
    this.#send(SEND_AFTER_MS);
  }

  /** This one is the agent now; null when there is none. */
  follow(agent) {
    clearTimeout(this.#asking);
    this.#agent = agent;
    this.#isLost = false;
    if (!agent) return this.#send(0);
    clearTimeout(this.#sending);
    this.#asking = setTimeout(() => void this.#ask(agent), ASK_EVERY_MS);
  }

  stop() {
    clearTimeout(this.#asking);
    clearTimeout(this.#sending);
    this.#ticket = null;
  }

  async #ask(agent) {
    // While our own connection is away nobody could answer; the room tells of that.
    if (this.#room.state === "connected") this.#heard(await this.#lives(agent), agent);
    if (this.#ticket && this.#agent === agent) this.#asking = setTimeout(() => void this.#ask(agent), ASK_EVERY_MS);
  }

  async #lives(agent) {
    const silence = new Promise((done) => setTimeout(done, ANSWER_MS, false));
    const answer = this.#room.localParticipant
      .performRpc({ destinationIdentity: agent.identity, method: HERE, payload: "", responseTimeout: ANSWER_MS })
      .then(() => true, (error) => error?.code === UNSUPPORTED_METHOD);
    return Promise.race([answer, silence]);
  }

  #heard(lives, agent) {
    if (!this.#ticket || this.#agent !== agent || this.#room.state !== "connected" || lives === !this.#isLost) return;
    this.#isLost = !lives;
    if (lives) clearTimeout(this.#sending);
    else this.#send(0);
    this.dispatchEvent(new Event(lives ? "found" : "lost"));
  }

  #send(ms) {
    clearTimeout(this.#sending);
    if (this.#ticket) this.#sending = setTimeout(() => void this.#sendFor(), ms);
  }

  /** A livekit-server does not send for an agent again by itself, neither after a refusal nor after a death. */
  async #sendFor() {
    const ticket = this.#ticket;
    const isAway = await fetch("again", { method: "POST", body: ticket, signal: AbortSignal.timeout(ANSWER_MS) }).then(() => false, () => true);
    if (!this.#ticket || (this.#agent && !this.#isLost)) return;
    if (isAway) this.dispatchEvent(new Event("server-away"));
    this.#send(SEND_EVERY_MS);
  }
}
