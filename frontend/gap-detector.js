// Finds, in 10 ms steps, when a voice begins and ends, and from two of them the gap before an answer. No Web Audio here.

/** One voice, fed with a level in dBFS for each step; times are seconds on one clock. */
export class Voice {
  /** `least`: a step below this level is never voice. `margin`: dB above the noise. `needed` of `window` steps begin it. */
  constructor({ least, margin, needed, window, pause }) {
    Object.assign(this, { least, margin, needed, window, pause });
    this.floor = -75;
    this.steps = [];
    this.isActive = false;
    this.began = null;
    this.ended = null;
  }

  /** Returns "began" at the step that makes it sure, "ended" after `pause` seconds of none, else null. */
  push(level, time, step, extra = 0) {
    const isLoud = level > Math.max(this.least, this.floor + this.margin) + extra;
    this.#learn(level, isLoud);
    this.steps.push(isLoud ? time : null);
    if (this.steps.length > this.window) this.steps.shift();
    const loud = this.steps.filter((t) => t !== null);
    if (this.isActive) {
      // One loud step alone is a click; two in a row are still speech.
      if (isLoud && this.steps.at(-2) !== null) this.ended = time + step;
      if (time - this.ended < this.pause) return null;
      this.isActive = false;
      return "ended";
    }
    if (loud.length < this.needed) return null;
    this.isActive = true;
    this.began = loud[0];
    this.ended = time + step;
    return "began";
  }

  /** The noise floor falls fast and rises slowly, slower still during speech. */
  #learn(level, isLoud) {
    const rate = level < this.floor ? 0.2 : isLoud ? 0.0002 : 0.002;
    this.floor = Math.min(-45, Math.max(-90, this.floor + rate * (level - this.floor)));
  }
}

const SURELY_SOUNDS_S = 0.5; // after its state says that it speaks

/**
 * The gap: from the end of the caller's last speech (or the moment a message was sent) to the first sound of the agent's answer.
 * An agent that goes on after a breath does not answer again; an answer needs the caller to have spoken since the last one.
 * Nor does one that goes on after it held its voice for a "mm-hm": its state was "speaking" all the while.
 */
export class GapDetector {
  constructor() {
    this.caller = new Voice({ least: -50, margin: 12, needed: 4, window: 6, pause: 0.3 });
    this.agent = new Voice({ least: -55, margin: 12, needed: 2, window: 3, pause: 0.4 });
    this.isOwed = false;
    this.typedAt = null;
    this.spokenSince = null;
  }

  /** The agent's state says since `time` that it speaks, or (null) that it does not. */
  speaking(time) {
    this.spokenSince = time;
  }

  /** The caller's words stopped the agent, even if it had gone on meanwhile: they will be answered. */
  interrupted() {
    this.isOwed = true;
  }

  /** The caller sent a written message at `time`. */
  typed(time) {
    this.isOwed = true;
    this.typedAt = time;
  }

  /** Levels in dBFS of one step. Returns { gap_ms, is_typed, is_overlap, time } when an answer begins, else null. */
  push(caller, agent, time, step) {
    // While the agent talks, its echo is in the microphone: only what is clearly louder counts as the caller.
    const heard = this.caller.push(caller, time, step, this.agent.isActive ? 10 : 0);
    if (heard === "began") {
      this.isOwed = true;
      this.typedAt = null;
    }
    if (this.agent.push(agent, time, step) !== "began" || !this.isOwed) return null;
    const began = this.agent.began;
    const since = this.typedAt ?? this.caller.ended;
    if (this.spokenSince !== null && since > this.spokenSince + SURELY_SOUNDS_S) {
      this.isOwed = this.caller.isActive; // whoever still speaks may yet want an answer
      return null;
    }
    this.isOwed = false;
    const isOverlap = this.typedAt === null && this.caller.isActive && began - since < 0.05;
    const gap = { gap_ms: Math.max(0, Math.round((began - since) * 1000)), is_typed: this.typedAt !== null, is_overlap: isOverlap };
    this.typedAt = null;
    return { ...gap, time: began };
  }
}

/** Root mean square of samples, in dBFS. */
export function decibel(sumOfSquares, count) {
  return 10 * Math.log10(sumOfSquares / Math.max(1, count) + 1e-12);
}
