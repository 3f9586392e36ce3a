// Short sentences that come and go, and the window with text to copy.

import { $ } from "./elements.js";

let hiding;

/** Show a sentence for a while. */
export function say(sentence, milliseconds = 5000) {
  $("toast").textContent = sentence;
  $("toast").classList.add("shown");
  clearTimeout(hiding);
  hiding = setTimeout(() => $("toast").classList.remove("shown"), milliseconds);
}

/** Tell readers who don't see the page. */
export const tell = (sentence) => ($("spoken").textContent = sentence);

/** Copy text and say so; return whether the browser let us. */
export async function copy(text, sentence = "✓") {
  try {
    await navigator.clipboard.writeText(text);
    say(sentence);
    return true;
  } catch {
    return false;
  }
}

/** Show a window with text that can be copied. */
export function dialog(title, words, text) {
  $("dialog-title").textContent = title;
  $("dialog-words").textContent = words;
  $("dialog-text").value = text;
  $("dialog").showModal();
  $("dialog-text").select();
}
