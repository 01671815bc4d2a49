// Draws the conversation: both sides' turns, what the agent did, the gap before each answer, and lines of the page itself.

import { readArguments } from "./actions.js";
import { drawWaterfall } from "./waterfall-view.js";
import { waterfall } from "./waterfall.js";
import { OUTCOMES, toolName } from "./words.js";

const NEAR_END_PX = 120;
const TOGETHER_MS = 3_000;
const GUESS_MS = 5_000; // longer than a pause in dictation: a guess that nobody confirmed by then was no turn

export class Conversation {
  #list;
  #frame;
  #announce;
  #turns = new Map();
  #tools = new Map();
  #agentTurn = null;
  #answer = null;
  #owesAnswer = false;
  #gap = null;
  #heard = null;
  #guesses = new Map();
  #isAtEnd = true;

  /** `list` is the <ol>, `frame` what scrolls, `announce(text)` tells a screen reader. */
  constructor(list, frame, announce) {
    this.#list = list;
    this.#frame = frame;
    this.#announce = announce;
    // A notice or the Sound panel makes the frame smaller: the last words must stay in sight.
    new ResizeObserver(() => this.#isAtEnd && this.#toEnd()).observe(frame);
    frame.addEventListener("scroll", () => (this.#isAtEnd = frame.scrollHeight - frame.scrollTop - frame.clientHeight < NEAR_END_PX), { passive: true });
  }

  clear() {
    this.#list.replaceChildren();
    this.#turns.clear();
    this.#tools.clear();
    for (const timer of this.#guesses.values()) clearTimeout(timer);
    this.#guesses.clear();
    this.#agentTurn = this.#answer = this.#gap = this.#heard = null;
    this.#owesAnswer = false;
    this.#isAtEnd = true;
  }

  /** Words of either side; guesses are replaced, final words stay and are announced. */
  caption({ id, who, text, isFinal }) {
    const words = text.trim();
    let turn = this.#turns.get(id);
    if (!words) {
      if (isFinal && turn) this.#remove(id, turn);
      return;
    }
    if (!turn) {
      turn = this.#openTurn(who);
      this.#turns.set(id, turn);
    }
    const isGuess = !isFinal && who === "caller";
    this.#keepingEnd(() => {
      turn.querySelector(".words").textContent = words;
      turn.classList.toggle("guess", isGuess);
      // LiveKit keeps a segment's id until it is final: words that come after the agent spoke again are said now.
      if (isGuess && this.#agentTurn && turn.compareDocumentPosition(this.#agentTurn) & Node.DOCUMENT_POSITION_FOLLOWING) this.#sayAnew(turn);
    });
    if (who === "caller") this.#expire(id, turn, isGuess);
    if (isFinal) this.#announce(`${who === "caller" ? "You" : "Agent"}: ${words}`);
  }

  /** What the caller wrote. */
  typed(text) {
    const turn = this.#openTurn("caller");
    turn.classList.add("typed");
    turn.querySelector(".words").textContent = text;
    this.#toEnd();
  }

  /** A gap heard by the page; it belongs to the answer that begins now, and only if the caller said something before. */
  gap(gap) {
    this.#gap = { ...gap, at: performance.now() };
    // Captions and sound travel apart: the answer's words may have come first.
    if (this.#answer && performance.now() - this.#answer.at < TOGETHER_MS) this.#showGap(this.#answer.turn);
  }

  toolCalled({ tool_call: id, tool, arguments: text, at }) {
    const item = element("li", "tool running");
    const box = element("details");
    const head = element("summary");
    head.append(element("span", "name", toolName(tool)), element("span", "outcome", "working …"));
    box.append(head, definitions(readArguments(text)));
    item.append(box);
    this.#tools.set(id, { item, tool, from: Date.parse(at), to: NaN });
    this.#append(item);
  }

  toolReturned({ tool_call: id, tool, outcome, duration_ms: ms, sentence, at }) {
    if (!this.#tools.has(id)) this.toolCalled({ tool_call: id, tool, arguments: "{}" });
    const used = this.#tools.get(id);
    const item = used.item;
    used.to = Date.parse(at);
    const words = OUTCOMES[outcome] ?? outcome;
    item.classList.replace("running", outcome === "ok" || outcome === "asked" ? "ok" : "failed");
    this.#keepingEnd(() => {
      item.querySelector(".outcome").textContent = Number.isFinite(ms) ? `${words}, ${duration(ms)}` : words;
      if (sentence) item.querySelector("details").append(written("p", "sentence", sentence));
    });
    this.#announce(`${toolName(tool)}: ${words}`);
  }

  /** The caller stopped the agent in mid-speech; what the caption holds beyond the words heard was not said. */
  interrupted({ words_heard: heard }) {
    if (!this.#agentTurn || this.#agentTurn.querySelector(".cut")) return;
    const words = this.#agentTurn.querySelector(".words");
    const { said, unsaid } = cutAfter(words.textContent, heard);
    this.#keepingEnd(() => {
      words.replaceChildren(said, ...(unsaid ? [element("del", "unheard", unsaid)] : ["\u2009\u2014"]));
      this.#agentTurn.append(element("p", "cut", "stopped here, because you spoke"));
    });
  }

  /** A turn is over: how its answer's silence came about, beneath the answer. */
  turnEnded(figures) {
    const tools = [...this.#tools.values()].filter(({ from, to }) => Number.isFinite(to - from));
    const picture = waterfall(figures, this.#heard, tools);
    if (!picture || !this.#agentTurn || this.#agentTurn.querySelector(".waterfall")) return;
    this.#keepingEnd(() => this.#agentTurn.append(drawWaterfall(picture)));
  }

  /** A line of the page itself: the call began, the connection was lost, the call is over. Gives the line, to be reworded. */
  line(text, kind = "") {
    const item = element("li", `line ${kind}`, text);
    this.#append(item);
    return item;
  }

  #openTurn(who) {
    const turn = element("li", `turn ${who}`);
    turn.append(element("p", "who", who === "caller" ? "You" : "Agent"), written("p", "words"));
    if (who === "caller") this.#owesAnswer = true;
    else this.#openAnswer(turn);
    this.#append(turn);
    return turn;
  }

  #sayAnew(turn) {
    this.#list.append(turn);
    this.#owesAnswer = true;
    this.#answer = null;
  }

  #openAnswer(turn) {
    this.#agentTurn = turn;
    if (!this.#owesAnswer) return;
    this.#owesAnswer = false;
    this.#heard = null;
    this.#answer = { turn, at: performance.now() };
    if (this.#gap && performance.now() - this.#gap.at < TOGETHER_MS) this.#showGap(turn);
  }

  #showGap(turn) {
    const { gap_ms: ms, is_typed: isTyped, is_overlap: isOverlap } = (this.#heard = this.#gap);
    this.#gap = this.#answer = null;
    const text = isOverlap ? "while you spoke" : `after ${ms} ms`;
    const note = element("span", "gap", text);
    note.title = isTyped ? "From your message to the first sound of the answer" : "From the end of your speech to the first sound of the answer";
    turn.querySelector(".who").append(" ", note);
  }

  #remove(id, turn) {
    turn.remove();
    this.#turns.delete(id);
    this.#owesAnswer = false;
  }

  /** A guess that nothing follows was noise, or "mm-hm": it goes. Should words come after all, they begin a new line. */
  #expire(id, turn, isGuess) {
    clearTimeout(this.#guesses.get(id));
    this.#guesses.delete(id);
    if (isGuess) this.#guesses.set(id, setTimeout(() => this.#remove(id, turn), GUESS_MS));
  }

  #append(item) {
    this.#keepingEnd(() => this.#list.append(item));
  }

  /** Follow the conversation, unless the reader has scrolled back. */
  #keepingEnd(change) {
    change();
    if (this.#isAtEnd) this.#toEnd();
  }

  #toEnd() {
    this.#isAtEnd = true;
    this.#frame.scrollTop = this.#frame.scrollHeight;
  }
}

function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** An element for words of any language: they run the way their script does. */
function written(tag, className = "", text = "") {
  const made = element(tag, className, text);
  made.dir = "auto";
  return made;
}

/** The words that were heard, and the rest. */
function cutAfter(text, heard) {
  const words = text.split(/(?<=\s)(?=\S)/);
  const count = Number.isFinite(heard) ? heard : words.length;
  return { said: words.slice(0, count).join(""), unsaid: words.slice(count).join("") };
}

function definitions(pairs) {
  const list = element("dl");
  for (const [name, value] of pairs) list.append(element("dt", "", name), written("dd", "", value));
  if (!pairs.length) list.append(element("dt", "", "asked for nothing more"));
  return list;
}

function duration(ms) {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
