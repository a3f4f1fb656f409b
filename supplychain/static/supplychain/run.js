// What failed most: bars, and the share they make up together with those before them.
const { draw, look, said } = globalThis.scCharts;

for (const element of document.querySelectorAll("[data-pareto]")) {
  const { unit, labels, counts, shares } = said(element.dataset.pareto);
  draw(element, ({ option, axis }) => ({
    ...option,
    tooltip: { ...option.tooltip, trigger: "axis" },
    grid: { ...option.grid, left: labels.length > 5 ? 58 : 44, right: 30, bottom: 8 },
    legend: { ...option.legend, show: true },
    xAxis: { ...axis, type: "category", data: labels, axisLabel: { ...axis.axisLabel, rotate: labels.length > 5 ? 38 : 0, width: 110, overflow: "truncate", hideOverlap: false, interval: 0 } },
    yAxis: [
      { ...axis, type: "value", name: unit, nameGap: 40, minInterval: 1 },
      { ...axis, type: "value", name: "With those before, %", nameGap: 34, min: 0, max: 100, splitLine: { show: false } },
    ],
    series: [
      { name: unit, type: "bar", data: counts, barMaxWidth: 42, itemStyle: { color: look(0).colour } },
      { name: "With those before, %", type: "line", yAxisIndex: 1, data: shares, symbol: "diamond", symbolSize: 7, color: look(1).colour, lineStyle: { type: "dashed" } },
    ],
  }));
}
