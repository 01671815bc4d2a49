// The profiles that are served: a list to choose from when there are several, remembered by the browser.

import { remember, remembered } from "./devices.js";

/** Fills `select` and shows `choice` when there are several; `onChosen` hears the chosen { name, title, who }, now and later. */
export function chooseProfile(choice, select, profiles, first, onChosen) {
  const named = (name) => profiles.find((profile) => profile.name === name);
  const begin = named(remembered("profile")) ?? named(first);
  select.replaceChildren(...profiles.map(({ name, title }) => new Option(title, name)));
  select.value = begin.name;
  select.addEventListener("change", () => {
    remember("profile", select.value);
    onChosen(named(select.value));
  });
  choice.hidden = profiles.length < 2;
  onChosen(begin);
}
