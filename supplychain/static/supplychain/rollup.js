// What each cost is built of: a bar for an item at a stage, parted by material, yield loss, conversion and parts.
const { draw, look, said } = globalThis.scCharts;
const NAMES = { material: "Material", yield_loss: "Yield loss borne", conversion: "Conversion", parts: "Parts" };

function told({ label, cost, parts }) {
  const lines = Object.entries(NAMES).map(([name, title]) => `${title} ${parts[name].amount} (${parts[name].share.toFixed(1)} %)`);
  return `${label}: ${cost}\n${lines.join("\n")}`;
}

const rows = said("drawn");
const element = document.querySelector('[data-picture="built"]');
if (element && rows.length) {
  draw(element, ({ option, axis }) => ({
    ...option,
    legend: { ...option.legend, show: true },
    tooltip: { ...option.tooltip, trigger: "axis", axisPointer: { type: "shadow" }, formatter: ([{ dataIndex }]) => told(rows[dataIndex]) },
    dataZoom: rows.length > 30 ? [{ type: "slider", yAxisIndex: 0, width: 16, right: 0, startValue: 0, endValue: 29 }] : [],
    xAxis: { ...axis, type: "value", max: 100, name: "Share of the cost, %", nameGap: 24 },
    yAxis: { ...axis, type: "category", inverse: true, data: rows.map(({ label }) => label), axisLabel: { ...axis.axisLabel, hideOverlap: false, interval: 0, fontSize: 11 } },
    series: Object.entries(NAMES).map(([name, title], place) => {
      const { colour, decal } = look(place);
      return { name: title, type: "bar", stack: "cost", barCategoryGap: "20%", itemStyle: { color: colour, decal }, data: rows.map(({ parts }) => parts[name].share) };
    }),
  }));
}
