// Settings as links and as lines of Python: `node fields.mjs ENGINE_FOLDER < settings`.

import { readFileSync } from "node:fs";
import { articleOf, forEngine, fromHash, settled, toHash, toPython } from "../../playground/src/fields.js";
import { baseOf } from "../../playground/src/parts.js";
import { VOCABULARIES } from "../../playground/src/words.js";

const facts = JSON.parse(readFileSync(`${process.argv[2]}/facts.json`, "utf8"));
const article = articleOf(facts), base = baseOf(article);
const { settings = [], hashes = [] } = JSON.parse(readFileSync(0, "utf8"));
const shape = (value) =>
  typeof value !== "object" ? typeof value
  : Array.isArray(value) ? value.length
  : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shape(each)]));
console.log(JSON.stringify({
  settings: settings.map((changes) => {
    const { setting } = settled({ ...article, ...changes }, facts);
    return {
      setting,
      back: fromHash(`#${toHash(1, setting, article)}`, facts, base),
      python: toPython(setting, facts),
      engine: forEngine(setting, facts),
    };
  }),
  hashes: hashes.map((hash) => fromHash(hash, facts, base)),
  parts: [1, 2, 3, 4, 5, 6, 7].map((part) => settled(base(part), facts)),
  vocabularies: Object.fromEntries(Object.entries(VOCABULARIES).map(([name, words]) => [name, shape(words)])),
}));
