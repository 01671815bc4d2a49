// The page's own ear: feeds the microphone and the agent's voice to the worklet, and passes on gaps and levels.

/** Events: gap { gap_ms, is_typed, is_overlap, time }, levels { caller, agent } in dBFS, twenty times a second. */
export class Ear extends EventTarget {
  #context = null;
  #node = null;
  #sources = [null, null];

  /** Call from within a click, or the browser keeps the audio clock stopped. */
  async start() {
    this.#context = new AudioContext({ latencyHint: "interactive" });
    await this.#context.audioWorklet.addModule(new URL("gap-worklet.js", import.meta.url));
    if (!this.#context) return;
    this.#node = new AudioWorkletNode(this.#context, "gap-meter", {
      numberOfInputs: 2,
      numberOfOutputs: 1,
      outputChannelCount: [1],
      channelCount: 1,
      channelCountMode: "explicit",
    });
    // Its output is silence; connecting it keeps the audio clock pulling.
    this.#node.connect(this.#context.destination);
    this.#node.port.onmessage = ({ data: { type, ...detail } }) => this.dispatchEvent(new CustomEvent(type, { detail }));
    void this.#context.resume();
  }

  /** The caller's MediaStreamTrack, or null. */
  hearCaller(track) {
    this.#connect(0, track);
  }

  /** The agent's MediaStreamTrack, or null. */
  hearAgent(track) {
    this.#connect(1, track);
  }

  /** The caller wrote: the next gap counts from now. */
  typed() {
    this.#node?.port.postMessage("typed");
  }

  /** Whether the agent's state says that it speaks; said at each change. */
  agentSpeaks(isSpeaking) {
    this.#node?.port.postMessage(isSpeaking ? "speaking" : "silent");
  }

  /** The caller's words stopped the agent. */
  interrupted() {
    this.#node?.port.postMessage("interrupted");
  }

  /** After a click, in case the browser stopped the clock. */
  async resume() {
    await this.#context?.resume();
  }

  async stop() {
    const context = this.#context;
    this.#context = this.#node = null;
    this.#sources = [null, null];
    await context?.close();
  }

  #connect(side, track) {
    this.#sources[side]?.disconnect();
    this.#sources[side] = null;
    if (!track || !this.#node) return;
    this.#sources[side] = this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#sources[side].connect(this.#node, 0, side);
  }
}
