// Microphones and speakers: opening one, listing them, remembering the choice.

import { Room, TrackEvent, createLocalAudioTrack, supportsAudioOutputSelection } from "./vendor/livekit-client.esm.mjs";

const REMEMBERED = { microphone: "parley.microphone", speaker: "parley.speaker", profile: "parley.profile" };

/** Opens the chosen microphone. Throws the browser's own error, whose name words.js explains. */
export async function openMicrophone(deviceId) {
  const wishes = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  try {
    return await createLocalAudioTrack({ ...wishes, ...(deviceId ? { deviceId: { exact: deviceId } } : {}) });
  } catch (error) {
    const isGone = deviceId && ["OverconstrainedError", "NotFoundError"].includes(error?.name);
    if (!isGone) throw error;
    // The remembered one was unplugged: any other serves better than none.
    return createLocalAudioTrack(wishes);
  }
}

/**
 * A LocalAudioTrack outlives what it takes its sound from. Calls onSource(MediaStreamTrack) whenever it has another one: the device
 * was unplugged, changed or opened anew. Calls onLost() when the last one ended and none can be had; the track is muted then.
 */
export function followMicrophone(track, { onSource, onLost }) {
  track.on(TrackEvent.Restarted, () => onSource(track.mediaStreamTrack));
  // livekit-client looks for another device, and mutes the track when there is none.
  track.on(TrackEvent.Muted, () => track.mediaStreamTrack.readyState === "ended" && onLost());
  // It does so for a track in a room only; one that ends while the room is joined is ours to open again.
  track.on(TrackEvent.Ended, () => track.sender || track.restartTrack().catch(onLost));
}

/** True where the browser lets a page choose the speaker (setSinkId). */
export function canChooseSpeaker() {
  return supportsAudioOutputSelection();
}

/** The stored choice for "microphone", "speaker" or "profile"; empty means the system's. */
export function remembered(kind) {
  try {
    return localStorage.getItem(REMEMBERED[kind]) ?? "";
  } catch {
    return "";
  }
}

export function remember(kind, choice) {
  try {
    localStorage.setItem(REMEMBERED[kind], choice);
  } catch {
    // Private windows may have no storage; the choice then lasts as long as the page.
  }
}

/** Fills a <select> with the devices of "microphone" or "speaker". Names are only known once a microphone was allowed. */
export async function fill(select, kind) {
  const devices = await Room.getLocalDevices(kind === "microphone" ? "audioinput" : "audiooutput", false).catch(() => []);
  const wanted = select.value || remembered(kind);
  const named = devices.filter((device) => device.deviceId && device.deviceId !== "default");
  const options = [new Option(kind === "microphone" ? "System's microphone" : "System's speaker", "")];
  named.forEach((device, n) => options.push(new Option(device.label || `${kind} ${n + 1}`, device.deviceId)));
  select.replaceChildren(...options);
  select.value = named.some((device) => device.deviceId === wanted) ? wanted : "";
}
