// Hands the lab's plots to ECharts, and keeps them in the page's colours. The data stands in the page; nothing is fetched.
'use strict';
(() => {
  const lab = JSON.parse(document.getElementById('lab').textContent);
  const plots = new Map(lab.experiments.flatMap(e => e.outcome.plots).map(p => [p.id, p]));
  const root = document.documentElement;
  const preferred = matchMedia('(prefers-color-scheme: dark)');
  const colour = name => getComputedStyle(root).getPropertyValue('--' + name).trim();
  const palette = () => [0, 1, 2, 3, 4, 5].map(i => colour('c' + i));

  // The same three digits and units as the tool's own tables.
  const steps = {
    s: [[1, 's'], [1e-3, 'ms'], [1e-6, 'µs'], [1e-9, 'ns']],
    B: [[2 ** 30, 'GiB'], [2 ** 20, 'MiB'], [2 ** 10, 'KiB'], [1, 'B']],
    '1/s': [[1e9, 'G/s'], [1e6, 'M/s'], [1e3, 'k/s'], [1, '/s']],
  };
  steps['B/s'] = steps.B.map(([size, name]) => [size, name + '/s']);
  const grouped = (v, digits) => v.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const digits = v => { const a = Math.abs(v); return a === 0 ? '0' : a >= 99.95 ? grouped(v, 0) : a >= 9.995 ? v.toFixed(1) : a >= 0.01 ? v.toFixed(2) : v.toExponential(2); };
  const format = (v, unit) => {
    if (steps[unit]) {
      if (v === 0) return '0';
      const [size, name] = steps[unit].find(([s]) => Math.abs(v) >= s * 0.9995) ?? steps[unit].at(-1);
      return `${unit.startsWith('B') && v % size === 0 ? grouped(v / size, 0) : digits(v / size)} ${name}`;
    }
    if (unit === 'ratio') return digits(v) + ' ×';
    if (unit === 'fraction') return digits(v * 100) + ' %';
    return Number.isInteger(v) ? grouped(v, 0) : digits(v);
  };
  // On an axis, round numbers stay short.
  const short = (v, unit) => format(v, unit).replace(/\.0+(?=\D|$)/, '').replace(/(\.\d*?)0+(?=\s|$)/, '$1');

  const base = unit => unit.startsWith('B') ? 16 : 10;
  const axis = (a, narrow) => ({
    type: a.log ? 'log' : 'value',
    logBase: base(a.unit),
    name: a.label,
    nameLocation: 'middle',
    nameTextStyle: { color: colour('dim') },
    axisLabel: { color: colour('dim'), formatter: v => short(v, a.unit), hideOverlap: true, fontSize: narrow ? 10 : 12 },
    axisLine: { lineStyle: { color: colour('line') } },
    splitLine: { lineStyle: { color: colour('line') } },
  });

  // Bars of a logarithmic axis stand on a power below the least of them: there is no zero to stand on.
  const floor = plot => {
    if (plot.kind !== 'bars' || !plot.y.log) return {};
    const b = base(plot.y.unit), least = Math.min(...plot.series.flatMap(s => s.points.map(p => Math.min(p.y, p.low))));
    const min = b ** (Math.floor(Math.log(least) / Math.log(b) - 1e-9));
    return { min, startValue: min };
  };

  // From quartile to quartile; over a bar, the figure too, where they have room beside each other.
  const whisker = (plot, index, narrow) => {
    const series = plot.series[index], count = plot.series.length, bars = plot.kind === 'bars';
    const told = bars && !(narrow && count * plot.categories.length > 12);
    return {
      type: 'custom', name: series.name, silent: true, z: 5, tooltip: { show: false }, encode: { x: 0, y: [1, 2] },
      data: series.points.map(p => [p.x, p.low, p.high, p.y]),
      renderItem: (_, api) => {
        const low = api.coord([api.value(0), api.value(1)]), high = api.coord([api.value(0), api.value(2)]);
        const shift = bars ? api.barLayout({ count, barMaxWidth: 60, barGap: '15%', barCategoryGap: '35%' })[index].offsetCenter : 0;
        const x = low[0] + shift, w = 4, stroke = { stroke: bars ? colour('text') : palette()[index % 6], lineWidth: 1.2 };
        const line = (x1, y1, x2, y2) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style: stroke });
        const children = api.value(2) > api.value(1) ? [line(x, low[1], x, high[1]), line(x - w, low[1], x + w, low[1]), line(x - w, high[1], x + w, high[1])] : [];
        if (told)
          children.push({ type: 'text', style: { text: format(api.value(3), plot.y.unit), x, y: high[1] - 5, align: 'center', verticalAlign: 'bottom', fill: colour('text'), font: `${narrow || count > 2 || count * plot.categories.length > 12 ? 10 : 12}px system-ui, sans-serif` } });
        return { type: 'group', children };
      },
    };
  };

  const symbols = ['circle', 'rect', 'triangle', 'diamond', 'emptyCircle', 'emptyRect'];
  const numeric = (plot, narrow) => {
    const bars = plot.kind === 'bars', many = plot.series.length > 1;
    const x = bars
      ? { type: 'category', data: plot.categories, axisLabel: { color: colour('dim'), interval: 0, width: Math.min(narrow ? 74 : 130, (narrow ? 300 : 680) / plot.categories.length), overflow: 'break', fontSize: narrow ? 10 : 12, lineHeight: narrow ? 12 : 15 }, axisLine: { lineStyle: { color: colour('line') } } }
      : { ...axis(plot.x, narrow), nameGap: 28 };
    const drawn = plot.series.map((series, i) => bars
      ? {
          type: 'bar', name: series.name, barMaxWidth: 60, barGap: '15%', barCategoryGap: '35%', itemStyle: { borderRadius: [3, 3, 0, 0] },
          data: series.points.map(p => ({ value: [p.x, p.y], range: p })),
        }
      : {
          type: 'line', name: series.name, symbol: symbols[i % symbols.length], symbolSize: 8, lineStyle: { width: 2 },
          data: series.points.map(p => ({ value: [p.x, p.y], range: p })),
        });
    return {
      grid: { left: 14, right: narrow ? 14 : 24, top: many ? (narrow ? 76 : 56) : 40, bottom: bars ? 8 : 34, containLabel: true },
      legend: { show: many, top: 0, type: 'plain', itemWidth: 16, itemGap: narrow ? 8 : 14, textStyle: { color: colour('text'), fontSize: narrow ? 11 : 13 } },
      xAxis: x,
      yAxis: { ...axis(plot.y, narrow), ...floor(plot), name: plot.y.label, nameLocation: 'end', nameGap: 10, nameTextStyle: { color: colour('dim'), align: 'left' } },
      tooltip: {
        trigger: 'item', confine: true,
        formatter: p => {
          const at = bars ? plot.categories[p.value[0]] : short(p.value[0], plot.x.unit), range = p.data.range;
          const spread = range && range.high > range.low ? `<br>${format(range.low, plot.y.unit)} – ${format(range.high, plot.y.unit)}` : '';
          return `${echarts.format.encodeHTML(p.seriesName)}, ${echarts.format.encodeHTML(at)}<br><b>${format(p.value[1], plot.y.unit)}</b>${spread}`;
        },
      },
      series: [...drawn, ...plot.series.map((_, i) => whisker(plot, i, narrow))],
    };
  };

  const spans = (plot, narrow) => {
    const kinds = [...new Set(plot.spans.map(s => s.kind))], columns = plot.columns;
    const box = kind => (params, api) => {
      const [lane, lanes, from, to] = [0, 1, 2, 3].map(i => api.value(i));
      const start = api.coord([from, lane]), end = api.coord([to, lane]), band = Math.abs(api.size([0, 1])[1]);
      const cell = columns ? api.size([1, 0])[0] : 0, pad = columns ? 3 : 0, gap = columns ? 3 : band * .18;
      const x = columns ? start[0] - cell / 2 + pad : start[0];
      const width = columns ? cell * (to - from) - 2 * pad : Math.max(1, end[0] - start[0]);
      const y = start[1] - band / 2 + gap, height = band * lanes - 2 * gap, item = plot.spans[api.value(4)];
      const fill = palette()[kinds.indexOf(kind) % 6], children = [{ type: 'rect', shape: { x, y, width, height, r: columns ? 4 : 1 }, style: { fill, opacity: columns ? .85 : 1 } }];
      if (item.text && width > 30) {
        const text = columns && width < 110 ? item.text.replace(/^(.{6})(.+)$/, '$1\n$2') : item.text;
        children.push({ type: 'text', style: { text, x: x + width / 2, y: y + height / 2, align: 'center', verticalAlign: 'middle', fill: colour('back'), font: `${narrow ? 10 : 12}px ui-monospace, "DejaVu Sans Mono", monospace` } });
      }
      return { type: 'group', children };
    };
    return {
      grid: { left: 14, right: narrow ? 14 : 24, top: narrow && kinds.length > 2 ? 76 : 50, bottom: columns ? 8 : 34, containLabel: true },
      legend: { top: 0, itemWidth: 16, itemGap: narrow ? 8 : 14, textStyle: { color: colour('text'), fontSize: narrow ? 11 : 13 } },
      xAxis: columns
        ? { type: 'category', data: columns, position: 'top', axisLabel: { color: colour('text') }, axisTick: { show: false }, axisLine: { show: false } }
        : { ...axis(plot.x, narrow), nameGap: 28, min: 0 },
      yAxis: { type: 'category', data: plot.categories, inverse: true, axisLabel: { color: colour('text'), fontSize: narrow ? 10 : 12 }, axisLine: { show: false }, axisTick: { show: false } },
      tooltip: {
        confine: true,
        formatter: p => {
          const s = plot.spans[p.value[4]];
          const where = columns ? columns[s.from] : `${format(s.from, plot.x.unit)} – ${format(s.to, plot.x.unit)}`;
          return `${echarts.format.encodeHTML(s.kind)}<br>${echarts.format.encodeHTML(where)}<br><b>${echarts.format.encodeHTML(s.text ?? '')}</b>`;
        },
      },
      series: kinds.map((kind, i) => ({
        type: 'custom', name: kind, itemStyle: { color: palette()[i % 6] }, clip: true, encode: { x: [2, 3], y: 0 },
        data: plot.spans.map((s, index) => [s.lane, s.lanes, s.from, s.to, index]).filter(d => plot.spans[d[4]].kind === kind),
        renderItem: box(kind),
      })),
    };
  };

  const draw = () => {
    for (const place of document.querySelectorAll('.plot')) {
      const plot = plots.get(place.dataset.plot), narrow = place.clientWidth < 520;
      const chart = echarts.getInstanceByDom(place) ?? echarts.init(place, null, { renderer: 'svg' });
      chart.resize();
      chart.setOption({ animation: false, backgroundColor: 'transparent', color: palette(), aria: { enabled: true }, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily }, ...(plot.kind === 'spans' ? spans : numeric)(plot, narrow) }, true);
    }
  };

  let chosen = null;
  const button = document.getElementById('theme');
  const dress = () => {
    const theme = chosen ?? (preferred.matches ? 'dark' : 'light');
    root.dataset.theme = theme;
    button.textContent = theme === 'dark' ? 'Light' : 'Dark';
    draw();
  };
  button.addEventListener('click', () => { chosen = root.dataset.theme === 'dark' ? 'light' : 'dark'; dress(); });
  preferred.addEventListener('change', dress);
  let width = innerWidth;
  addEventListener('resize', () => { if (innerWidth !== width) { width = innerWidth; draw(); } });
  dress();
})();
