// The page around a map: layers, legend, the die under the cursor, tables, reticle, and a picture to take away.
const { token } = globalThis.scCharts;
const { MARKS, WaferMap } = globalThis.scWaferMap;
const layers = globalThis.scMapLayers;

const panel = document.querySelector("[data-map]");
const find = (name) => panel.querySelector(`[data-${name}]`);
const canvas = panel.querySelector("canvas");
const map = new WaferMap(canvas, Number(panel.dataset.aspect) || 1, { notch: panel.dataset.notch, x: panel.dataset.x, y: panel.dataset.y });
const ROWS = 100;
const state = { dies: null, values: null, layer: null, off: new Set(), page: 0 };
const SHARES = { "failed-last": "failed_last", "failed-first": "failed_first", changed: "changed" };

function colours() {
  return { surface: token("surface"), sunk: token("sunk"), line: token("line-strong"), ink: token("ink"), mark: token("mark") };
}

function tell(text) { find("told").textContent = text; }

async function ask(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.status === 403 ? "Your role does not allow this." : "The map could not be read. Try again.");
  return answer.json();
}

function chosen() {
  const kind = find("layer").value;
  if (kind === "value") return state.values && layers.values(state.values, state.dies, token);
  if (SHARES[kind]) return layers.shares(state.dies, SHARES[kind], token);
  return layers[kind](state.dies, token);
}

function refresh() {
  const layer = chosen();
  if (!layer) {
    // No test is chosen yet: what was drawn stays, and paper instead of a bare canvas where nothing was.
    map.colours = colours();
    map.owe();
    return;
  }
  layer.groups.forEach((group, place) => { group.isOff = state.off.size > 0 && !state.off.has(place); });
  state.layer = layer;
  map.show(layer, colours());
  legend(layer);
  table();
  reticle();
  panel.dataset.ready = find("layer").value;
}

function counts(layer) {
  const found = layer.groups.map(() => 0);
  for (const place of layer.group) found[place] += 1;
  return found;
}

function swatch(group) {
  const small = document.createElement("canvas");
  small.width = small.height = 32;
  small.className = "sc-swatch";
  const context = small.getContext("2d");
  context.fillStyle = group.colour;
  context.fillRect(0, 0, 32, 32);
  if (MARKS[group.mark]) {
    context.beginPath();
    MARKS[group.mark](context, 8, 8, 24, 24);
    context.strokeStyle = group.markColour ?? token("mark");
    context.lineWidth = 3;
    context.stroke();
  }
  return small;
}

function legend(layer) {
  const [one, several] = panel.dataset.kind === "lot" ? ["place", "places"] : ["die", "dies"];
  const lines = counts(layer).map((count, place) => {
    if (!count) return null;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sc-legend-line";
    button.setAttribute("aria-pressed", String(state.off.has(place)));
    button.append(swatch(layer.groups[place]), ` ${layer.groups[place].title}: ${count.toLocaleString("en")} ${count === 1 ? one : several}`);
    button.addEventListener("click", () => {
      if (!state.off.delete(place)) state.off.add(place);
      refresh();
      find("legend").querySelectorAll("button")[[...find("legend").children].indexOf(line)]?.focus();
    });
    const line = document.createElement("li");
    line.append(button);
    return line;
  });
  find("legend").replaceChildren(...lines.filter(Boolean));
}

// What is known of one die, as pairs of a column's head and its text.
function facts(place) {
  const { dies, layer } = state;
  const pairs = [["X", dies.x[place]], ["Y", dies.y[place]]];
  if (dies.look) {
    pairs.push(["Bin", dies.looks[dies.look[place]].title.replace(/^Bin /, "")], ["Outcome", dies.outcomes[dies.outcome[place]]], ["First outcome", dies.outcomes[dies.first[place]]]);
    pairs.push(["Soft bin", dies.soft[place] ?? "—"], ["Attempts", dies.attempts[place]], ["Site", dies.site[place]]);
  } else {
    pairs.push(["Tested, dies", dies.tested[place]], ["Failed at first", dies.failed_first[place]], ["Failed at last", dies.failed_last[place]], ["Changed by retest", dies.changed[place]]);
  }
  if (layer.of) pairs.push([`${state.values.test}${state.values.unit ? `, ${state.values.unit}` : ""}`, layer.of[place] < 0 ? "not measured" : layers.figures(state.values.value[layer.of[place]])]);
  return pairs;
}

