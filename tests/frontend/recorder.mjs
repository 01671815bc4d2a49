// What a script plants in the page before it loads: a list of what the page said, a recorder, a microphone to speak into.
// Everything here runs inside the browser; it may refer to nothing outside its own function.

/** Keeps every "parley" event of the page in window.seen. */
export function watch() {
  window.seen = [];
  document.addEventListener("parley", ({ detail }) => window.seen.push(detail));
}

/**
 * Records the microphone (left) and what the agent's track plays (right) on one clock, off the page's own code.
 * window.record.take() ends it and gives { rate, left, right } as base64 of 16-bit samples.
 */
export function record() {
  const context = new AudioContext({ sampleRate: 48000 });
  const merger = new ChannelMergerNode(context, { numberOfInputs: 2 });
  const sink = new MediaStreamAudioDestinationNode(context, { channelCount: 2 });
  merger.connect(sink);
  const chunks = [];
  const type = ["audio/webm;codecs=pcm", "audio/webm;codecs=opus"].find((t) => MediaRecorder.isTypeSupported(t));
  const recorder = new MediaRecorder(sink.stream, { mimeType: type, audioBitsPerSecond: 256_000 });
  recorder.ondataavailable = ({ data }) => chunks.push(data);

  const hear = (track, side) => {
    if (recorder.state === "inactive") recorder.start(1000);
    void context.resume();
    const mono = new GainNode(context, { channelCount: 1, channelCountMode: "explicit" });
    new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([track]) }).connect(mono).connect(merger, 0, side);
  };

  const getUserMedia = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wishes) => {
    const stream = await getUserMedia(wishes);
    if (stream.getAudioTracks().length) hear(stream.getAudioTracks()[0].clone(), 0);
    return stream;
  };
  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(...given) {
      super(...given);
      this.addEventListener("track", ({ track }) => track.kind === "audio" && hear(track, 1));
    }
  };

  const base64 = (floats) => {
    const bytes = new Uint8Array(Int16Array.from(floats, (x) => Math.max(-1, Math.min(1, x)) * 32767).buffer);
    let text = "";
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(text);
  };
  window.record = {
    async take() {
      if (recorder.state === "inactive") return null;
      await new Promise((done) => { recorder.onstop = done; recorder.stop(); });
      const heard = await context.decodeAudioData(await new Blob(chunks).arrayBuffer());
      return { rate: heard.sampleRate, left: base64(heard.getChannelData(0)), right: base64(heard.getChannelData(Math.min(1, heard.numberOfChannels - 1))) };
    },
  };
}

/** A microphone that is silent until window.speak(base64 of 16-bit samples at 48 kHz), which resolves when all is said. */
export function microphone() {
  const context = new AudioContext({ sampleRate: 48000 });
  const sink = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
  new ConstantSourceNode(context, { offset: 0 }).connect(sink);
  navigator.mediaDevices.getUserMedia = async () => {
    await context.resume();
    return sink.stream.clone();
  };
  window.speak = (text) => {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const words = new Int16Array(bytes.buffer);
    const buffer = new AudioBuffer({ length: words.length, sampleRate: 48000 });
    buffer.copyToChannel(Float32Array.from(words, (x) => x / 32768), 0);
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(sink);
    source.start();
    return new Promise((done) => (source.onended = done));
  };
}
