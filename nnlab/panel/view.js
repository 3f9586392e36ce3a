// Draws what layers.py sends: lists of strokes and fills for ticks, whose names nobody points at, over
// them tiles of what else stands still, then a list of what moves. Tells the kernel how sharp the page is, how wide, whether it is dark, and where the picture was clicked.

const MOVE = 1, LINE = 2, QUADRATIC = 3, CUBIC = 4; // Matplotlib's codes of a path; others close it
const NEAR = 12; // CSS pixels from the pointer at which something is pointed at
const FAINT = 0.12; // opacity of what is not lit
const SETTLED = 150; // ms without a change before the kernel is told
const DECODED = 40; // tiles kept
const KEYS = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End"];
const TIP = `position: absolute; visibility: hidden; pointer-events: none; z-index: 10; padding: 2px 6px;
    border-radius: 3px; font: 12px/1.35 sans-serif; white-space: pre; color: #fff; background: #222d;`;

export default {
    render({ model, el }) {
        const ended = new AbortController();
        new Picture(model, el).listen(ended.signal);
        tellSurroundings(model, el, ended.signal);
        keepKeys(el, ended.signal);
        return () => ended.abort();
    },
};

class Picture {
    constructor(model, el) {
        this.model = model;
        this.canvas = document.createElement("canvas");
        this.canvas.className = "nnlab-canvas";
        this.canvas.setAttribute("role", "img");
        this.canvas.style.cssText = "display: block; max-width: 100%;";
        this.tip = document.createElement("div");
        this.tip.className = "nnlab-tip";
        this.tip.setAttribute("aria-hidden", "true");
        this.tip.style.cssText = TIP;
        el.style.position = "relative";
        el.replaceChildren(this.canvas, this.tip);
        this.bitmaps = new Map(); // tiles by key, the latest used last
        this.ticks = new Map(); // likewise
        this.lit = null; // tags of what is pointed at
    }

    listen(signal) {
        const update = () => this.update();
        const describe = () => this.canvas.setAttribute("aria-label", this.model.get("alt"));
        this.model.on("change:frame", update);
        this.model.on("change:alt", describe);
        signal.addEventListener("abort", () => {
            this.model.off("change:frame", update);
            this.model.off("change:alt", describe);
        });
        this.canvas.addEventListener("pointermove", event => this.point(event), { signal });
        this.canvas.addEventListener("pointerleave", () => this.point(null), { signal });
        this.canvas.addEventListener("click", event => this.click(event), { signal });
        describe();
        update();
    }

    /** Take over the frame that came last, as soon as its tiles are decoded. */
    async update() {
        const sent = (this.latest = this.model.get("frame"));
        if (!sent.words) return;
        const tiles = [];
        for (const { key, png, box } of this.model.get("tiles")) {
            const bitmap = this.bitmaps.get(key) ?? await createImageBitmap(new Blob([png]));
            this.bitmaps.delete(key);
            this.bitmaps.set(key, bitmap);
            tiles.push([bitmap, ...box]);
        }
        for (const key of this.bitmaps.keys()) if (this.bitmaps.size > DECODED) this.bitmaps.delete(key);
        if (this.latest !== sent) return; // a newer one came while these were decoded
        const ticks = this.model.get("ticks").map(each => {
            const list = this.ticks.get(each.key) ?? displayList(each);
            this.ticks.delete(each.key);
            this.ticks.set(each.key, list);
            return list;
        });
        for (const key of this.ticks.keys()) if (this.ticks.size > DECODED) this.ticks.delete(key);
        const pixels = new Uint8ClampedArray(bytes(sent.pixels));
        this.frame = { ...displayList(sent), pixels, tiles, ticks, axes: ticks.map(each => each.axes) };
        this.schedule();
    }

    /** Paint at the screen's next refresh: of several frames until then only the last. */
    schedule() {
        this.scheduled ??= requestAnimationFrame(() => {
            this.scheduled = null;
            this.paint();
        });
    }

    paint() {
        const { canvas, frame } = this, [width, height] = frame.size, ratio = window.devicePixelRatio;
        const across = Math.round(width * ratio), down = Math.round(height * ratio);
        if (canvas.width !== across || canvas.height !== down) {
            Object.assign(canvas, { width: across, height: down });
            Object.assign(canvas.style, { width: `${width}px`, aspectRatio: `${width} / ${height}` });
        }
        const context = (this.context ??= canvas.getContext("2d", { alpha: false }));
        context.setTransform(1, 0, 0, 1, 0, 0);
        context.drawImage(this.ground(across, down, ratio), 0, 0);
        context.setTransform(ratio, 0, 0, ratio, 0, 0);
        for (const operation of frame.operations) {
            const tags = tagsOf(frame, operation);
            context.save();
            context.globalAlpha = !this.lit || !tags || tags.some(tag => this.lit.includes(tag)) ? 1 : FAINT;
            draw(context, operation, frame);
            context.restore();
        }
        canvas.dataset.painted = Number(canvas.dataset.painted ?? 0) + 1;
        canvas.dispatchEvent(new Event("painted"));
        if (this.pointer) this.say(nearest(frame, this.pointer));
    }

