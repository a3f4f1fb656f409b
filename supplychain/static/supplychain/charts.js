// What every picture of figures shares: the page's own colours, patterns, and a second look when the theme changes.
const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

function rgb(colour) {
  // Whatever the style sheet says (oklch, color-mix) as the library can read it.
  probe.clearRect(0, 0, 1, 1);
  probe.fillStyle = colour;
  probe.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = probe.getImageData(0, 0, 1, 1).data;
  return alpha === 255 ? `rgb(${red},${green},${blue})` : `rgba(${red},${green},${blue},${(alpha / 255).toFixed(3)})`;
}

function token(name) {
  const element = document.createElement("i");
  element.style.color = `var(--sc-${name})`;
  document.querySelector(".sc-page").append(element);
  const colour = getComputedStyle(element).color;
  element.remove();
  return rgb(colour);
}

const SERIES = ["accent", "fail-1", "fail-2", "fail-3", "fail-4", "fail-6", "fail-7", "fail-8"];
const SYMBOLS = ["circle", "triangle", "rect", "diamond", "pin", "arrow", "roundRect", "circle"];
const DECALS = [
  null,
  { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: Math.PI / 4 },
  { symbol: "circle", dashArrayX: [[4, 4], [0, 4, 4, 0]], dashArrayY: [4, 0], symbolSize: 0.8 },
  { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4 },
  { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [3, 4], rotation: 0 },
  { symbol: "rect", dashArrayX: [[3, 3]], dashArrayY: [3, 3], rotation: 0 },
  { symbol: "triangle", dashArrayX: [[6, 6]], dashArrayY: [6, 2], rotation: 0 },
  { symbol: "rect", dashArrayX: [2, 4], dashArrayY: [1, 0], rotation: 0 },
];

function look(place) {
  const at = place % SERIES.length;
  const colour = token(SERIES[at]);
  const decal = DECALS[at] && { ...DECALS[at], color: token("surface") };
  return { colour, symbol: SYMBOLS[at], decal: decal ?? { symbol: "none" } };
}

function frame() {
  const ink = token("ink-soft");
  const line = token("line");
  const axis = { nameLocation: "middle", axisLabel: { color: ink, hideOverlap: true }, nameTextStyle: { color: ink }, axisLine: { lineStyle: { color: token("line-strong") } }, splitLine: { lineStyle: { color: line } } };
  return {
    axis,
    option: {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink, fontSize: 12 },
      grid: { left: 30, right: 18, top: 32, bottom: 30, containLabel: true },
      legend: { show: false, textStyle: { color: ink }, top: 0, itemWidth: 18 },
      tooltip: { renderMode: "richText", confine: true, backgroundColor: token("surface"), borderColor: token("line-strong"), textStyle: { color: token("ink"), fontSize: 12 } },
    },
  };
}

const drawn = new Map();

function draw(element, build) {
  const chart = drawn.get(element)?.chart ?? globalThis.echarts.init(element, null, { renderer: "canvas" });
  chart.setOption(build(frame()), { notMerge: true });
  if (!drawn.has(element)) new ResizeObserver(() => chart.resize()).observe(element);
  drawn.set(element, { chart, build });
  element.dataset.drawn = "true";
  return chart;
}

new MutationObserver(() => {
  for (const [element, { build }] of drawn) draw(element, build);
  document.dispatchEvent(new CustomEvent("sc-theme"));
}).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });

function said(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

globalThis.scCharts = { draw, look, said, token };
