// The moment at which a run is looked at: a slider goes there, play shows the way as a film.

import { $ } from "./elements.js";
import { t } from "./words.js";

const FILM = 7000; // milliseconds from a run's start to its end

export class Player {
  /** draw: called when the moment has changed, and whether at once. */
  constructor(draw) {
    this.draw = draw;
    this.moment = 1; // share of the run's way, as its axis has it
    this.playing = false;
    $("moment").addEventListener("input", (event) => {
      this.stop();
      this.moment = event.target.value / 1000;
      draw(false);
    });
    $("play").addEventListener("click", () => (this.playing ? this.stop() : this.play()));
  }

  toEnd() {
    this.stop();
    this.moment = 1;
  }

  play() {
    this.show(true);
    if (this.moment >= 1) this.moment = 0;
    let last = performance.now();
    const step = (now) => {
      if (!this.playing) return;
      this.moment = Math.min(1, this.moment + (now - last) / FILM);
      last = now;
      this.draw(true);
      if (this.moment >= 1) this.stop();
      else requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  stop() {
    if (this.playing) this.show(false);
  }

  show(playing) {
    this.playing = playing;
    $("play").textContent = playing ? "❚❚" : "▶";
    $("play").setAttribute("aria-label", playing ? t().pause : t().play);
  }
}
