// Draws what layers.py sends: tiles of what stands still, and over them a list of strokes and fills.
// It tells the kernel how sharp the page is, how wide and whether it is dark, and where it was clicked.

const MOVE = 1, LINE = 2, QUADRATIC = 3, CUBIC = 4; // Matplotlib's codes of a path; the rest closes it
const NEAR = 12; // CSS pixels from the pointer at which something is pointed at
const FAINT = 0.12; // opacity of what is not lit
const SETTLED = 150; // ms without a change before the kernel is told
const DECODED = 40; // tiles kept
const MOVES = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End"];

export default {
    render({ model, el }) {
        const ended = new AbortController();
        const picture = new Picture(model, el);
        picture.listen(ended.signal);
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
        this.tip.style.cssText = `position: absolute; visibility: hidden; pointer-events: none; z-index: 10;
            padding: 2px 6px; border-radius: 3px; font: 12px/1.35 sans-serif; white-space: pre;
            color: #fff; background: #222d;`;
        el.style.position = "relative";
        el.replaceChildren(this.canvas, this.tip);
        this.bitmaps = new Map(); // tiles by key, the latest used last
        this.lit = null; // tags pointed at
        this.pointer = null;
        this.painted = 0;
    }

    listen(signal) {
        const update = () => this.update(), describe = () => this.describe();
        this.model.on("change:frame", update);
        this.model.on("change:alt", describe);
        signal.addEventListener("abort", () => {
            this.model.off("change:frame", update);
            this.model.off("change:alt", describe);
        });
        this.canvas.addEventListener("pointermove", event => this.point(event), { signal });
        this.canvas.addEventListener("pointerleave", () => this.point(null), { signal });
        this.canvas.addEventListener("click", event => this.click(event), { signal });
        this.describe();
        this.update();
    }

    describe() {
        this.canvas.setAttribute("aria-label", this.model.get("alt"));
    }

    /** Paint with the screen's next refresh what came last: frames that came between are skipped. */
    schedule() {
        this.scheduled ??= requestAnimationFrame(() => {
            this.scheduled = null;
            this.paint();
        });
    }

    /** Take over the frame that came last, as soon as its tiles are decoded. */
    async update() {
        const frame = (this.latest = this.model.get("frame"));
        if (!frame.words) return;
        const tiles = [];
        for (const { key, png, box } of this.model.get("tiles")) {
            const bitmap = this.bitmaps.get(key)
                ?? await createImageBitmap(new Blob([png], { type: "image/png" }));
            this.bitmaps.delete(key);
            this.bitmaps.set(key, bitmap);
            tiles.push([bitmap, ...box]);
        }
        if (this.latest !== frame) return; // a newer one came while these were decoded
        for (const key of this.bitmaps.keys()) if (this.bitmaps.size > DECODED) this.bitmaps.delete(key);
        this.frame = { ...JSON.parse(frame.words), tiles };
        this.frame.points = new Float32Array(aligned(frame.points));
        this.frame.codes = new Uint8Array(aligned(frame.codes));
        this.frame.pixels = new Uint8ClampedArray(aligned(frame.pixels));
        this.schedule();
    }

    paint() {
        const { canvas, frame } = this;
        const [width, height] = frame.size, ratio = window.devicePixelRatio;
        const across = Math.round(width * ratio), down = Math.round(height * ratio);
        if (canvas.width !== across || canvas.height !== down) {
            Object.assign(canvas, { width: across, height: down });
            canvas.style.width = `${width}px`;
            canvas.style.aspectRatio = `${width} / ${height}`;
        }
        const context = (this.context ??= canvas.getContext("2d", { alpha: false }));
        context.setTransform(ratio, 0, 0, ratio, 0, 0);
        context.fillStyle = `rgb(${frame.face})`;
        context.fillRect(0, 0, width, height);
        for (const tile of frame.tiles) context.drawImage(...tile);
        for (const operation of frame.operations) {
            context.save();
            context.globalAlpha = this.isLit(operation) ? 1 : FAINT;
            draw(context, operation, frame);
            context.restore();
        }
        canvas.dataset.painted = ++this.painted;
        this.canvas.dispatchEvent(new Event("painted"));
        if (this.pointer) this.show(this.pointer);
    }

    tagsOf(operation) {
        return operation.tags ?? this.frame.names[operation.artist].tags;
    }

    isLit(operation) {
        const tags = this.tagsOf(operation);
        return !this.lit || !tags || tags.some(tag => this.lit.includes(tag));
    }

    // --- the pointer -----------------------------------------------------------------------------

    /** Where an event happened, in the CSS pixels of the figure. */
    place(event) {
        const box = this.canvas.getBoundingClientRect(), [width, height] = this.frame.size;
        return [
            ((event.clientX - box.left) * width) / box.width,
            ((event.clientY - box.top) * height) / box.height,
        ];
    }

    point(event) {
        if (!this.frame) return;
        this.pointer = event && this.place(event);
        const tags = this.pointer && this.show(this.pointer);
        if (!this.pointer) this.tip.style.visibility = "hidden";
        if (String(tags) !== String(this.lit)) {
            this.lit = tags;
            this.schedule();
        }
    }

    /** Say what is nearest to the pointer; return its tags, if any. */
    show(place) {
        const { frame, tip } = this;
        const near = nearest(frame, place);
        const { name, axes: number } = near ? frame.names[near.operation.artist] : {};
        tip.style.visibility = name ? "visible" : "hidden";
        if (name) {
            const axes = frame.axes[number];
            const values = ["x", "y"].filter(side => axes?.[side]).map((side, i) =>
                `${axes[side].label || side} ${readable(valueAt(axes, side, near.place[i]))}`);
            tip.textContent = [name, ...values].join("\n");
            const scale = this.canvas.clientWidth / frame.size[0];
            const left = place[0] * scale + 14, over = left + tip.offsetWidth > this.canvas.clientWidth;
            tip.style.left = `${over ? Math.max(0, left - 28 - tip.offsetWidth) : left}px`;
            tip.style.top = `${Math.max(0, place[1] * scale - tip.offsetHeight - 6)}px`;
        }
        return (near && this.tagsOf(near.operation)) ?? null;
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

// --- drawing ---------------------------------------------------------------------------------------

/** A copy of a message's bytes: where they lie in the message, numbers could not be read. */
function aligned(view) {
    return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
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
        const at = 2 * i, [x, y] = [points[at], points[at + 1]];
        if (codes[i] === MOVE) path.moveTo(x, y);
        else if (codes[i] === LINE) path.lineTo(x, y);
        else if (codes[i] === QUADRATIC) path.quadraticCurveTo(...points.subarray(at, at + 4)), (i += 1);
        else if (codes[i] === CUBIC) path.bezierCurveTo(...points.subarray(at, at + 6)), (i += 2);
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
    const shape = trace(frame, operation.marker), { points } = frame;
    for (let i = 2 * operation.at[0]; i < 2 * operation.at[1]; i += 2) {
        context.translate(points[i], points[i + 1]);
        ink(context, operation, shape);
        context.translate(-points[i], -points[i + 1]);
    }
}

function write(context, { text, from, angle, size, bold, align, fill }) {
    context.translate(...from);
    context.rotate(angle);
    context.font = `${bold ? "bold " : ""}${size}px "DejaVu Sans", Verdana, sans-serif`;
    Object.assign(context, { textAlign: align, fillStyle: fill });
    context.fillText(text, 0, 0);
}

function drawImage(context, { image, size, matrix, alpha }, frame) {
    const [columns, rows] = size;
    const sheet = new OffscreenCanvas(columns, rows);
    const pixels = frame.pixels.subarray(image, image + 4 * columns * rows);
    sheet.getContext("2d").putImageData(new ImageData(pixels, columns, rows), 0, 0);
    context.globalAlpha *= alpha ?? 1;
    context.imageSmoothingEnabled = false;
    context.transform(...matrix);
    context.drawImage(sheet, 0, 0, 1, 1);
}

// --- from pixels to values ---------------------------------------------------------------------------

function inside([left, top, width, height], [x, y]) {
    return left <= x && x <= left + width && top <= y && y <= top + height;
}

/** What lies nearest to a place and near it, the one drawn last if several do. */
function nearest(frame, [x, y]) {
    let best = { distance: NEAR };
    for (const operation of frame.operations) {
        const { name, tags } = frame.names[operation.artist];
        if (!(name || tags || operation.tags) || (operation.clip && !inside(operation.clip, [x, y]))) continue;
        const [first, last] = operation.at ?? operation.path ?? [0, 0];
        for (let i = first; i < last; i++) {
            const joined = !operation.at && frame.codes[i] !== MOVE && i > first;
            const place = foot(frame.points, joined ? i - 1 : i, i, x, y);
            const distance = Math.hypot(place[0] - x, place[1] - y);
            if (distance <= best.distance) best = { distance, place, operation };
        }
    }
    return best.operation ? best : null;
}

/** The point between two of a list that is nearest to (x, y). */
function foot(points, from, to, x, y) {
    const [ax, ay, bx, by] = [points[2 * from], points[2 * from + 1], points[2 * to], points[2 * to + 1]];
    const length = (bx - ax) ** 2 + (by - ay) ** 2;
    const share = length && Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
    return [ax + share * (bx - ax), ay + share * (by - ay)];
}

/** The value that a pixel of axes stands for; undefined on a scale that is not known here. */
function valueAt(axes, side, pixel) {
    const { scale, limits, ...shape } = axes[side];
    const [left, top, width, height] = axes.box;
    const share = side === "x" ? (pixel - left) / width : 1 - (pixel - top) / height;
    const [forth, back] = scales[scale]?.(shape) ?? [];
    if (!forth) return undefined;
    const [low, high] = limits.map(forth);
    return back(low + share * (high - low));
}

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

function readable(value) {
    return value?.toLocaleString("en-US", { maximumSignificantDigits: 4 }) ?? "";
}

// --- around the picture ------------------------------------------------------------------------------

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
    window.addEventListener("resize", later, { signal }); // a zoom too, or another screen
    signal.addEventListener("abort", () => {
        clearTimeout(timer);
        size.disconnect();
        theme.disconnect();
    });
}

/** Keep the keys that move a slider from moving the notebook: for one key its handle has no shortcuts. */
function keepKeys(el, signal) {
    const keep = ({ target, key }) => {
        if (!MOVES.includes(key) || !el.closest(".nnlab-panel")?.contains(target)) return;
        target.setAttribute("data-lm-suppress-shortcuts", "true");
        setTimeout(() => target.removeAttribute("data-lm-suppress-shortcuts"));
    };
    window.addEventListener("keydown", keep, { capture: true, signal });
}
