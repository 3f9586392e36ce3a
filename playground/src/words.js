// All words of the page, English and Japanese. Names of rules stay as they are in code.

import { plain } from "./plain.js";

const EN = {
  title: "nnlab playground",
  playground: "playground", skip: "To the run", parts: "The seven parts", lead: "Data and learning rate",
  rest: "Other hyperparameters", stage: "The run", below: "Other settings", data: "Data",
  share: "Link", python: "Python",
  legend: [["positive", "positive weight"], ["negative", "negative"], ["high", "unit high"], ["low", "unit low"]], theme: "Light or dark", copy: "Copy", close: "Close",
  partNames: ["Learning rate", "Initial weights", "Activation", "When to update", "Layers", "Update rule", "Normalization"],
  hints: [
    "Drag the rate from 0.05 up to 5: the same network learns a thousand times sooner. And beyond?",
    "The start decides: press New seed, then 100 seeds. Then try zeros.",
    "Change the activation and watch the shapes that the hidden units draw.",
    "One pattern an update, or all six? Drag the batch size and count updates and epochs.",
    "Two arms need bent borders. Take units and layers away until it fails.",
    "Same gradient, other step: change the rule and see where it breaks.",
    "The digits, with batch norm. Turn it off, and raise the rate until learning dies.",
  ],
  sets: { parity: "parity", circles: "circles", moons: "moons", spirals: "spirals", digits: "digits" },
  learning_rate: "learning rate", rate_number: "learning rate, as a number",
  init: "initial weights", scale: "scale", activation: "activation", batch_size: "batch size",
  layers: "hidden layers", optimizer: "update rule", normalization: "normalization",
  schedule: "schedule", span: "over updates", conditions: "More conditions",
  weight_decay: "weight decay", dropout: "dropout", loss: "loss", output: "output", tolerance: "tolerance",
  max_updates: "most updates", shuffle: "shuffle each epoch", init_seed: "seed of the start", order_seed: "seed of the order",
  none: "none", full: "full", asNumber: (name) => `${name}, as a number`,
  moreUnits: (k) => `One unit more in hidden layer ${k}`, fewerUnits: (k) => `One unit fewer in hidden layer ${k}`,
  moreLayers: "One hidden layer more", fewerLayers: "One hidden layer fewer",
  reseed: "New seed", seeds: "100 seeds", pin: "Pin", play: "Play the run as a film", pause: "Pause", moment: "moment of the run",
  axis_log: "log axis", axis_linear: "linear axis",
  converged: (n) => `Learned after <b>${n}</b> updates`, diverged: (n) => `Diverged after <b>${n}</b> updates`,
  "out of updates": (n) => `Not learned within <b>${n}</b> updates`, running: (n) => `Training … <b>${n}</b> updates`,
  outcomes: { converged: "learned", diverged: "diverged", "out of updates": "not learned", running: "training" },
  counts: (epochs, time) => `${epochs} epochs in ${time}`,
  accuracy: (learned, heldOut) => `${learned} right${heldOut ? `, held out ${heldOut}` : ""}`,
  found: {
    diverged: () => "the weights grew beyond all numbers (NaN): the steps are too large",
    wrong: (f) => `still wrong: ${patterns(f)}`, far: (f) => `right, but not within tolerance: ${patterns(f)}`,
    half: () => "all outputs are near 0.5",
    wrongInUse: (f) => `learned as presented, yet wrong in use: ${patterns(f)}`,
    farInUse: (f) => `learned as presented, yet not within tolerance in use: ${patterns(f)}`,
    alike: (f) => `units ${f.units.join(", ")} of layer ${f.layer} are identical`,
    saturated: (f) => `${f.count} of ${f.of} units of layer ${f.layer} are saturated`,
    dead: (f) => `${f.count} of ${f.of} ReLUs of layer ${f.layer} are dead`,
  },
  of: (n, all) => `${n} of ${all} patterns`,
  seedsVerdict: (learned, all) => `<b>${learned}</b> of ${all} seeds learned`,
  times: (n) => `${n} updates`, seedsDetails: (median, diverged, budget) => `median ${median}; ${diverged} diverged; each within ${budget} updates at most`,
  seedsSame: "nothing is random in this setting: all seeds give this one run",
  never: "not learned",
  errorTitle: "error of each pattern", meanErrorTitle: "mean error", weightsTitle: (k, n) => `weights W[${k}], ${n}`,
  worstTitle: "largest error: median, 10–90 %", learnedTitle: "share that has learned by then",
  learnedFrom: "learned", heldOut: "held out", updates: "updates", update: (n) => `update ${n}`,
  outputsCaption: "outputs; bars are the targets", boundaryCaption: "what the network has drawn", digitsCaption: "held-out digits; wrong ones framed",
  seedsCaption: "each dot a seed; the stronger its colour, the longer it took",
  curveTitle: "updates until learned, over the learning rate", notLearned: "not learned",
  map_title: "updates until learned", mapAxes: "across: learning rate · up: scale of the start", mapCell: (rate, scale, what) => `rate ${rate}, scale ${scale}: ${what}`,
  compare: "Compare", tried: "Settings tried", setting: "setting", outcome: "outcome",
  pinned: (name) => `Pinned as ${name}`, unpin: (name) => `Remove ${name}`, noPins: "Pin keeps a run in every picture, in grey.",
  copied: "Link copied: it holds the whole setting.", shareTitle: "Link to this setting",
  pythonTitle: "The same experiment in Python", pythonWords: "This line rebuilds it in nnlab; .run() gives the same numbers, bit for bit.",
  wrongLink: (list) => `This link could not be read in full: ${list}. The part’s own values stand there instead.`,
  wrongValue: (name, value, allowed) => `${name} “${value}” is not among: ${allowed}`,
  mended: (name, from, to) => `${name} ${from} does not fit here; now ${to}`,
  badNumber: (name, low, high) => `${name} must be a number from ${low} to ${high}`,
  noWasm: "This page trains neural networks by WebAssembly with SIMD, which this browser lacks. Browsers since 2023 have it: Chrome or Edge 111, Firefox 113, Safari 16.4 and newer.",
  broken: (what) => `Something went wrong: ${what}. Reloading the page brings it back.`,
  digitLabel: (n) => `digit ${n}`,
  networkLabel: (layers) => `The network: ${layers.join(", ")} units; a line is a weight, teal positive, dark red negative, the wider the larger`,
  footer: "Everything runs in this page: nnlab’s own training loop, compiled to WebAssembly; the same numbers as in Python, bit for bit. No request leaves it.",
  changedNothing: "the article’s start",
};

