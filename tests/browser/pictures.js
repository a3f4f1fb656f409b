// Pictures of a page by name, each with what it lacks.
() => {
  const units = "%|σ|°C|\\b(die|dies|place|places|Units|Insertions|mA|V|h|hours|loads|lots)\\b";
  const FOUND = "canvas, svg, .sc-chart, .sc-sockets";
  const LEFT_OUT = ".sc-legend, .sc-family, table, .sc-traveller";
  const words = (ids) => (ids ?? "").split(/\s+/).filter(Boolean).map((id) => [id, document.getElementById(id)]);
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (r, g, b) => r * 0.299 + g * 0.587 + b * 0.114;
  const is = (element) => element && element.getClientRects().length > 0;

  function greys(swatch) {
    probe.clearRect(0, 0, 32, 32);
    if (swatch instanceof HTMLCanvasElement) probe.drawImage(swatch, 0, 0, 32, 32);
    else for (const part of swatch.children) {
      const style = getComputedStyle(part);
      if (part instanceof SVGPathElement) {
        probe.save(); probe.scale(2, 2); probe.strokeStyle = style.stroke; probe.lineWidth = 1.5;
        probe.stroke(new Path2D(part.getAttribute("d"))); probe.restore();
      } else { probe.fillStyle = style.fill; probe.fillRect(0, 0, 32, 32); }
    }
    const { data } = probe.getImageData(0, 0, 32, 32);
    return Array.from({ length: 1024 }, (_, i) => light(data[4 * i], data[4 * i + 1], data[4 * i + 2]));
  }

  function apart(one, other) {
    return one.reduce((sum, grey, i) => sum + Math.abs(grey - other[i]), 0) / one.length;
  }

  function legendFaults(list) {
    const lines = [...list.querySelectorAll("li")].map((line) => ({ text: line.textContent.trim(), swatch: line.querySelector("canvas, svg") }));
    const faults = lines.filter(({ text }) => !new RegExp(units).test(text)).map(({ text }) => `no unit in the legend: ${text}`);
    const grey = lines.map(({ swatch }) => greys(swatch));
    lines.forEach(({ text }, i) => lines.slice(0, i).forEach((other, j) => {
      if (apart(grey[i], grey[j]) < 3) faults.push(`alike without colour: ${other.text} | ${text}`);
    }));
    return faults;
  }

  function chartFaults(element) {
    const chart = globalThis.echarts?.getInstanceByDom(element);
    if (!chart) return ["not drawn"];
    const { xAxis, yAxis, series, legend } = chart.getOption(), faults = [];
    for (const axis of [...xAxis, ...yAxis]) {
      if (axis.type === "value" && !new RegExp(units).test(axis.name ?? "")) faults.push(`no unit on an axis: ${axis.name}`);
    }
    const named = series.filter(({ name, silent }) => name && !/^series/.test(name) && !silent);
    const looks = named.filter(({ xAxisIndex }) => !xAxisIndex).map((one) => JSON.stringify([one.type, one.symbol, one.itemStyle?.decal?.symbol, one.itemStyle?.decal?.rotation, one.lineStyle?.type]));
    if (looks.length > 1 && !legend.some(({ show }) => show)) faults.push("several series without a legend");
    if (new Set(looks).size < looks.length) faults.push(`series alike without colour: ${looks}`);
    return faults;
  }

  function isDrawn(element) {
    if (element.matches(".sc-chart")) return is(element.querySelector("canvas"));
    if (element instanceof HTMLCanvasElement) {
      const { data } = element.getContext("2d").getImageData(0, 0, element.width, element.height);
      const seen = new Uint32Array(data.buffer);
      return is(element) && new Set(seen.filter((_, i) => i % 7 === 0)).size > 3;
    }
    return is(element) && element.querySelectorAll("path, circle, rect, a, li").length > 1;
  }

  function faultsOf(element) {
    const faults = [], told = words(element.getAttribute("aria-describedby")), tables = words(element.getAttribute("aria-details"));
    if (!isDrawn(element)) faults.push("not drawn");
    if (!element.getAttribute("aria-label")) faults.push("no name");
    if (!tables.length) faults.push("no table");
    for (const [id, table] of tables) {
      if (!table?.matches("table") || !is(table.closest("details")?.querySelector("summary") ?? table)) faults.push(`no table ${id}`);
      else if (!table.tHead?.querySelector("th[scope=col]") || !table.tBodies[0]?.rows.length) faults.push(`no rows in ${id}`);
    }
    const key = told.filter(([, place]) => is(place) && place.textContent.trim());
    if (!key.length || key.length < told.length) faults.push("no words that say what is drawn");
    const legends = [...new Set(key.map(([, place]) => place))].filter((place) => place.matches(".sc-legend"));
    faults.push(...legends.flatMap(legendFaults));
    if (element.matches(".sc-chart")) faults.push(...chartFaults(element));
    else if (!legends.length) {
      const text = [element, ...key.map(([, place]) => place), ...tables.map(([, table]) => table?.tHead)].map((place) => place?.textContent).join(" ");
      if (!new RegExp(units).test(text)) faults.push("no unit");
    }
    return faults;
  }

  const pictures = [...document.querySelectorAll(`.sc-page :is(${FOUND})`)]
    .filter((element) => !element.closest(LEFT_OUT) && !element.parentElement.closest(FOUND));
  return pictures.map((element) => [element.getAttribute("aria-label") ?? element.outerHTML.slice(0, 120), faultsOf(element)]);
}
