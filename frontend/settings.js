// The Sound panel: opens and closes it, fills its lists, and says what was chosen.

import { canChooseSpeaker, fill } from "./devices.js";

/** Wires #settings. Returns { refresh, isAnnouncing }. */
export function followSettings({ onMicrophone, onSpeaker }) {
  const $ = (id) => document.getElementById(id);
  const [panel, button] = [$("settings"), $("settings-button")];

  const refresh = async () => {
    await Promise.all([fill($("microphone"), "microphone"), canChooseSpeaker() ? fill($("speaker"), "speaker") : null]);
  };
  const toggle = (isOpen) => {
    panel.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) void refresh().then(() => $("microphone").focus());
  };

  button.addEventListener("click", () => toggle(panel.hidden));
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    toggle(false);
    button.focus();
  });
  $("microphone").addEventListener("change", ({ target }) => onMicrophone(target.value));
  $("speaker").addEventListener("change", ({ target }) => onSpeaker(target.value));
  navigator.mediaDevices?.addEventListener?.("devicechange", () => void refresh());
  if (!canChooseSpeaker()) {
    $("speaker").hidden = true;
    $("speaker-hint").hidden = false;
  }
  return { refresh, isAnnouncing: () => $("announce").checked };
}
