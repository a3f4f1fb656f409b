// A grid of dies on a canvas: draws what is in sight, once a frame at most; pans, zooms, and moves a cursor by keys.
const MARKS = {
  cross: (path, l, t, r, b) => { path.moveTo(l, t); path.lineTo(r, b); path.moveTo(r, t); path.lineTo(l, b); },
  slash: (path, l, t, r, b) => { path.moveTo(l, b); path.lineTo(r, t); },
  backslash: (path, l, t, r, b) => { path.moveTo(l, t); path.lineTo(r, b); },
  bar: (path, l, t, r, b) => { path.moveTo(l, (t + b) / 2); path.lineTo(r, (t + b) / 2); },
  pillar: (path, l, t, r, b) => { path.moveTo((l + r) / 2, t); path.lineTo((l + r) / 2, b); },
  plus: (path, l, t, r, b) => { MARKS.bar(path, l, t, r, b); MARKS.pillar(path, l, t, r, b); },
  diamond: (path, l, t, r, b) => { path.moveTo((l + r) / 2, t); path.lineTo(r, (t + b) / 2); path.lineTo((l + r) / 2, b); path.lineTo(l, (t + b) / 2); path.closePath(); },
  square: (path, l, t, r, b) => { path.rect(l, t, r - l, b - t); },
  up: (path, l, t, r, b) => { path.moveTo(l, b); path.lineTo((l + r) / 2, t); path.lineTo(r, b); },
  down: (path, l, t, r, b) => { path.moveTo(l, t); path.lineTo((l + r) / 2, b); path.lineTo(r, t); },
};
const MARK_PIXELS_MIN = 5;
const TEXT_PIXELS_MIN = 26;
const ZOOM_MAX = 60;
const EMPTY = { groups: [], x: [], y: [], group: [], texts: null };

// Side of a notch → steps to the right and down.
const OUTWARDS = { D: [0, 1], U: [0, -1], L: [-1, 0], R: [1, 0] };

// layer: { x, y, group: columns of one length; groups: [{ colour, mark, isOff }]; texts: column or null }.
// lie: { notch, x, y } as letters of a tester's file, empty where it does not say.
class WaferMap {
  constructor(canvas, aspect, lie) {
    this.canvas = canvas;
    this.aspect = aspect;
    this.lie = lie;
    this.sign = { x: lie.x === "L" ? -1 : 1, y: lie.y === "U" ? -1 : 1 };
    this.layer = EMPTY;
    this.reticle = null;
    this.cursor = -1;
    this.zoom = 1;
    this.shift = { x: 0, y: 0 };
    this.isOwed = false;
    this.colours = {};
    this.pointers = new Map();
    new ResizeObserver(() => this.owe()).observe(canvas);
    this.listen();
  }

  show(layer, colours) {
    // On the canvas columns always grow to the right and rows downwards.
    this.layer = { ...layer, x: layer.x.map((x) => x * this.sign.x), y: layer.y.map((y) => y * this.sign.y) };
    layer = this.layer;
    this.colours = colours;
    this.span = extent(layer, this.aspect);
    this.places = new Map();
    for (let i = 0; i < layer.x.length; i += 1) this.places.set(`${layer.x[i]}:${layer.y[i]}`, i);
    if (this.cursor >= layer.x.length) this.cursor = -1;
    this.owe();
  }

  reset() { this.zoom = 1; this.shift = { x: 0, y: 0 }; this.owe(); }

  owe() {
    if (this.isOwed) return;
    this.isOwed = true;
    requestAnimationFrame(() => {
      this.isOwed = false;
      const start = performance.now();
      this.paint();
      this.canvas.dispatchEvent(new CustomEvent("sc-painted", { detail: { milliseconds: performance.now() - start } }));
    });
  }

