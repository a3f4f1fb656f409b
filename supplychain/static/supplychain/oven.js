// An oven's log: temperature and voltage over the same time, each in its window, what is not proven shaded.
const { draw, look, said, token } = globalThis.scCharts;

function stretches(list, colour) {
  return { silent: true, itemStyle: { color: colour, opacity: 0.5 }, data: list.map(([from, to]) => [{ xAxis: from }, { xAxis: to }]) };
}

for (const element of document.querySelectorAll("[data-oven-log]")) {
  const { start, end, panels } = said(element.dataset.ovenLog);
  draw(element, ({ option, axis }) => ({
    ...option,
    tooltip: { ...option.tooltip, trigger: "axis" },
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    grid: panels.map((_, place) => ({ left: 62, right: 18, top: place ? "51%" : 18, height: "36%" })),
    dataZoom: [
      { type: "inside", xAxisIndex: [0, 1], filterMode: "none", zoomOnMouseWheel: "ctrl" },
      { type: "slider", xAxisIndex: [0, 1], filterMode: "none", bottom: 4, height: 20, showDataShadow: false, borderColor: token("line-strong"), textStyle: { color: token("ink-soft") } },
    ],
    xAxis: panels.map((_, place) => ({ ...axis, type: "time", gridIndex: place, min: start, max: end, useUTC: true, axisLabel: { ...axis.axisLabel, show: place === panels.length - 1 } })),
    yAxis: panels.map(({ name, low, high }, place) => ({
      ...axis,
      type: "value",
      gridIndex: place,
      name,
      nameGap: 44,
      // The window is always in sight, whatever was read.
      min: ({ min }) => Math.min(min, low) - (high - low) / 4,
      max: ({ max }) => Math.max(max, high) + (high - low) / 4,
      axisLabel: { ...axis.axisLabel, showMinLabel: false, showMaxLabel: false },
    })),
    useUTC: true,
    series: panels.flatMap(({ name, points, low, high, lost }, place) => [
      {
        name,
        type: "line",
        xAxisIndex: place,
        yAxisIndex: place,
        data: points,
        showSymbol: points.length < 60,
        symbolSize: 4,
        color: look(0).colour,
        lineStyle: { width: 1.5 },
        markArea: stretches(lost, token("bad-soft")),
        markLine: {
          silent: true,
          symbol: "none",
          lineStyle: { color: token("good"), type: "dashed" },
          label: { color: token("ink-soft"), formatter: ({ value }) => `${value}` },
          data: [{ yAxis: low, label: { position: "insideEndBottom" } }, { yAxis: high, label: { position: "insideEndTop" } }],
        },
      },
    ]),
  }));
}
