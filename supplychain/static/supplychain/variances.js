// Variances of each month, stacked by kind: losses above the line, gains below it.
const { draw, look, said } = globalThis.scCharts;
const { months, kinds } = said("drawn");
const element = document.querySelector('[data-picture="months"]');
const money = new Intl.NumberFormat("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

function told(at) {
  return [months[at], ...kinds.map(({ name, amounts }) => `${name} ${money.format(amounts[at])}`)].join("\n");
}

if (element && months.length) {
  draw(element, ({ option, axis }) => ({
    ...option,
    legend: { ...option.legend, show: true },
    tooltip: { ...option.tooltip, trigger: "axis", axisPointer: { type: "shadow" }, formatter: ([{ dataIndex }]) => told(dataIndex) },
    dataZoom: months.length > 36 ? [{ type: "inside" }, { type: "slider", height: 18, bottom: 4 }] : [],
    xAxis: { ...axis, type: "category", data: months, name: "Period", nameGap: 28 },
    yAxis: { ...axis, type: "value", name: "Amount", nameGap: 74 },
    series: kinds.map(({ name, amounts }, place) => {
      const { colour, decal } = look(place);
      return { name, type: "bar", stack: "variance", itemStyle: { color: colour, decal }, data: amounts };
    }),
  }));
}
