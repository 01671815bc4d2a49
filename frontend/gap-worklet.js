// Runs on the audio thread, which goes on in background tabs: both voices on one clock, in steps of 10 ms.

import { GapDetector, decibel } from "./gap-detector.js";

const LEVEL_EVERY = 5;

class GapMeter extends AudioWorkletProcessor {
  #detector = new GapDetector();
  #stepLength = Math.round(sampleRate / 100);
  #sums = [0, 0];
  #peaks = [-120, -120];
  #count = 0;
  #steps = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      if (data === "typed") this.#detector.typed(currentTime);
      else if (data === "interrupted") this.#detector.interrupted();
      else this.#detector.speaking(data === "speaking" ? currentTime : null);
    };
  }

  process(inputs) {
    const length = inputs[0]?.[0]?.length ?? inputs[1]?.[0]?.length ?? 128;
    for (let i = 0; i < length; i++) {
      for (const side of [0, 1]) {
        const sample = inputs[side]?.[0]?.[i] ?? 0;
        this.#sums[side] += sample * sample;
      }
      if (++this.#count === this.#stepLength) this.#step((currentFrame + i + 1 - this.#stepLength) / sampleRate);
    }
    return true;
  }

  #step(time) {
    const [caller, agent] = this.#sums.map((sum) => decibel(sum, this.#stepLength));
    this.#sums = [0, 0];
    this.#count = 0;
    const gap = this.#detector.push(caller, agent, time, this.#stepLength / sampleRate);
    if (gap) this.port.postMessage({ type: "gap", ...gap });
    this.#peaks = [Math.max(this.#peaks[0], caller), Math.max(this.#peaks[1], agent)];
    if (++this.#steps % LEVEL_EVERY) return;
    this.port.postMessage({ type: "levels", caller: this.#peaks[0], agent: this.#peaks[1] });
    this.#peaks = [-120, -120];
  }
}

registerProcessor("gap-meter", GapMeter);
