// WAV files for the fake microphone and the recording: 16-bit PCM in, 48 kHz mono out.

import { readFileSync, writeFileSync } from "node:fs";

export const RATE = 48_000;

/** Reads a 16-bit PCM WAV file as { rate, samples } with its channels mixed to one Float32Array. */
export function readWav(path) {
  const file = readFileSync(path);
  if (file.toString("latin1", 0, 4) !== "RIFF" || file.toString("latin1", 8, 12) !== "WAVE") throw new Error(`${path}: not a WAV file`);
  let at = 12;
  let format = null;
  while (at + 8 <= file.length) {
    const [name, size] = [file.toString("latin1", at, at + 4), file.readUInt32LE(at + 4)];
    if (name === "fmt ") format = { code: file.readUInt16LE(at + 8), channels: file.readUInt16LE(at + 10), rate: file.readUInt32LE(at + 12), bits: file.readUInt16LE(at + 22) };
    if (name === "data") return { rate: format.rate, samples: mix(file.subarray(at + 8, Math.min(file.length, at + 8 + size)), format, path) };
    at += 8 + size + (size % 2);
  }
  throw new Error(`${path}: no samples in this WAV file`);
}

function mix(bytes, { code, channels, bits }, path) {
  if (bits !== 16 || ![1, 0xfffe].includes(code)) throw new Error(`${path}: needs 16-bit PCM; convert it with sox`);
  const samples = new Float32Array(Math.floor(bytes.length / 2 / channels));
  for (let i = 0; i < samples.length; i++) {
    for (let c = 0; c < channels; c++) samples[i] += bytes.readInt16LE((i * channels + c) * 2) / 32768 / channels;
  }
  return samples;
}

/** Resamples with a windowed sinc, 8 lobes a side: speech at 16 or 22 kHz must not gain images on its way to 48. */
export function resample({ rate, samples }, target = RATE) {
  if (rate === target) return samples;
  const [ratio, lobes] = [rate / target, 8];
  const cut = Math.min(1, 1 / ratio);
  const made = new Float32Array(Math.floor(samples.length / ratio));
  for (let i = 0; i < made.length; i++) {
    const center = i * ratio;
    for (let k = Math.ceil(center - lobes / cut); k <= center + lobes / cut; k++) {
      const x = (center - k) * cut;
      if (k >= 0 && k < samples.length) made[i] += samples[k] * cut * sinc(x) * sinc(x / lobes);
    }
  }
  return made;
}

function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Silence before and after; the tail keeps a looped microphone from asking twice. */
export function pad(samples, leadS, tailS) {
  const made = new Float32Array(samples.length + Math.round((leadS + tailS) * RATE));
  made.set(samples, Math.round(leadS * RATE));
  return made;
}

/** Writes channels of equal length, each a Float32Array or Int16Array. */
export function writeWav(path, channels, rate = RATE) {
  const frames = channels[0].length;
  const file = Buffer.alloc(44 + frames * channels.length * 2);
  file.write("RIFF", 0);
  file.writeUInt32LE(file.length - 8, 4);
  file.write("WAVEfmt ", 8);
  [[16, 4], [1, 2], [channels.length, 2], [rate, 4], [rate * channels.length * 2, 4], [channels.length * 2, 2], [16, 2]].reduce((at, [value, size]) => {
    file.writeUIntLE(value, at, size);
    return at + size;
  }, 16);
  file.write("data", 36);
  file.writeUInt32LE(frames * channels.length * 2, 40);
  channels.forEach((channel, c) => {
    for (let i = 0; i < frames; i++) {
      const value = channel instanceof Int16Array ? channel[i] : Math.round(channel[i] * 32767);
      file.writeInt16LE(Math.max(-32768, Math.min(32767, value)), 44 + (i * channels.length + c) * 2);
    }
  });
  writeFileSync(path, file);
}
