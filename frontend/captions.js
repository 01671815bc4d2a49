// Turns `lk.transcription` text streams into captions: who spoke, which segment, the words so far, whether they stay.

const TOPIC = "lk.transcription";

/**
 * Calls onCaption({ id, who, text, isFinal }) for both sides of the call.
 *
 * The caller's words come as one stream for each guess, all with the same segment id; the last is marked final.
 * The agent's words come as one stream for each stretch of speech, which grows as the words are spoken.
 */
export function followCaptions(room, onCaption) {
  const settled = new Set();
  const newest = new Map();
  let streams = 0;

  room.registerTextStreamHandler(TOPIC, async (reader, from) => {
    const order = ++streams;
    const id = reader.info.attributes?.["lk.segment_id"] ?? reader.info.id;
    const who = speaker(room, from?.identity, reader.info.attributes);
    let text = "";
    const say = (isFinal) => {
      // A guess that arrives late must not overwrite a newer one, nor the final words.
      if (settled.has(id) || (who === "caller" && order < (newest.get(id) ?? 0))) return;
      newest.set(id, order);
      if (isFinal) settled.add(id);
      onCaption({ id, who, text, isFinal });
    };
    try {
      for await (const piece of reader) {
        text += piece;
        if (who === "agent") say(false);
      }
    } catch {
      // The stream broke with the connection; what was read of it was said.
    }
    say(who === "agent" || reader.info.attributes?.["lk.transcription_final"] === "true");
  });
  return () => room.unregisterTextStreamHandler(TOPIC);
}

function speaker(room, identity, attributes) {
  const me = room.localParticipant;
  const track = attributes?.["lk.transcribed_track_id"];
  const isMine = identity === me.identity || (track && [...me.trackPublications.values()].some((p) => p.trackSid === track));
  return isMine ? "caller" : "agent";
}
