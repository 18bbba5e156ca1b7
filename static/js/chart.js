// data-chart: draws the table of that id. The library is fetched where a chart stands, and nowhere else. Colours come from
// the tokens of the style sheet, so that a chart follows the theme, on screen and on paper.
(() => {
  const drawn = new Map();
  let library = null;

  const load = (url) => {
    library ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = url;
      script.onload = () => done(globalThis.echarts);
      // The next chart that is looked at tries again.
      script.onerror = (fault) => {
        library = null;
        failed(fault);
      };
      document.head.append(script);
    });
    return library;
  };

  const text = (cell) => (cell?.dataset.short ?? cell?.textContent ?? "").replace(/\s+/g, " ").trim();
  const number = (cell) => (cell?.dataset.value === undefined || cell.dataset.value === "" ? null : Number(cell.dataset.value));

  const read = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]).filter((row) => !row.hasAttribute("data-chart-skip"));
    if (table.hasAttribute("data-chart-reversed")) rows.reverse();
    const columns = heads.map((head, at) => [head, at]).filter(([head]) => head.hasAttribute("data-series"));
    return {
      names: rows.map((row) => text(row.cells[0])),
      series: columns.map(([head, at]) => ({ name: text(head), data: rows.map((row) => number(row.cells[at])) })),
    };
  };

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const colours = () => [1, 2, 3, 4, 5, 6].map((at) => token(`--c-chart-${at}`));
  const grouped = (value) => (value === null || value === undefined ? "–" : value.toLocaleString("en-US", { maximumFractionDigits: 4 }));

  const options = (figure, table) => {
    const { names, series } = read(table);
    const bars = figure.dataset.chart === "bars";
    const axis = { axisLine: { lineStyle: { color: token("--c-line-strong") } }, axisTick: { show: false }, axisLabel: { color: token("--c-muted"), hideOverlap: true } };
    return {
      animation: false,
      color: colours(),
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 8, right: 12, top: series.length > 1 ? 36 : 16, bottom: 4, containLabel: true },
      legend: series.length > 1 ? { top: 0, left: 4, icon: "roundRect", itemWidth: 12, itemHeight: 8, textStyle: { color: token("--c-text") } } : { show: false },
      tooltip: {
        trigger: "axis", renderMode: "richText", confine: true, axisPointer: { type: bars ? "shadow" : "line" },
        backgroundColor: token("--c-raised"), borderColor: token("--c-line-strong"), textStyle: { color: token("--c-text"), fontSize: 12 },
        valueFormatter: (value) => `${grouped(value)} ${figure.dataset.chartUnit}`.trim(),
      },
      xAxis: { type: "category", data: names, ...axis },
      yAxis: { type: "value", ...axis, axisLine: { show: false }, splitLine: { lineStyle: { color: token("--c-line") } }, axisLabel: { color: token("--c-muted"), formatter: grouped } },
      series: series.map((one) => (bars
        ? { ...one, type: "bar", stack: "all", barMaxWidth: 36, emphasis: { disabled: true } }
        : { ...one, type: "line", connectNulls: false, showSymbol: names.length < 40, symbolSize: 5, lineStyle: { width: 2 }, emphasis: { disabled: true } })),
    };
  };

  const draw = async (figure) => {
    const table = document.getElementById(figure.dataset.chartTable);
    if (!table || table.tBodies.length === 0) { figure.hidden = true; return; }
    try {
      const echarts = await load(figure.dataset.chartLibrary);
      if (!figure.isConnected || drawn.has(figure)) return;
      const chart = echarts.init(figure.firstElementChild, null, { renderer: "svg" });
      drawn.set(figure, chart);
      chart.setOption(options(figure, table));
    } catch {
      // The table says the same.
      figure.hidden = true;
    }
  };

  const each = (work) => {
    for (const [figure, chart] of drawn) {
      if (figure.isConnected) work(figure, chart);
      else { chart.dispose(); drawn.delete(figure); }
    }
  };
  const redraw = () => each((figure, chart) => chart.setOption(options(figure, document.getElementById(figure.dataset.chartTable))));
  const look = () => {
    each(() => {});
    for (const figure of document.querySelectorAll("[data-chart]")) if (!drawn.has(figure)) draw(figure);
  };

  look();
  document.addEventListener("htmx:after:swap", look);
  addEventListener("resize", () => each((_, chart) => chart.resize()));
  addEventListener("beforeprint", () => { redraw(); each((_, chart) => chart.resize({ width: 680 })); });
  addEventListener("afterprint", () => { redraw(); each((_, chart) => chart.resize({ width: "auto" })); });
  new MutationObserver(redraw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
})();