function address(place) {
  const serial = state.dies.serial?.[place];
  return serial ? panel.dataset.unit.replace("SERIAL", encodeURIComponent(serial)) : "";
}

function point(place) {
  const link = find("unit");
  if (place < 0) { tell("No die there."); link.hidden = true; return; }
  tell(facts(place).map(([name, text]) => `${name} ${text}`).join(" · "));
  const to = address(place);
  link.hidden = !to;
  if (to) { link.href = to; link.textContent = `Unit ${state.dies.serial[place]}`; }
}

function table() {
  const details = find("table");
  if (!details.open || !state.layer) return;
  const total = state.dies.x.length;
  state.page = Math.min(state.page, Math.max(0, Math.ceil(total / ROWS) - 1));
  const start = state.page * ROWS, body = document.createElement("tbody");
  const heads = total ? facts(0).map(([name]) => name) : [];
  for (let place = start; place < Math.min(total, start + ROWS); place += 1) {
    const row = body.insertRow();
    for (const [, text] of facts(place)) {
      const cell = row.insertCell();
      cell.textContent = text;
      if (typeof text === "number") cell.className = "sc-number";
    }
    const to = address(place);
    if (to) { const link = document.createElement("a"); link.href = to; link.textContent = state.dies.serial[place]; row.insertCell().append(link); }
  }
  const head = document.createElement("thead"), line = head.insertRow();
  for (const name of heads) { const cell = document.createElement("th"); cell.scope = "col"; cell.textContent = name; line.append(cell); }
  find("rows").replaceChildren(head, body);
  find("shown").textContent = `${(start + 1).toLocaleString("en")} to ${Math.min(total, start + ROWS).toLocaleString("en")} of ${total.toLocaleString("en")}`;
}

function asked() {
  const number = (name) => Math.trunc(Number(find(name).value)) || 0;
  const across = number("reticle-across"), down = number("reticle-down");
  return across > 0 && down > 0 ? { across, down, right: number("reticle-right"), lower: number("reticle-lower") } : null;
}

// Fails by place in the reticle: what repeats there comes from the mask, not from the wafer.
function reticle() {
  const grid = asked();
  map.reticle = grid;
  map.owe();
  const place = find("reticle");
  place.hidden = !grid;
  if (!grid || grid.across * grid.down > 400) return;
  const counted = [...Array(grid.down)].map(() => [...Array(grid.across)].map(() => ({ tested: 0, failed: 0 })));
  const { dies } = state, passes = dies.outcomes?.indexOf("pass");
  const within = (value, size) => ((value % size) + size) % size;
  dies.x.forEach((x, i) => {
    const cell = counted[within(dies.y[i] - grid.lower, grid.down)][within(x - grid.right, grid.across)];
    cell.tested += dies.tested?.[i] ?? 1;
    cell.failed += dies.failed_last?.[i] ?? Number(dies.outcome[i] !== passes);
  });
  const body = document.createElement("tbody");
  // As drawn: what lies at the top comes first.
  if (map.sign.y < 0) counted.reverse();
  for (const line of counted) {
    const row = body.insertRow();
    if (map.sign.x < 0) line.reverse();
    for (const { tested, failed } of line) { const cell = row.insertCell(); cell.className = "sc-number"; cell.textContent = tested ? `${(failed / tested * 100).toFixed(1)} (${tested})` : "—"; }
  }
  find("reticle-rows").replaceChildren(body);
}

