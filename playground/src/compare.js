// Settings beside one another: what is pinned, and all that was tried.

import { $, make } from "./elements.js";
import { SUITS } from "./parts.js";
import { count, t } from "./words.js";

const NAMES = "ABCDEFGH", MOST_TRIED = 40;

export class Compare {
  /** article: the setting that others are described by; revisit: called with what was chosen. */
  constructor(article, { revisit, changed }) {
    Object.assign(this, { article, revisit, changed });
    this.pins = [];
    this.tried = [];
  }

  /** Keep a result: {setting, seeds, frame, …}. Returns its name, or nothing if there is no room. */
  pin(result) {
    const name = [...NAMES].find((letter) => !this.pins.some((pin) => pin.name === letter));
    if (name) this.pins.push({ name, ...result });
    this.draw();
    return name;
  }

  /** Note a result among those tried, the newest first, each setting once. */
  note(result) {
    const key = JSON.stringify([result.setting, result.seeds]);
    this.tried = [{ key, ...result }, ...this.tried.filter((each) => each.key !== key)].slice(0, MOST_TRIED);
    this.draw();
  }

  /** A setting in short: what differs from the article's, or from what suits its data. */
  label(setting) {
    const usual = { ...this.article, ...SUITS[setting.data] };
    const differing = Object.keys(this.article).filter((name) => String(setting[name]) !== String(usual[name]));
    return differing.map((name) =>
      name === "hidden"
        ? `${t().layers} ${setting.hidden.join("–") || t().none}`
        : name === "data"
          ? t().sets[setting.data]
          : `${t()[name]} ${setting[name] ?? t().none}`).join(", ") || t().changedNothing;
  }

  draw() {
    $("pins").replaceChildren(...this.pins.map((pin) => this.pinned(pin)));
    if (!this.pins.length) $("pins").append(make("p", { className: "small", textContent: t().noPins }));
    $("tried").replaceChildren(...this.tried.map((each) => {
      const cells = [this.button(each, this.label(each.setting)), ...outcome(each)];
      return make("tr", {}, ...cells.map((cell) => make("td", {}, cell)));
    }));
  }

  pinned(pin) {
    const go = this.button(pin, `${this.label(pin.setting)}: ${outcome(pin).join(", ")}`);
    const remove = make("button", { type: "button", className: "round", textContent: "×", "aria-label": t().unpin(pin.name) });
    remove.addEventListener("click", () => {
      this.pins = this.pins.filter((each) => each !== pin);
      this.draw();
      this.changed();
    });
    return make("div", { className: "pin" }, make("b", { textContent: pin.name }), go, remove);
  }

  button(result, words) {
    const made = make("button", { type: "button", textContent: words });
    made.addEventListener("click", () => this.revisit(result));
    return made;
  }
}

/** What became of a result, and how many updates it took, in words. */
function outcome({ frame, seeds }) {
  if (!seeds) return [t().outcomes[frame.outcome], count(frame.updates)];
  return [`${frame.learned.length} / ${frame.ended}`, Number.isFinite(frame.median) ? count(frame.median) : "–"];
}
