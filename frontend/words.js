// Every sentence the page says by itself when something is wrong or over: what happened, and the cure. No DOM here.

/** Why there is no microphone, from the name of getUserMedia's error. */
export function explainMicrophone(error, isSecure = true) {
  if (!isSecure) {
    return {
      what: "The browser gives no microphone to this address.",
      cure: "Open the page over https, or on the machine it runs on.",
    };
  }
  return MICROPHONE[error?.name] ?? {
    what: "The microphone could not be opened.",
    cure: `Try another one under Sound. (${error?.name ?? "unknown"})`,
  };
}

const MICROPHONE = {
  NotAllowedError: {
    what: "The browser was told not to share your microphone.",
    cure: "Allow the microphone for this page, next to its address, then try again.",
  },
  NotFoundError: {
    what: "No microphone was found.",
    cure: "Plug one in or switch your headset on, then try again.",
  },
  NotReadableError: {
    what: "Your microphone is there, but another program is using it.",
    cure: "Close the other call or recorder, then try again.",
  },
  OverconstrainedError: {
    what: "The microphone you chose is gone.",
    cure: "Choose another one under Sound, then try again.",
  },
};

export const PAGE_SERVER_AWAY = {
  what: "This page's server does not answer.",
  cure: "It may have been stopped; once it runs again, call again.",
};

export const LIVEKIT_AWAY = {
  what: "The call server is away.",
  cure: "LiveKit does not answer; once it runs again, call again.",
};

export const LIVEKIT_BLOCKED = {
  what: "The call server is there, but your browser cannot reach it.",
  cure: "A firewall or VPN may block calls; try another network.",
};

export const NO_AGENT = {
  what: "Nobody answered: no agent came within 10 seconds.",
  cure: "The worker may be stopped or busy; it is asked again until somebody comes or you leave.",
};

export const AGENT_LOST = {
  what: "The agent does not answer any more.",
  cure: "Please hold the line: another one is asked to go on with your call …",
};

export const CONNECTION_LOST = { what: "The connection was lost.", cure: "Trying to get it back …" };

export const CONNECTION_FOUND = { what: "The connection is back.", cure: "" };

export const SOUND_BLOCKED = { what: "The browser holds back the agent's voice.", cure: "It needs one click from you." };

export const MICROPHONE_LOST = {
  what: "Your microphone went away.",
  cure: "It was unplugged, or this page may no longer use it. Plug it in or allow it, then try again, or write.",
};

export const MICROPHONE_SILENT = {
  what: "Your microphone gives no sound at all.",
  cure: "It may be switched off or the wrong one; choose another under Sound, or write.",
};

/** What a token refusal means for the caller. */
export function explainToken(status, message, code = "") {
  if (status === 429) return { what: "Too many calls from here.", cure: `${sentence(message)}` };
  if (code === "no_network") return { what: "No call gets through here.", cure: sentence(message) };
  if (status === 403) return { what: "This page may not start calls.", cure: sentence(message) };
  return { what: "The page's server gave no token.", cure: sentence(message || `It said ${status}.`) };
}

/** Why a call is over, from call_ended's reason (agent/events.py, EndReason). */
export function explainEnd(reason) {
  return ENDS[reason] ?? "The call is over.";
}

const ENDS = {
  you_left: "You left the call.",
  caller_left: "You left the call.",
  caller_goodbye: "The call ended with a goodbye.",
  caller_silent: "The agent hung up, because it heard nothing from you.",
  connection_lost: "The call ended, because the connection did not come back.",
  time_limit: "The call reached its time limit.",
  turn_limit: "The call reached its limit of turns.",
  cost_limit: "The call reached what it may cost.",
  provider_failed: "The agent could not go on: something it needs to hear, think or speak failed.",
  transferred: "You were put through to a person, and that call is over.",
  worker_stopped: "The agent's worker was stopped.",
  crashed: "The agent broke down. That was not your doing.",
  agent_gone: "The agent broke down, and nobody could go on with your call. That was not your doing.",
  agent_left: "The agent left the call without saying why.",
  server_stopped: "The call server was stopped.",
  elsewhere: "This call was taken over by another page.",
};

/** What a tool is doing or did, in words: lookup_order -> "Lookup order". */
export function toolName(tool) {
  const words = String(tool).replaceAll("_", " ").trim();
  return words ? words[0].toUpperCase() + words.slice(1) : "Tool";
}

export const OUTCOMES = {
  ok: "done",
  asked: "asks first",
  refused: "refused",
  failed: "failed",
  timed_out: "took too long",
  cancelled: "cancelled",
};

export const STATES = {
  connecting: "Connecting …",
  waiting: "Calling …",
  initializing: "Getting ready …",
  idle: "Listening",
  listening: "Listening",
  thinking: "Thinking",
  speaking: "Speaking",
  lost: "Connection lost",
  gone: "Nobody there …",
};

/** What a turn's silence is made of (waterfall.js): as a line of the table, and as a word of the summary. */
export const STAGES = {
  words: { name: "Your words", did: "heard" },
  wait: { name: "Silence waited for", did: "waited" },
  rest: { name: "Before that", did: "before" },
  llm: { name: "Decision", did: "thought" },
  tools: { name: "Tools", did: "looked up" },
  tts: { name: "First sound", did: "voiced" },
  send: { name: "Into the call", did: "sent" },
  way: { name: "On the way", did: "on the way" },
};

export const NOTES = {
  prepared: "Hatched: prepared on a guess of your words, while the silence had to show that you were done.",
  filler: "A few words were said first, so that the tool did not keep you in silence; the line marks when you heard them.",
  typed: "Counted from the moment you sent your message.",
  unheard: "As the agent saw it: this page heard no gap here.",
};

/** US cents as they are read: 0.42 ¢, 3.1 ¢, $1.20. */
export function cents(amount) {
  if (amount >= 100) return `$${(amount / 100).toFixed(2)}`;
  return `${amount.toFixed(amount < 1 ? 2 : 1)} ¢`;
}

/** Who was paid for a call, by its `cost_grew`. */
export function costBy({ stt_cents: heard, llm_cents: thought, tts_cents: spoken }) {
  return `hearing ${cents(heard)}, thinking ${cents(thought)}, speaking ${cents(spoken)}`;
}

function sentence(text) {
  const trimmed = String(text).trim();
  return trimmed ? `${trimmed[0].toUpperCase()}${trimmed.slice(1)}${/[.!?…]$/.test(trimmed) ? "" : "."}` : "";
}
