// One test in four pictures: histogram, boxes by site, trend over runs, and normal plot.
const { draw, look, said, token } = globalThis.scCharts;
const found = said("drawn");
const { sides, edges, limits, axis: [low, high] } = found;
const value = found.unit ? `Value, ${found.unit}` : "Value";
const figures = (number) => String(Number(Number(number).toPrecision(5)));
const place = (name) => document.querySelector(`[data-picture="${name}"]`);
const named = (side) => (sides.length > 1 ? `${side.name}: ` : "");

// Limits as lines with a name; those beyond the axis are not drawn, the page says so.
function limitLines(key) {
  const lines = limits.map((limit, i) => ({ limit, name: ["low limit", "high limit"][i] })).filter(({ limit }) => limit !== null && limit >= low && limit <= high);
  return {
    silent: true, symbol: "none", lineStyle: { color: token("bad"), type: "dashed", width: 1.5 },
    label: { color: token("bad"), formatter: (line) => line.name, position: key === "xAxis" ? "end" : "insideEndTop" },
    data: lines.map(({ limit, name }) => ({ [key]: limit, name })),
  };
}

function valueAxis(axis) {
  return { ...axis, type: "value", min: low, max: high, name: value, axisLabel: { ...axis.axisLabel, formatter: figures, showMinLabel: false, showMaxLabel: false } };
}

draw(place("histogram"), ({ option, axis }) => ({
  ...option,
  legend: { ...option.legend, show: sides.length > 1 },
  tooltip: { ...option.tooltip, formatter: ({ seriesName, data }) => `${seriesName}\n${figures(data.value[0])} to ${figures(data.value[1])} ${found.unit}\n${data.value[2]} % · ${data.count} values` },
  xAxis: { ...valueAxis(axis), nameGap: 28, splitLine: { show: false } },
  yAxis: { ...axis, type: "value", name: "Values, %", nameGap: 36 },
  series: sides.map((side, i) => ({
    name: sides.length > 1 ? `Selection ${side.name}` : "Values", type: "custom", color: look(i).colour, itemStyle: { decal: sides.length > 1 ? look(i).decal : undefined }, clip: true,
    encode: { x: [0, 1], y: 2 },
    data: side.counts.map((count, bar) => ({ value: [edges[bar], edges[bar + 1], Number((count / side.count * 100).toPrecision(4))], count })),
    renderItem: (_, api) => {
      const [left, top] = api.coord([api.value(0), api.value(2)]), [right, bottom] = api.coord([api.value(1), 0]);
      const wide = (right - left) / sides.length;
      return { type: "rect", shape: { x: left + i * wide + 0.5, y: top, width: Math.max(1, wide - 1), height: bottom - top }, style: { fill: look(i).colour, decal: sides.length > 1 ? look(i).decal : undefined } };
    },
    markLine: i === 0 ? limitLines("xAxis") : undefined,
  })),
}));

draw(place("sites"), ({ option, axis }) => {
  const labels = sides.flatMap((side) => side.sites.map((site) => `${named(side)}${site.label}`));
  return {
    ...option,
    tooltip: { ...option.tooltip, formatter: ({ name, data }) => `Site ${name}\nmedian ${figures(data.value[2])} ${found.unit}\nquartiles ${figures(data.value[1])} to ${figures(data.value[3])}\n${data.count} values, ${data.outside} beyond the whiskers` },
    xAxis: { ...axis, type: "category", data: labels, name: "Site", nameGap: 28 },
    yAxis: { ...valueAxis(axis), nameGap: 52 },
    series: [{
      type: "boxplot", boxWidth: [6, 40],
      data: sides.flatMap((side, i) => side.sites.map(({ five, count, outside }) => ({ value: five, count, outside, itemStyle: { color: token("accent-soft"), borderColor: look(i).colour, borderWidth: 1.5 } }))),
      markLine: limitLines("yAxis"),
    }],
  };
});

