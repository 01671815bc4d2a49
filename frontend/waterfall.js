// What the silence before an answer was made of: the worker's figures of a turn and the page's own gap, as bars on one axis. No DOM here.

/**
 * `turn` is a turn_ended event, `gap` the page's { gap_ms, is_typed, is_overlap } or null, `tools` are [{ tool, from, to }] in ms since 1970 on the
 * worker's clock. All that comes back is in ms, and 0 is the end of the caller's speech. null when nothing is known.
 *
 *   total     what the caller heard, or as far as the worker could see
 *   heardAt   when the page heard the first sound; null when it did not
 *   rows      [{ stage, tool, spans: [{ from, to, isEarly }] }] as it happened, overlaps and all; isEarly: done ahead, in the silence waited for
 *   parts     [{ stage, ms }] one after the other, as the caller waited; together they are `total`
 *   notes     words of NOTES in words.js that hold for this turn
 */
export function waterfall(turn, gap = null, tools = []) {
  const heard = gap && !gap.is_overlap ? gap.gap_ms : null;
  const notes = notesOf(turn, gap);
  const isSpoken = isNumber(turn.e2e_ms) && isNumber(turn.endpointing_ms);
  if (!isSpoken) return heard === null ? null : { ...written(turn, heard), notes };
  const stages = turn.had_tools ? withTools(turn, tools) : plain(turn);
  // A filler was heard first: how long the answer itself was on its way is not known then.
  const end = heard !== null && !turn.opened_by_filler ? heard : turn.e2e_ms;
  const all = end === heard ? [...stages, ["way", [[turn.e2e_ms, heard]]]] : stages;
  // A soft last word: the worker took the speech to be over before the page did, and its clock began earlier.
  const early = Math.max(0, turn.e2e_ms - end);
  return { ...laidOut(all, turn.endpointing_ms, end, early), heardAt: heard, notes };
}

/** The answer to a question by voice: words and answer may have been ready before the silence was long enough. */
function plain(turn) {
  const { wait, begun, words, llm, tts } = lengths(turn);
  const ready = begun + llm + tts;
  return [
    ["words", [[0, words]]],
    ["wait", [[0, wait]]],
    ["llm", [[begun, begun + llm]]],
    ["tts", [[begun + llm, ready]]],
    ["send", [[Math.max(wait, ready), turn.e2e_ms]]],
  ].map(([stage, spans]) => [stage, cut(spans, turn.e2e_ms)]);
}

/** With tools the last thought is laid out from its end; what lies before it are the tools and the thought that asked for them. */
function withTools(turn, tools) {
  const { wait, begun, words, llm, tts } = lengths(turn);
  const end = turn.e2e_ms;
  const sent = Math.max(wait, end - (turn.output_ms ?? 0));
  const voiced = Math.max(wait, sent - tts);
  const thought = Math.max(wait, voiced - llm);
  const used = placed(turn, tools, thought);
  const first = Math.min(thought, ...used.map(({ spans: [[from]] }) => from));
  return [
    ["words", [[0, words]]],
    ["wait", [[0, wait]]],
    ["llm", used.length ? [[begun, first], [thought, voiced]] : [[thought, voiced]]],
    ...(used.length ? used.map(({ tool, spans }) => ["tools", spans, tool]) : [["tools", [[wait, thought]]]]),
    ["tts", [[voiced, sent]]],
    ["send", [[sent, end]]],
  ].map(([stage, spans, tool]) => [stage, cut(spans, end), tool]);
}

/** A written question has no silence to wait for, and the worker does not know when it was sent. */
function written(turn, heard) {
  const { llm, tts } = lengths(turn);
  const sending = turn.output_ms ?? 0;
  const begun = Math.max(0, heard - llm - tts - sending);
  const [thought, voiced] = [begun + llm, begun + llm + tts];
  const stages = [["rest", [[0, begun]]], ["llm", [[begun, thought]]], ["tts", [[thought, voiced]]], ["send", [[voiced, heard]]]];
  return { ...laidOut(stages.map(([stage, spans]) => [stage, cut(spans, heard)]), 0, heard), heardAt: heard };
}

function lengths(turn) {
  const wait = Math.max(0, turn.endpointing_ms ?? 0);
  const begun = turn.was_prepared ? Math.max(0, wait - (turn.prepared_ms ?? 0)) : wait;
  const words = turn.was_prepared ? begun : Math.min(Math.max(0, turn.stt_ms ?? 0), wait);
  return { wait, begun, words, llm: turn.llm_ttft_ms ?? 0, tts: turn.tts_ttfb_ms ?? 0 };
}

/** The tools of this turn alone, in ms from the end of speech. */
function placed(turn, tools, until) {
  if (!isNumber(turn.speech_ended_at)) return [];
  const zero = turn.speech_ended_at * 1000;
  return tools
    .map(({ tool, from, to }) => ({ tool, spans: [[from - zero, Math.min(until, to - zero)]] }))
    .filter(({ spans: [[from, to]] }) => from >= 0 && to > from);
}

function cut(spans, end) {
  return spans.map(([from, to]) => [Math.min(from, end), Math.min(to, end)]);
}

/** Rows with their spans parted at the end of the turn, and the parts that the caller waited for. */
function laidOut(stages, endpointing, total, early = 0) {
  const wait = Math.max(0, endpointing - early);
  const rows = stages
    .map(([stage, spans, tool = null]) => {
      const moved = spans.map(([from, to]) => [Math.max(0, from - early), to - early]);
      return { stage, tool, spans: moved.flatMap((span) => parted(span, AT_ONCE.has(stage) ? 0 : wait)) };
    })
    .filter(({ spans }) => spans.length > 0);
  return { total: Math.max(0, total), rows, parts: partsOf(rows, wait, total) };
}

function parted([from, to], wait) {
  const spans = from < wait && to > wait ? [[from, wait], [wait, to]] : [[from, to]];
  return spans.filter(([a, b]) => b - a >= 1).map(([a, b]) => ({ from: a, to: b, isEarly: b <= wait }));
}

/** Each moment of the wait once, in the order of the clock: words before silence, and of what overlaps later the tools last. */
function partsOf(rows, wait, total) {
  const taken = (stage) => rows.filter((row) => row.stage === stage).flatMap((row) => row.spans).filter((span) => !span.isEarly).reduce((sum, { from, to }) => sum + to - from, 0);
  const words = Math.min(taken("words"), wait);
  const parts = [["words", words], ["wait", Math.min(wait, total) - words]];
  for (const stage of ["rest", "llm", "tts", "send", "way"]) parts.push([stage, taken(stage)]);
  const others = parts.reduce((sum, [, ms]) => sum + ms, 0);
  if (rows.some(({ stage }) => stage === "tools")) parts.splice(3, 0, ["tools", total - others]);
  return parts.filter(([, ms]) => ms >= 1).map(([stage, ms]) => ({ stage, ms }));
}

function notesOf(turn, gap) {
  return [
    ...(turn.was_prepared ? ["prepared"] : []),
    ...(turn.opened_by_filler ? ["filler"] : []),
    ...(gap?.is_typed ? ["typed"] : []),
    ...(gap && !gap.is_overlap ? [] : ["unheard"]),
  ];
}

const AT_ONCE = new Set(["words", "wait"]); // what the silence itself is made of is not ahead of anything
const isNumber = (value) => Number.isFinite(value);
