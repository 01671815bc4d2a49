// Reads what the agent did from `parley.event` text streams: JSON objects whose "type" is a word of agent/events.py.

const TOPIC = "parley.event";

/** Calls onEvent(event) for each well-formed event the agent sends; anything else is passed over. */
export function followActions(room, onEvent) {
  room.registerTextStreamHandler(TOPIC, async (reader, from) => {
    if (from?.identity === room.localParticipant.identity) return;
    try {
      const event = JSON.parse(await reader.readAll());
      if (typeof event?.type === "string") onEvent(event);
    } catch {
      // Not JSON, or cut off with the connection: the conversation goes on without it.
    }
  });
  return () => room.unregisterTextStreamHandler(TOPIC);
}

/** A tool's arguments, a JSON string, as [name, value] pairs fit to be read. */
export function readArguments(text) {
  try {
    const parsed = typeof text === "string" ? JSON.parse(text || "{}") : (text ?? {});
    return Object.entries(parsed).map(([name, value]) => [
      name.replaceAll("_", " "),
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
  } catch {
    return text ? [["arguments", String(text)]] : [];
  }
}
