// The level meter: how loud the caller is, and how loud the agent, from dBFS to the length of a bar.

const QUIETEST_DB = -60;
const SILENT_DB = -85;
const SILENT_MS = 8_000;

/** Draws levels into CSS variables; calls onSilent() once when an open microphone gives digital silence. */
export class Meter {
  #element;
  #onSilent;
  #silentSince = null;
  #hasWarned = false;

  constructor(element, onSilent) {
    this.#element = element;
    this.#onSilent = onSilent;
  }

  /** Levels in dBFS; `isOpen` says whether the caller's microphone should give any. */
  show({ caller, agent }, isOpen) {
    this.#set("--caller", isOpen ? caller : -120);
    this.#set("--voice", agent);
    if (!isOpen || caller > SILENT_DB) this.#silentSince = null;
    else this.#silentSince ??= performance.now();
    if (this.#hasWarned || this.#silentSince === null || performance.now() - this.#silentSince < SILENT_MS) return;
    this.#hasWarned = true;
    this.#onSilent();
  }

  /** No call, or a muted microphone. */
  quiet() {
    this.#silentSince = null;
    this.#set("--caller", -120);
    this.#set("--voice", -120);
  }

  #set(name, level) {
    const share = Math.min(1, Math.max(0, 1 - level / QUIETEST_DB));
    document.body.style.setProperty(name, share.toFixed(3));
    if (name === "--caller") this.#element.dataset.level = share.toFixed(2);
  }
}
