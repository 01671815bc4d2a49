// One notice at a time above the controls: what is wrong, the cure, and buttons for it.

/** Shows and hides #notice; a kind keeps an old reason from hiding a newer notice. */
export class Notices {
  #box = document.getElementById("notice");
  #words = document.getElementById("notice-words");
  #actions = document.getElementById("notice-actions");
  #kind = "";
  #timer = 0;
  #onShow;

  constructor(onShow = () => {}) {
    this.#onShow = onShow;
  }

  get kind() {
    return this.#kind;
  }

  /** `actions` is { label: callback }. `isGood` is for news that needs nobody to act; `ms` makes it go by itself. */
  show(kind, { what, cure }, { actions = {}, isGood = false, ms = 0 } = {}) {
    clearTimeout(this.#timer);
    this.#kind = kind;
    this.#box.dataset.kind = kind;
    this.#box.classList.toggle("good", isGood);
    this.#words.replaceChildren(strong(what), ...(cure ? [` ${cure}`] : []));
    this.#actions.replaceChildren(...Object.entries(actions).map(([label, act]) => button(label, () => { this.hide(kind); act(); })));
    this.#box.hidden = false;
    this.#onShow({ kind, what, cure });
    if (ms) this.#timer = setTimeout(() => this.hide(kind), ms);
  }

  /** Hide the notice, or only if it is of this kind. */
  hide(kind = this.#kind) {
    if (kind !== this.#kind) return;
    const hadFocus = this.#box.contains(document.activeElement);
    this.#kind = "";
    this.#box.hidden = true;
    this.#words.replaceChildren();
    this.#actions.replaceChildren();
    // The button that was pressed is gone with the notice; the keyboard must not fall back to the page's top.
    if (hadFocus) document.querySelector("#say:not([hidden]), #talk")?.focus();
  }

  /** Put the keyboard on the first cure. */
  focus() {
    this.#actions.querySelector("button")?.focus();
  }
}

function strong(text) {
  const made = document.createElement("strong");
  made.textContent = text;
  return made;
}

function button(label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "quiet";
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}
