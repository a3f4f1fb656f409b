// From columns of dies to what a map shows: groups of one look each, with what they are called.
const STEPS = 8;
const NOT_MEASURED = "Not measured";

function blend(stops, share) {
  const place = share * (stops.length - 1), at = Math.min(stops.length - 2, Math.floor(place));
  const numbers = (colour) => colour.match(/[\d.]+/g).slice(0, 3).map(Number);
  const from = numbers(stops[at]), to = numbers(stops[at + 1]);
  return from.map((value, i) => Math.round(value + (to[i] - value) * (place - at)));
}

function heat(token, share) {
  const [red, green, blue] = blend([token("heat-low"), token("heat-mid"), token("heat-high")], share);
  const isLight = red * 0.299 + green * 0.587 + blue * 0.114 > 140;
  return { colour: `rgb(${red},${green},${blue})`, markColour: isLight ? "#10151d" : "#fff" };
}

function figures(value) {
  if (value === 0) return "0";
  return Math.abs(value) >= 1e6 || Math.abs(value) < 1e-3 ? value.toExponential(3) : String(Number(value.toPrecision(4)));
}

function bins(dies, token) {
  return {
    x: dies.x, y: dies.y, group: dies.look, texts: null,
    groups: dies.looks.map(({ title, style, mark }) => ({ title, mark, colour: token(style) })),
  };
}

// What the retest did to each die.
function retest(dies, token) {
  const passes = dies.outcomes.indexOf("pass");
  const groups = [
    { title: "Passes, as at first", mark: "", colour: token("pass") },
    { title: "Recovered: failed first, passes last", mark: "plus", colour: token("fail-2") },
    { title: "Fails, as at first", mark: "cross", colour: token("fail-1") },
    { title: "Lost: passed first, fails last", mark: "diamond", colour: token("fail-6") },
  ];
  const group = dies.x.map((_, i) => {
    const first = dies.first[i] === passes, last = dies.outcome[i] === passes;
    if (last) return first ? 0 : 1;
    return first ? 3 : 2;
  });
  return { x: dies.x, y: dies.y, group, groups, texts: null };
}

// A share of dies from 0 to 100 % at each place.
function shares(places, name, token) {
  const ratio = places.x.map((_, i) => places[name][i] / places.tested[i]);
  const groups = [...Array(STEPS + 1).keys()].map((step) => {
    const title = step === 0 ? "0 %" : `over ${figures((step - 1) / STEPS * 100)} to ${figures(step / STEPS * 100)} %`;
    return { title, mark: step > STEPS / 2 ? "cross" : "", ...heat(token, step / STEPS) };
  });
  const group = ratio.map((share) => Math.ceil(share * STEPS - 1e-9));
  return { x: places.x, y: places.y, group, groups, texts: ratio.map((share) => String(Math.round(share * 100))) };
}

// Values in eight steps between the 0.5 % and 99.5 % quantiles; what lies beyond is marked and counted.
function values(found, dies, token) {
  const ordered = [...found.value].sort((one, other) => one - other);
  const at = (share) => ordered[Math.round((ordered.length - 1) * share)];
  const low = at(0.005), high = at(0.995), width = (high - low) / STEPS || 1;
  const unit = found.unit ? ` ${found.unit}` : "";
  const groups = [];
  for (const isFail of [false, true]) {
    groups.push({ title: `below ${figures(low)}${unit}${isFail ? ", fails" : ""}`, mark: "down", ...heat(token, 0) });
    for (let step = 0; step < STEPS; step += 1) {
      const range = `${figures(low + step * width)} to ${figures(low + (step + 1) * width)}${unit}`;
      groups.push({ title: isFail ? `${range}, fails` : range, mark: isFail ? "cross" : "", ...heat(token, (step + 0.5) / STEPS) });
    }
    groups.push({ title: `above ${figures(high)}${unit}${isFail ? ", fails" : ""}`, mark: "up", ...heat(token, 1) });
  }
  groups.push({ title: NOT_MEASURED, mark: "slash", colour: token("line-strong") });
  const none = groups.length - 1;
  const place = new Map(found.x.map((x, i) => [`${x}:${found.y[i]}`, i]));
  const of = dies.x.map((x, i) => place.get(`${x}:${dies.y[i]}`) ?? -1);
  const group = of.map((i) => {
    if (i < 0) return none;
    const step = found.value[i] < low ? -1 : found.value[i] > high ? STEPS : Math.min(STEPS - 1, Math.floor((found.value[i] - low) / width));
    return step + 1 + (found.failed[i] ? STEPS + 2 : 0);
  });
  return { x: dies.x, y: dies.y, group, groups, texts: of.map((i) => (i < 0 ? "" : figures(found.value[i]) + (found.failed[i] ? " ✕" : ""))), of };
}

globalThis.scMapLayers = { bins, retest, shares, values, figures };