async function choose() {
  const isValue = find("layer").value === "value";
  find("test-field").hidden = !isValue;
  state.off.clear();
  try {
    if (isValue && find("test").value) {
      tell("Reading values …");
      state.values = await ask(`${panel.dataset.values}&test=${find("test").value}`);
      const missing = state.values.unmeasured;
      tell(state.values.value.length ? `${state.values.value.length.toLocaleString("en")} values, ${missing.toLocaleString("en")} dies not measured.` : "No die has a value of this test.");
      if (!state.values.value.length) state.values = null;
    } else if (isValue) tell("Choose a test.");
    refresh();
  } catch (error) { tell(error.message); }
  remember();
}

function remember() {
  const words = new URLSearchParams(location.search);
  const put = (name, value) => (value ? words.set(name, value) : words.delete(name));
  put("layer", find("layer").selectedIndex ? find("layer").value : "");
  put("test", find("layer").value === "value" ? find("test").value : "");
  const grid = asked();
  put("reticle", grid && [grid.across, grid.down, grid.right, grid.lower].join(" "));
  history.replaceState(null, "", `?${words}`);
  const csv = document.querySelector("[data-csv]");
  if (csv) csv.href = csv.dataset.csv + (words.get("test") ? `&test=${words.get("test")}` : "");
}

function recall() {
  const words = new URLSearchParams(location.search);
  if (words.get("layer")) find("layer").value = words.get("layer");
  if (find("layer").selectedIndex < 0) find("layer").selectedIndex = 0;
  if (words.get("test")) find("test").value = words.get("test");
  const grid = (words.get("reticle") ?? "").split(" ");
  ["across", "down", "right", "lower"].forEach((name, i) => { if (grid[i]) find(`reticle-${name}`).value = grid[i]; });
}

function picture() {
  const side = 1400, line = 34, lines = counts(state.layer).map((count, place) => ({ count, group: state.layer.groups[place] })).filter(({ count }) => count);
  const paper = document.createElement("canvas");
  paper.width = side;
  paper.height = side + 90 + lines.length * line;
  const context = paper.getContext("2d", { alpha: false });
  map.paintOn(context, side, paper.height);
  context.fillStyle = token("surface");
  context.fillRect(0, 0, paper.width, paper.height);
  context.translate(0, 60);
  map.paintOn(context, side, side);
  context.fillStyle = token("ink");
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.font = "600 28px sans-serif";
  context.fillText(`${panel.dataset.title} · ${find("layer").selectedOptions[0].textContent}${state.layer.of ? ` · ${state.values.test}` : ""}`, 24, -24);
  context.font = "22px sans-serif";
  lines.forEach(({ count, group }, i) => {
    const y = side + 20 + i * line;
    context.drawImage(swatch(group), 24, y - 13, 26, 26);
    context.fillStyle = token("ink");
    context.fillText(`${group.title}: ${count.toLocaleString("en")}`, 64, y);
  });
  paper.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${panel.dataset.title.replace(/[^\w-]+/g, "-")}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}

find("layer").addEventListener("change", choose);
find("test").addEventListener("change", choose);
find("zoom-in").addEventListener("click", () => map.zoomAt(1.5, canvas.clientWidth / 2, canvas.clientHeight / 2));
find("zoom-out").addEventListener("click", () => map.zoomAt(1 / 1.5, canvas.clientWidth / 2, canvas.clientHeight / 2));
find("whole").addEventListener("click", () => map.reset());
find("table").addEventListener("toggle", table);
find("before").addEventListener("click", () => { state.page = Math.max(0, state.page - 1); table(); });
find("after").addEventListener("click", () => { state.page += 1; table(); });
document.querySelector("[data-png]")?.addEventListener("click", picture);
for (const name of ["across", "down", "right", "lower"]) find(`reticle-${name}`).addEventListener("change", () => { reticle(); remember(); });
canvas.addEventListener("sc-die", (event) => point(event.detail.place));
canvas.addEventListener("sc-opened", (event) => { const to = event.detail.place >= 0 && address(event.detail.place); if (to) location.assign(to); });
document.addEventListener("sc-theme", refresh);

recall();
try {
  state.dies = await ask(panel.dataset.dies);
  tell("Point at a die, or move over them with the arrow keys.");
  await choose();
} catch (error) { tell(error.message); }
