// The keypad: keys as a telephone sends them. What they mean, the agent knows (docs/phone/README.md).

const CODES = { "*": 10, "#": 11 };

/** Fills `box` with twelve keys; `press(code, key)` sends one. Digits of a keyboard work while the box has the focus. */
export function setUpKeypad(button, box, press) {
  for (const key of "123456789*0#") {
    const one = document.createElement("button");
    one.type = "button";
    one.textContent = key;
    one.dataset.key = key;
    one.setAttribute("aria-label", { "*": "star", "#": "pound" }[key] ?? key);
    one.addEventListener("click", () => press(CODES[key] ?? Number(key), key));
    box.append(one);
  }
  box.addEventListener("keydown", (event) => {
    const one = box.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (one) {
      one.focus();
      one.click();
    }
  });
  button.addEventListener("click", () => show(button, box, box.hidden));
}

/** Opens or closes it. */
export function show(button, box, isOpen) {
  box.hidden = !isOpen;
  button.setAttribute("aria-expanded", String(isOpen));
  if (isOpen) box.querySelector("button").focus();
}