  paint() {
    const ratio = globalThis.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
    }
    const context = this.canvas.getContext("2d", { alpha: false });
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.paintOn(context, width, height);
  }

  // Also draws pictures to take away, on another context.
  paintOn(context, width, height) {
    context.fillStyle = this.colours.surface;
    context.fillRect(0, 0, width, height);
    if (!this.layer.x.length) return;
    const box = this.box(width, height);
    this.paintEdge(context, box);
    this.paintDies(context, box, width, height);
    if (this.reticle) this.paintReticle(context, box, width, height);
    if (this.cursor >= 0) this.paintCursor(context, box);
    this.paintAxes(context);
  }

  // Size of a die in pixels, and where die 0, 0 has its corner.
  box(width, height) {
    const { left, right, top, bottom } = this.span;
    const base = Math.min(width, height) * 0.95 / 2 / this.span.reach;
    const step = base * this.zoom;
    const middleX = (left + right + 1) / 2, middleY = (top + bottom + 1) / 2;
    return { stepX: step, stepY: step * this.aspect, x: width / 2 + this.shift.x - middleX * step, y: height / 2 + this.shift.y - middleY * step * this.aspect, middleX, middleY, radius: this.span.reach * step * 1.02 };
  }

  paintEdge(context, box) {
    const x = box.x + box.middleX * box.stepX, y = box.y + box.middleY * box.stepY;
    context.beginPath();
    context.arc(x, y, box.radius, 0, Math.PI * 2);
    context.fillStyle = this.colours.sunk;
    context.fill();
    context.lineWidth = 1;
    context.strokeStyle = this.colours.line;
    context.stroke();
    if (!OUTWARDS[this.lie.notch]) return;
    const [right, down] = OUTWARDS[this.lie.notch];
    const place = (outwards, along) => [x + right * outwards + down * along, y + down * outwards + right * along];
    context.beginPath();
    context.moveTo(...place(box.radius, -6)); context.lineTo(...place(box.radius - 7, 0)); context.lineTo(...place(box.radius, 6));
    context.closePath();
    context.fillStyle = this.colours.surface;
    context.fill();
    context.lineWidth = 1.5;
    context.strokeStyle = this.colours.ink;
    context.stroke();
  }

  // Two arrows in the upper corner; a question mark where the file does not say.
  paintAxes(context) {
    const { x, y } = this.sign, middle = 42, reach = 22;
    context.strokeStyle = context.fillStyle = this.colours.ink;
    context.lineWidth = 1.25;
    context.font = "11px sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const [name, right, down, isKnown] of [["X", x, 0, this.lie.x], ["Y", 0, y, this.lie.y]]) {
      const tip = [middle + right * reach, middle + down * reach];
      context.setLineDash(isKnown ? [] : [3, 3]);
      context.beginPath();
      context.moveTo(middle, middle); context.lineTo(...tip);
      context.stroke();
      context.setLineDash([]);
      context.beginPath();
      context.moveTo(tip[0] - right * 5 - down * 4, tip[1] - down * 5 - right * 4); context.lineTo(...tip);
      context.lineTo(tip[0] - right * 5 + down * 4, tip[1] - down * 5 + right * 4);
      context.stroke();
      context.fillText(isKnown ? name : `${name}?`, tip[0] + right * 10, tip[1] + down * 9);
    }
  }

  paintDies(context, box, width, height) {
    const { x, y, group, groups } = this.layer;
    const gap = Math.min(1, box.stepX * 0.06), wide = box.stepX - gap, high = box.stepY - gap;
    const members = groups.map(() => []);
    for (let i = 0; i < x.length; i += 1) {
      const left = box.x + x[i] * box.stepX, top = box.y + y[i] * box.stepY;
      if (left < width && top < height && left + wide > 0 && top + high > 0) members[group[i]].push(i);
    }
    const isTold = this.layer.texts && Math.min(wide, high * 2) >= TEXT_PIXELS_MIN;
    const isMarked = !isTold && Math.min(wide, high) >= MARK_PIXELS_MIN;
    members.forEach((dies, place) => {
      const look = groups[place];
      context.globalAlpha = look.isOff ? 0.12 : 1;
      context.fillStyle = look.colour;
      for (const i of dies) context.fillRect(box.x + x[i] * box.stepX, box.y + y[i] * box.stepY, wide, high);
      if (isMarked && MARKS[look.mark]) this.paintMarks(context, box, dies, look, wide, high);
    });
    context.globalAlpha = 1;
    if (isTold) this.paintTexts(context, box, members, wide, high);
  }

  paintMarks(context, box, dies, { mark, markColour }, wide, high) {
    const { x, y } = this.layer;
    context.beginPath();
    for (const i of dies) {
      const left = box.x + x[i] * box.stepX, top = box.y + y[i] * box.stepY;
      MARKS[mark](context, left + wide * 0.26, top + high * 0.26, left + wide * 0.74, top + high * 0.74);
    }
    context.strokeStyle = markColour ?? this.colours.mark;
    context.lineWidth = Math.max(1, Math.min(wide, high) * 0.09);
    context.stroke();
  }

  paintTexts(context, box, members, wide, high) {
    const { x, y, texts } = this.layer;
    context.fillStyle = this.colours.ink;
    context.strokeStyle = this.colours.surface;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = `${Math.min(13, wide / 4.2, high / 1.6)}px sans-serif`;
    context.lineWidth = 3;
    for (const i of members.flat()) {
      const middle = [box.x + x[i] * box.stepX + wide / 2, box.y + y[i] * box.stepY + high / 2];
      context.strokeText(texts[i], ...middle);
      context.fillText(texts[i], ...middle);
    }
  }

  paintReticle(context, box, width, height) {
    const { across, down } = this.reticle;
    const right = this.sign.x < 0 ? 1 - this.reticle.right : this.reticle.right, lower = this.sign.y < 0 ? 1 - this.reticle.lower : this.reticle.lower;
    const { left, right: last, top, bottom } = this.span;
    context.beginPath();
    for (let column = first(left, across, right); column <= last + 1; column += across) {
      const at = Math.round(box.x + column * box.stepX) + 0.5;
      context.moveTo(at, Math.max(0, box.y + top * box.stepY)); context.lineTo(at, Math.min(height, box.y + (bottom + 1) * box.stepY));
    }
    for (let row = first(top, down, lower); row <= bottom + 1; row += down) {
      const at = Math.round(box.y + row * box.stepY) + 0.5;
      context.moveTo(Math.max(0, box.x + left * box.stepX), at); context.lineTo(Math.min(width, box.x + (last + 1) * box.stepX), at);
    }
    context.strokeStyle = this.colours.ink;
    context.lineWidth = 1.25;
    context.stroke();
  }

  paintCursor(context, box) {
    const left = box.x + this.layer.x[this.cursor] * box.stepX, top = box.y + this.layer.y[this.cursor] * box.stepY;
    context.lineWidth = 2.5;
    context.strokeStyle = this.colours.ink;
    context.strokeRect(left - 1, top - 1, box.stepX + 1, box.stepY + 1);
  }

  dieAt(clientX, clientY) {
    if (!this.layer.x.length) return -1;
    const frame = this.canvas.getBoundingClientRect();
    const box = this.box(frame.width, frame.height);
    const x = Math.floor((clientX - frame.left - box.x) / box.stepX), y = Math.floor((clientY - frame.top - box.y) / box.stepY);
    return this.places.get(`${x}:${y}`) ?? -1;
  }

  point(place) {
    if (place === this.cursor) return;
    this.cursor = place;
    this.owe();
    this.canvas.dispatchEvent(new CustomEvent("sc-die", { detail: { place } }));
  }

  zoomAt(factor, x, y) {
    const zoom = Math.min(ZOOM_MAX, Math.max(1, this.zoom * factor));
    const by = zoom / this.zoom;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const from = { x: x - width / 2, y: y - height / 2 };
    this.shift = zoom === 1 ? { x: 0, y: 0 } : { x: from.x - (from.x - this.shift.x) * by, y: from.y - (from.y - this.shift.y) * by };
    this.zoom = zoom;
    this.owe();
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoomAt(Math.exp(-event.deltaY / 300), event.offsetX, event.offsetY);
    }, { passive: false });
    canvas.addEventListener("pointerdown", (event) => { this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY, moved: 0 }); canvas.setPointerCapture(event.pointerId); });
    canvas.addEventListener("pointermove", (event) => this.moved(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => this.lifted(event));
    canvas.addEventListener("keydown", (event) => this.pressed(event));
  }

  moved(event) {
    const held = this.pointers.get(event.pointerId);
    if (!held) { if (event.pointerType === "mouse") this.point(this.dieAt(event.clientX, event.clientY)); return; }
    const by = { x: event.clientX - held.x, y: event.clientY - held.y };
    const before = this.spread();
    Object.assign(held, { x: event.clientX, y: event.clientY, moved: held.moved + Math.abs(by.x) + Math.abs(by.y) });
    const fingers = this.pointers.size;
    this.shift = { x: this.shift.x + by.x / fingers, y: this.shift.y + by.y / fingers };
    const after = this.spread();
    if (before && after) this.zoomAt(after / before, this.canvas.clientWidth / 2, this.canvas.clientHeight / 2);
    this.owe();
  }

  lifted(event) {
    const held = this.pointers.get(event.pointerId);
    this.pointers.delete(event.pointerId);
    if (held && held.moved < 5) {
      this.cursor = -2;
      this.point(this.dieAt(event.clientX, event.clientY));
      this.canvas.dispatchEvent(new CustomEvent("sc-picked", { detail: { place: this.cursor } }));
    }
  }

  spread() {
    const [one, other] = [...this.pointers.values()];
    return other ? Math.hypot(one.x - other.x, one.y - other.y) : 0;
  }

  pressed(event) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (steps[event.key]) this.step(...steps[event.key]);
    else if (event.key === "+" || event.key === "=") this.zoomAt(1.5, width / 2, height / 2);
    else if (event.key === "-") this.zoomAt(1 / 1.5, width / 2, height / 2);
    else if (event.key === "0") this.reset();
    else if (event.key === "Enter") this.canvas.dispatchEvent(new CustomEvent("sc-opened", { detail: { place: this.cursor } }));
    else return;
    event.preventDefault();
  }

  // The next die in that direction, over places without one.
  step(byX, byY) {
    if (!this.layer.x.length) return;
    if (this.cursor < 0) { this.point(nearest(this.layer, this.span)); return; }
    let x = this.layer.x[this.cursor], y = this.layer.y[this.cursor];
    const { left, right, top, bottom } = this.span;
    do { x += byX; y += byY; } while (x >= left && x <= right && y >= top && y <= bottom && !this.places.has(`${x}:${y}`));
    const found = this.places.get(`${x}:${y}`);
    if (found !== undefined) { this.point(found); this.keepInSight(); }
  }

  keepInSight() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const box = this.box(width, height);
    const left = box.x + this.layer.x[this.cursor] * box.stepX, top = box.y + this.layer.y[this.cursor] * box.stepY;
    const inside = (at, size, whole) => (at < 0 ? -at : Math.min(0, whole - at - size));
    this.shift = { x: this.shift.x + inside(left, box.stepX, width), y: this.shift.y + inside(top, box.stepY, height) };
    this.owe();
  }
}

