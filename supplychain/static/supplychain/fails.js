// A functional test: the share of insertions that fails, with its interval, over runs and by site.
const { draw, look, said } = globalThis.scCharts;
const sides = said("shares");
const named = (side) => (sides.length > 1 ? `${side.name}: ` : "");
const percent = (number) => String(Number(number.toPrecision(3)));

function picture(name, key, axisName) {
  const points = sides.flatMap((side, i) => side[key].map((one) => ({ ...one, side: i, label: `${named(side)}${one.label}` })));
  draw(document.querySelector(`[data-picture="${name}"]`), ({ option, axis }) => ({
    ...option,
    legend: { ...option.legend, show: sides.length > 1 },
    tooltip: { ...option.tooltip, formatter: ({ dataIndex }) => { const one = points[dataIndex]; return `${one.label}\n${one.fails} of ${one.of} failed\n${percent(one.share[0])} %, interval ${percent(one.share[1])} to ${percent(one.share[2])} %`; } },
    dataZoom: points.length > 60 ? [{ type: "inside" }, { type: "slider", height: 18, bottom: 4 }] : [],
    xAxis: { ...axis, type: "category", data: points.map((one) => one.label), name: axisName, nameGap: 42, axisLabel: { ...axis.axisLabel, lineHeight: 15 } },
    yAxis: { ...axis, type: "value", name: "Failed, %", nameGap: 40, min: 0 },
    series: [
      {
        type: "custom", silent: true, data: points.map((one, i) => [i, one.share[1], one.share[2], one.side]), encode: { x: 0, y: [1, 2] }, clip: true,
        renderItem: (_, api) => {
          const [x, from] = api.coord([api.value(0), api.value(1)]), [, to] = api.coord([api.value(0), api.value(2)]);
          return { type: "line", shape: { x1: x, y1: from, x2: x, y2: to }, style: { stroke: look(api.value(3)).colour, lineWidth: 2, opacity: 0.6 } };
        },
      },
      ...sides.map((side, i) => ({ name: `Selection ${side.name}`, type: "scatter", symbol: look(i).symbol, symbolSize: 8, color: look(i).colour, data: points.map((one) => (one.side === i ? one.share[0] : null)) })),
    ],
  }));
}

picture("share-runs", "runs", "Runs in order of time");
picture("share-sites", "sites", "Site");