    /** What stands still, drawn once and kept until it is another: ticks, and tiles over them. */
    ground(across, down, ratio) {
        const { frame } = this, key = JSON.stringify([across, down, ratio, frame.face, frame.parts]);
        if (this.below?.key === key) return this.below.sheet;
        const sheet = this.below?.sheet ?? document.createElement("canvas");
        if (sheet.width !== across || sheet.height !== down) {
            Object.assign(sheet, { width: across, height: down });
        }
        const context = sheet.getContext("2d", { alpha: false });
        context.setTransform(ratio, 0, 0, ratio, 0, 0);
        context.fillStyle = `rgb(${frame.face})`;
        context.fillRect(0, 0, ...frame.size);
        for (const list of frame.ticks) {
            for (const operation of list.operations) {
                context.save();
                draw(context, operation, list);
                context.restore();
            }
        }
        for (const tile of frame.tiles) context.drawImage(...tile);
        this.below = { key, sheet };
        return sheet;
    }

    /** Where an event happened, in the figure's CSS pixels: the page may show it smaller. */
    place(event) {
        const box = this.canvas.getBoundingClientRect(), scale = this.frame.size[0] / box.width;
        return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    }

    /** Say what the pointer is near to, and light what belongs to it. */
    point(event) {
        if (!this.frame) return;
        this.pointer = event && this.place(event);
        const near = this.pointer && nearest(this.frame, this.pointer);
        const tags = (near && tagsOf(this.frame, near.operation)) ?? null;
        this.say(near);
        if (String(tags) !== String(this.lit)) {
            this.lit = tags;
            this.schedule();
        }
    }

    say(near) {
        const { name, axes: number } = near ? this.frame.names[near.operation.artist] : {};
        this.tip.style.visibility = name ? "visible" : "hidden";
        if (!name) return;
        const axes = this.frame.axes[number] ?? {};
        const values = ["x", "y"].filter(side => axes[side]).map((side, i) =>
            `${axes[side].label || side} ${readable(valueAt(axes, side, near.place[i]))}`);
        this.tip.textContent = [name, ...values].join("\n");
        const scale = this.canvas.clientWidth / this.frame.size[0], [x, y] = this.pointer;
        const right = x * scale + 14, left = x * scale - 14 - this.tip.offsetWidth;
        const fits = right + this.tip.offsetWidth <= this.canvas.clientWidth;
        this.tip.style.left = `${fits ? right : Math.max(0, left)}px`;
        this.tip.style.top = `${Math.max(0, y * scale - this.tip.offsetHeight - 6)}px`;
    }

    click(event) {
        if (!this.frame) return;
        const place = this.place(event);
        const number = this.frame.axes.findIndex(axes => axes.x && inside(axes.box, place));
        if (number < 0) return;
        const [x, y] = ["x", "y"].map((side, i) => valueAt(this.frame.axes[number], side, place[i]));
        this.model.send({ click: { axes: number, x, y } });
    }
}

// --- drawing ----------------------------------------------------------------------------------------

/** A copy of a message's bytes: where they lie in the message, numbers could not be read. */
function bytes(view) {
    return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
}

/** What a message says in words and in arrays. */
function displayList({ words, points, codes }) {
    const arrays = { points: new Float32Array(bytes(points)), codes: new Uint8Array(bytes(codes)) };
    return { ...JSON.parse(words), ...arrays };
}

function draw(context, operation, frame) {
    if (operation.clip) {
        context.beginPath();
        context.rect(...operation.clip);
        context.clip();
    }
    if (operation.path) ink(context, operation, trace(frame, operation.path));
    else if (operation.marker) drawMarkers(context, operation, frame);
    else if (operation.text) write(context, operation);
    else drawImage(context, operation, frame);
}

/** The path that points and codes describe. */
function trace({ points, codes }, [first, last]) {
    const path = new Path2D();
    for (let i = first; i < last; i++) {
        const at = (count) => points.subarray(2 * i, 2 * (i + count));
        if (codes[i] === MOVE) path.moveTo(...at(1));
        else if (codes[i] === LINE) path.lineTo(...at(1));
        else if (codes[i] === QUADRATIC) path.quadraticCurveTo(...at(2)), (i += 1);
        else if (codes[i] === CUBIC) path.bezierCurveTo(...at(3)), (i += 2);
        else path.closePath();
    }
    return path;
}

function ink(context, { fill, stroke, width, dashes, offset, cap, join }, path) {
    if (fill) {
        context.fillStyle = fill;
        context.fill(path);
    }
    if (stroke) {
        Object.assign(context, { strokeStyle: stroke, lineWidth: width, lineCap: cap, lineJoin: join });
        context.setLineDash(dashes ?? []);
        context.lineDashOffset = offset ?? 0;
        context.stroke(path);
    }
}

function drawMarkers(context, operation, frame) {
    const shape = trace(frame, operation.marker), [first, last] = operation.at;
    for (let i = first; i < last; i++) {
        const [x, y] = frame.points.subarray(2 * i, 2 * i + 2);
        context.translate(x, y);
        ink(context, operation, shape);
        context.translate(-x, -y);
    }
}