draw(place("trend"), ({ option, axis }) => {
  const runs = sides.flatMap((side, i) => side.runs.map((run) => ({ ...run, side: i })));
  const labels = runs.map((run) => `${named(sides[run.side])}${run.label}\n${run.at}`);
  return {
    ...option,
    tooltip: { ...option.tooltip, formatter: ({ dataIndex }) => { const run = runs[dataIndex]; return `${run.label}, ${run.at}\nmedian ${figures(run.five[2])} ${found.unit}\nquartiles ${figures(run.five[1])} to ${figures(run.five[3])}\n${run.count} values`; } },
    legend: { ...option.legend, show: sides.length > 1 },
    dataZoom: runs.length > 60 ? [{ type: "inside" }, { type: "slider", height: 18, bottom: 4 }] : [],
    xAxis: { ...axis, type: "category", data: labels, name: "Runs in order of time", nameGap: 42, axisLabel: { ...axis.axisLabel, lineHeight: 15 } },
    yAxis: { ...valueAxis(axis), nameGap: 52 },
    series: [
      {
        type: "custom", silent: true, data: runs.map((run, i) => [i, run.five[1], run.five[3], run.side]), encode: { x: 0, y: [1, 2] }, clip: true,
        renderItem: (_, api) => {
          const [x, from] = api.coord([api.value(0), api.value(1)]), [, to] = api.coord([api.value(0), api.value(2)]);
          return { type: "line", shape: { x1: x, y1: from, x2: x, y2: to }, style: { stroke: look(api.value(3)).colour, lineWidth: 2, opacity: 0.6 } };
        },
      },
      ...sides.map((side, i) => ({ name: `Selection ${side.name}`, type: "scatter", symbol: look(i).symbol, symbolSize: 7, color: look(i).colour, data: runs.map((run) => (run.side === i ? run.five[2] : null)), markLine: i === 0 ? limitLines("yAxis") : undefined })),
    ],
  };
});

draw(place("normal"), ({ option, axis }) => ({
  ...option,
  legend: { ...option.legend, show: sides.length > 1 },
  tooltip: { ...option.tooltip, formatter: ({ data }) => `normal ${figures(data[0])}\nvalue ${figures(data[1])} ${found.unit}` },
  xAxis: { ...axis, type: "value", name: "Quantile of a normal, σ", nameGap: 28 },
  yAxis: { ...valueAxis(axis), nameGap: 52 },
  series: sides.filter((side) => side.normal).flatMap((side) => {
    const i = sides.indexOf(side), [normal, own, intercept, slope] = side.normal;
    const ends = [normal[0], normal[normal.length - 1]];
    return [
      { name: `Selection ${side.name}`, type: "scatter", clip: true, symbol: look(i).symbol, symbolSize: 5, color: look(i).colour, data: normal.map((at, n) => [at, own[n]]), markLine: i === 0 ? limitLines("yAxis") : undefined },
      { type: "line", clip: true, silent: true, symbol: "none", color: look(i).colour, lineStyle: { type: "dotted" }, data: ends.map((at) => [at, intercept + slope * at]) },
    ];
  }),
}));

if (found.pairs) draw(place("pairs"), ({ option, axis }) => ({
  ...option,
  tooltip: { ...option.tooltip, formatter: ({ data }) => `A ${figures(data[0])} ${found.unit}\nB ${figures(data[1])} ${found.unit}` },
  xAxis: { ...valueAxis(axis), name: `A: ${value}`, nameGap: 28 },
  yAxis: { ...valueAxis(axis), name: `B: ${value}`, nameGap: 52 },
  series: [
    { type: "scatter", clip: true, symbol: look(0).symbol, symbolSize: 5, color: look(0).colour, data: found.pairs, markLine: limitLines("yAxis") },
    { type: "line", clip: true, silent: true, symbol: "none", color: token("ink-soft"), lineStyle: { type: "dotted" }, data: [[low, low], [high, high]] },
  ],
}));