// Bounds of the grid; reach: from its middle to the farthest corner of a die, in widths of a die.
function extent({ x, y }, aspect) {
  const span = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (let i = 0; i < x.length; i += 1) {
    span.left = Math.min(span.left, x[i]); span.right = Math.max(span.right, x[i]);
    span.top = Math.min(span.top, y[i]); span.bottom = Math.max(span.bottom, y[i]);
  }
  const middleX = (span.left + span.right) / 2, middleY = (span.top + span.bottom) / 2;
  span.reach = 0;
  for (let i = 0; i < x.length; i += 1) {
    span.reach = Math.max(span.reach, Math.hypot(Math.abs(x[i] - middleX) + 0.5, (Math.abs(y[i] - middleY) + 0.5) * aspect));
  }
  return span;
}

function first(from, step, offset) {
  return from + ((offset - from) % step + step) % step;
}

function nearest({ x, y }, span) {
  const middle = [(span.left + span.right) / 2, (span.top + span.bottom) / 2];
  let best = 0;
  for (let i = 1; i < x.length; i += 1) {
    if (Math.hypot(x[i] - middle[0], y[i] - middle[1]) < Math.hypot(x[best] - middle[0], y[best] - middle[1])) best = i;
  }
  return best;
}

globalThis.scWaferMap = { MARKS, WaferMap };