const JA = {
  title: "nnlab プレイグラウンド",
  playground: "プレイグラウンド", skip: "学習結果へ", parts: "七つの部", lead: "データと学習率",
  rest: "その他のハイパーパラメータ", stage: "学習の様子", below: "ほかの設定", data: "データ",
  share: "リンク", python: "Python",
  legend: [["positive", "正の重み"], ["negative", "負の重み"], ["high", "出力が高い"], ["low", "低い"]], theme: "明るい／暗い", copy: "コピー", close: "閉じる",
  partNames: ["学習率", "重み初期値", "活性化関数", "更新の時期", "レイヤー数・ニューロン数", "更新方法", "正規化"],
  hints: [
    "学習率を 0.05 から 5 まで動かしてみましょう。同じネットワークが千倍早く学習します。その先は？",
    "出発点が結果を決めます。「新しいシード」、次に「100 シード」を。zeros も試してください。",
    "活性化関数を替えて、隠れユニットが描く形を見てみましょう。",
    "一つずつ更新するか、まとめてか。バッチサイズを動かし、更新回数とエポック数を比べましょう。",
    "渦巻きには曲がった境界が必要です。ユニットや層を減らすと、いつ学習できなくなるでしょう。",
    "勾配は同じでも歩み方が違います。更新方法を替え、どこで破綻するか見てみましょう。",
    "手書き数字とバッチ正規化。正規化を外し、学習が止まるまで学習率を上げてみましょう。",
  ],
  sets: { parity: "パリティ", circles: "円", moons: "三日月", spirals: "渦巻き", digits: "数字" },
  learning_rate: "学習率", rate_number: "学習率（数値）",
  init: "重み初期値", scale: "倍率", activation: "活性化関数", batch_size: "バッチサイズ",
  layers: "隠れ層", optimizer: "更新方法", normalization: "正規化",
  schedule: "スケジュール", span: "更新回数の幅", conditions: "その他の条件",
  weight_decay: "重み減衰", dropout: "ドロップアウト", loss: "損失", output: "出力", tolerance: "許容誤差",
  max_updates: "最大更新回数", shuffle: "エポックごとに並べ替え", init_seed: "初期値のシード", order_seed: "順序のシード",
  none: "なし", full: "全部", asNumber: (name) => `${name}（数値）`,
  moreUnits: (k) => `隠れ層 ${k} のユニットを増やす`, fewerUnits: (k) => `隠れ層 ${k} のユニットを減らす`,
  moreLayers: "隠れ層を増やす", fewerLayers: "隠れ層を減らす",
  reseed: "新しいシード", seeds: "100 シード", pin: "ピン留め", play: "学習を再生", pause: "一時停止", moment: "学習の時点",
  axis_log: "対数軸", axis_linear: "線形軸",
  converged: (n) => `<b>${n}</b> 回の更新で学習しました`, diverged: (n) => `<b>${n}</b> 回の更新で発散しました`,
  "out of updates": (n) => `<b>${n}</b> 回の更新では学習できませんでした`, running: (n) => `学習中 … <b>${n}</b> 回`,
  outcomes: { converged: "学習した", diverged: "発散", "out of updates": "未学習", running: "学習中" },
  counts: (epochs, time) => `${epochs} エポック、${time}`,
  accuracy: (learned, heldOut) => `正解率 ${learned}${heldOut ? `、未学習データ ${heldOut}` : ""}`,
  found: {
    diverged: () => "重みが数で表せないほど大きくなりました（NaN）。歩幅が大きすぎます",
    wrong: (f) => `まだ誤り：${patterns(f)}`, far: (f) => `正しいが許容誤差の外：${patterns(f)}`,
    half: () => "出力がすべて 0.5 付近です",
    wrongInUse: (f) => `学習時は合格、使用時は誤り：${patterns(f)}`,
    farInUse: (f) => `学習時は合格、使用時は許容誤差の外：${patterns(f)}`,
    alike: (f) => `第 ${f.layer} 層の隠れユニット ${f.units.join("、")} は同一です`,
    saturated: (f) => `第 ${f.layer} 層の ${f.of} ユニット中 ${f.count} 個が飽和しています`,
    dead: (f) => `第 ${f.layer} 層の ReLU ${f.of} 個中 ${f.count} 個が死んでいます`,
  },
  of: (n, all) => `${all} パターン中 ${n}`,
  seedsVerdict: (learned, all) => `${all} シード中 <b>${learned}</b> が学習しました`,
  times: (n) => `${n} 回`, seedsDetails: (median, diverged, budget) => `中央値 ${median}、発散 ${diverged}、上限は各 ${budget} 回`,
  seedsSame: "この設定に乱数はありません。どのシードも同じ結果です",
  never: "未学習",
  errorTitle: "各パターンの誤差", meanErrorTitle: "平均二乗誤差", weightsTitle: (k, n) => `重み W[${k}]、${n} 本`,
  worstTitle: "最大誤差：中央値と 10–90 %", learnedTitle: "その時までに学習した割合",
  learnedFrom: "学習データ", heldOut: "未学習データ", updates: "更新回数", update: (n) => `${n} 回目`,
  outputsCaption: "出力（横棒は教師値）", boundaryCaption: "ネットワークが描いた境界", digitsCaption: "未学習の数字（枠は誤り）",
  seedsCaption: "点は一つのシード。色が濃いほど長くかかった",
  curveTitle: "学習率ごとの、学習までの更新回数", notLearned: "未学習",
  map_title: "学習までの更新回数", mapAxes: "横：学習率　縦：初期値の倍率", mapCell: (rate, scale, what) => `学習率 ${rate}、倍率 ${scale}：${what}`,
  compare: "比較", tried: "試した設定", setting: "設定", outcome: "結果",
  pinned: (name) => `${name} としてピン留めしました`, unpin: (name) => `${name} を外す`, noPins: "「ピン留め」すると、その学習がすべての図に灰色で残ります。",
  copied: "リンクをコピーしました。設定がすべて入っています。", shareTitle: "この設定へのリンク",
  pythonTitle: "同じ実験を Python で", pythonWords: "nnlab でこの一行を実行すると同じ実験になり、.run() の結果はビット単位で一致します。",
  wrongLink: (list) => `リンクの一部を読めませんでした：${list}。その部の既定値を使います。`,
  wrongValue: (name, value, allowed) => `${name}「${value}」は使えません（可能な値：${allowed}）`,
  mended: (name, from, to) => `${name} の ${from} はここでは使えないため、${to} にしました`,
  badNumber: (name, low, high) => `${name}は ${low} から ${high} までの数です`,
  noWasm: "このページは SIMD 付き WebAssembly で学習しますが、このブラウザーは対応していません。2023 年以降のもの（Chrome・Edge 111、Firefox 113、Safari 16.4 以降）をお使いください。",
  broken: (what) => `問題が起きました：${what}。再読み込みすると元に戻ります。`,
  digitLabel: (n) => `数字 ${n}`,
  networkLabel: (layers) => `ネットワーク：各層 ${layers.join("、")} ユニット。線は重み、緑は正、暗赤は負、太いほど大きい`,
  footer: "すべてこのページの中で動きます。nnlab の学習ループを WebAssembly にしたもので、結果は Python とビット単位で一致します。外部への通信はありません。",
  changedNothing: "記事の出発点",
};

let now = EN;
const patterns = ({ patterns: list, of }) =>
  of <= 16 ? list.map((p) => `tr:${p}`).join(", ") : now.of(list.length, of);

/** The words in use: `t().share`. */
export const t = () => now;
export const language = () => (now === JA ? "ja" : "en");
export function speak(name) {
  now = name === "ja" ? JA : EN;
  document.documentElement.lang = name === "ja" ? "ja" : "en";
}
/** Both vocabularies, for a test that compares them. */
export const VOCABULARIES = { en: EN, ja: JA };

export const count = (n) => plain(Math.round(n));
export const short = (n) => String(Number(Number(n).toPrecision(3)));
export const percent = (share) => `${(100 * share).toFixed(share > 0.995 && share < 1 ? 1 : 0)} %`;
export const duration = (ms) =>
  ms < 1000 ? `${Number(ms.toPrecision(2))} ms` : `${(ms / 1000).toFixed(1)} s`;
