// Start the page, or say why it cannot be.

import { boot, isAble } from "./boot.js";
import { $ } from "./elements.js";
import { Ensemble } from "./ensemble.js";
import { forEngine } from "./fields.js";
import { usePalettes, useTheme } from "./look.js";
import { Page } from "./page.js";
import { speak, t } from "./words.js";

// For tests and measurements: what has been drawn, and the engine.
const probe = (window.nnlab = { drawn: 0, shown: 0, generation: 0, done: false, first: null, Ensemble, forEngine });

function sorry(words) {
  $("sorry").textContent = words;
  $("sorry").hidden = false;
  document.querySelector("main").hidden = true;
}

async function start() {
  useTheme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const [, asked] = /[#&]lang=(en|ja)\b/.exec(location.hash) ?? [];
  speak(asked ?? (/^ja\b/.test(navigator.language) ? "ja" : "en"));
  if (!isAble()) return sorry(t().noWasm);
  try {
    const parts = await boot();
    usePalettes(parts.facts.colours);
    document.querySelector("main").hidden = false;
    probe.page = new Page(parts, probe);
  } catch (error) {
    sorry(t().broken(String(error)));
  }
}

start();