function write(context, { text, from, angle, size, bold, align, fill }) {
    context.translate(...from);
    context.rotate(angle);
    context.font = `${bold ? "bold " : ""}${size}px "DejaVu Sans", Verdana, sans-serif`;
    Object.assign(context, { textAlign: align, fillStyle: fill });
    context.fillText(text, 0, 0);
}

function drawImage(context, { image, size: [columns, rows], matrix, alpha }, frame) {
    const pixels = frame.pixels.subarray(image, image + 4 * columns * rows);
    const sheet = new OffscreenCanvas(columns, rows);
    sheet.getContext("2d").putImageData(new ImageData(pixels, columns, rows), 0, 0);
    context.globalAlpha *= alpha ?? 1;
    context.imageSmoothingEnabled = false;
    context.transform(...matrix);
    context.drawImage(sheet, 0, 0, 1, 1);
}

// --- what lies where --------------------------------------------------------------------------------

function tagsOf(frame, operation) {
    return operation.tags ?? frame.names[operation.artist].tags;
}

function inside([left, top, width, height], [x, y]) {
    return left <= x && x <= left + width && top <= y && y <= top + height;
}

/** What has a name or tags and lies nearest to a place; of several the one on top. */
function nearest(frame, [x, y]) {
    let best = { distance: NEAR };
    for (const operation of frame.operations) {
        const known = frame.names[operation.artist].name || tagsOf(frame, operation);
        if (!known || (operation.clip && !inside(operation.clip, [x, y]))) continue;
        const [first, last] = operation.at ?? operation.path ?? [0, 0];
        for (let i = first; i < last; i++) {
            if (frame.codes[i] > CUBIC) continue; // closes an area; its point means nothing
            const joined = !operation.at && frame.codes[i] !== MOVE;
            const place = foot(frame.points.subarray(2 * (joined ? i - 1 : i), 2 * i + 2), x, y);
            const distance = Math.hypot(place[0] - x, place[1] - y);
            if (distance <= best.distance) best = { distance, place, operation };
        }
    }
    return best.operation && best;
}

/** The point of a line's piece, or of a single point, that is nearest to (x, y). */
function foot([ax, ay, bx = ax, by = ay], x, y) {
    const length = (bx - ax) ** 2 + (by - ay) ** 2 || 1;
    const share = Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
    return [ax + share * (bx - ax), ay + share * (by - ay)];
}

/** The value that a pixel of axes stands for; undefined on a scale that is not known here. */
function valueAt({ box: [left, top, width, height], ...axes }, side, pixel) {
    const share = side === "x" ? (pixel - left) / width : 1 - (pixel - top) / height;
    const [forth, back] = scales[axes[side].scale]?.(axes[side]) ?? [];
    if (!forth) return undefined;
    const [low, high] = axes[side].limits.map(forth);
    return back(low + share * (high - low));
}

/** How each of Matplotlib's scales takes a value to its place, and back. */
const scales = {
    linear: () => [value => value, value => value],
    log: () => [Math.log, Math.exp],
    symlog({ base, linthresh, linscale }) {
        const slope = linscale / (1 - 1 / base), steepness = Math.log(base);
        const forth = size => size <= linthresh ? size * slope
            : linthresh * (slope + Math.log(size / linthresh) / steepness);
        const back = size => size <= linthresh * slope ? size / slope
            : linthresh * Math.exp(steepness * (size / linthresh - slope));
        return [forth, back].map(of => value => Math.sign(value) * of(Math.abs(value)));
    },
};

/** To three digits: a pixel tells no more. */
function readable(value) {
    return value?.toLocaleString("en-US", { maximumSignificantDigits: 3 }) ?? "";
}

// --- around the picture -----------------------------------------------------------------------------

/** Tell the kernel the page's sharpness, the room for the picture and the theme, and what changes. */
function tellSurroundings(model, el, signal) {
    let timer;
    const tell = () => {
        model.set("ratio", window.devicePixelRatio);
        model.set("dark", document.body.dataset.jpThemeLight === "false");
        if (el.clientWidth) model.set("width", el.clientWidth); // 0 while it is hidden
        model.save_changes();
    };
    const later = () => {
        clearTimeout(timer);
        timer = setTimeout(tell, SETTLED);
    };
    const size = new ResizeObserver(later), theme = new MutationObserver(later);
    size.observe(el);
    theme.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
    window.addEventListener("resize", later, { signal }); // a zoom too
    signal.addEventListener("abort", () => [size, theme].forEach(each => each.disconnect()));
}

/** Keep the keys that move a slider from moving the notebook: for one key its handle has no shortcuts. */
function keepKeys(el, signal) {
    const keep = ({ target, key }) => {
        if (!KEYS.includes(key) || !el.closest(".nnlab-panel")?.contains(target)) return;
        target.setAttribute("data-lm-suppress-shortcuts", "true");
        setTimeout(() => target.removeAttribute("data-lm-suppress-shortcuts"));
    };
    window.addEventListener("keydown", keep, { capture: true, signal });
}
