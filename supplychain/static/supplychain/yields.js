// Yields with their intervals: bars side by side, or a line over weeks. Each leads one level down.
const { draw, look, said, token } = globalThis.scCharts;

function told(panel, point) {
  const rolled = point.rolled === null ? "" : `\nrolled ${point.rolled} %`;
  return `${panel.noun} ${point.label}\n${point.ratio} % (${point.low} to ${point.high})${rolled}\n${point.passed} of ${point.tested} units, ${point.lots} lots`;
}

function range(points) {
  const levels = points.flatMap(({ low, high, rolled }) => [low, high, rolled]).filter((level) => level !== null);
  const low = Math.min(...levels), high = Math.max(...levels), room = Math.max(1, (high - low) * 0.1);
  return { min: Math.max(0, Math.floor(low - room)), max: Math.min(100, Math.ceil(high + room)) };
}

for (const panel of said("drawn")) {
  const element = document.querySelector(`[data-picture="${panel.name}"]`);
  if (!element) continue;
  const { points } = panel;
  const isRolled = points.some(({ rolled }) => rolled !== null);
  const chart = draw(element, ({ option, axis }) => ({
    ...option,
    legend: { ...option.legend, show: true },
    tooltip: { ...option.tooltip, trigger: "axis", formatter: ([{ dataIndex }]) => told(panel, points[dataIndex]) },
    dataZoom: points.length > 60 ? [{ type: "inside" }, { type: "slider", height: 18, bottom: 4 }] : [],
    xAxis: { ...axis, type: "category", data: points.map(({ label }) => label), name: panel.noun, nameGap: 28 },
    yAxis: { ...axis, type: "value", ...range(points), name: "Yield, %", nameGap: 40 },
    series: [
      {
        name: "95 % interval", type: "custom", color: look(0).colour, encode: { x: 0, y: [1, 2] }, clip: true, silent: true,
        data: points.map(({ low, high }, at) => [at, low, high]),
        renderItem: (_, api) => {
          const [x, from] = api.coord([api.value(0), api.value(1)]), [, to] = api.coord([api.value(0), api.value(2)]);
          const style = { stroke: look(0).colour, lineWidth: 2, opacity: 0.7 };
          const flat = (y) => ({ type: "line", shape: { x1: x - 5, y1: y, x2: x + 5, y2: y }, style });
          return { type: "group", children: [{ type: "line", shape: { x1: x, y1: from, x2: x, y2: to }, style }, flat(from), flat(to)] };
        },
      },
      { name: "Yield", type: panel.trend ? "line" : "scatter", symbol: look(0).symbol, symbolSize: 9, color: look(0).colour, data: points.map(({ ratio }) => ratio) },
      ...(isRolled ? [{ name: "Rolled", type: "scatter", symbol: look(2).symbol, symbolSize: 9, color: token("warn"), data: points.map(({ rolled }) => rolled) }] : []),
    ],
  }));
  chart.on("click", ({ dataIndex }) => { if (points[dataIndex]?.to) location.assign(points[dataIndex].to); });
}
