// Small multiples: one little chart per state, all on one scale, so that heights may be compared.
import { COLOURS, INK, LINE, SOFT, format, pieces, told, tooltip } from "./common.js";

const CELL = { width: 150, height: 96, gap: 14, head: 20 };

const columnsIn = (width) => Math.max(2, Math.min(9, Math.floor(width / CELL.width)));

function place(index, width, above) {
  const columns = columnsIn(width);
  const own = (width - CELL.gap * (columns - 1) - 56) / columns;
  return {
    left: 40 + (index % columns) * (own + CELL.gap),
    top: above + 6 + CELL.head + Math.floor(index / columns) * (CELL.height + CELL.head + CELL.gap),
    width: own,
    height: CELL.height,
    first: index % columns === 0,
  };
}

const topOf = (data) => Math.max(...data.linhas.flatMap(({ valores }) => valores.filter((value) => value !== null)), 0);

const heading = (line, box) => ({ text: line.nome, left: box.left, top: box.top - CELL.head, textStyle: { fontSize: 13, color: INK }, padding: 0 });

const grid = ({ left, top, width, height }) => ({ left, top, width, height, outerBoundsMode: "none" });

const xAxis = (data) => (_, index) => ({
  gridIndex: index,
  type: "category",
  data: data.rotulos,
  axisLabel: { show: false },
  axisTick: { show: false },
  axisLine: { lineStyle: { color: SOFT } },
});

const yAxis = (top, boxes, data) => (_, index) => ({
  gridIndex: index,
  type: "value",
  min: 0,
  max: top,
  interval: top,
  axisLabel: { show: boxes[index].first, color: SOFT, fontSize: 11, formatter: (value) => format(value, value && data.decimais) },
  splitLine: { lineStyle: { color: LINE } },
});

const series = (data) => (line, index) => pieces(line, data.quebras).map((values) => ({
  type: "line",
  name: line.nome,
  xAxisIndex: index,
  yAxisIndex: index,
  data: values,
  connectNulls: false,
  animation: false,
  symbol: "none",
  lineStyle: { color: COLOURS[0], width: 1.75 },
  itemStyle: { color: COLOURS[0] },
  emphasis: { disabled: true },
}));

const read = (data) => (points) => {
  const point = Array.isArray(points) ? points[0] : points;
  const own = data.linhas.find(({ nome }) => nome === point.seriesName);
  return tooltip(`${own.nome}, ${data.periodos?.[point.dataIndex] ?? data.rotulos[point.dataIndex]}`, [[data.unidade, told(own, point.dataIndex, data)]]);
};

/** Option of ECharts for `multiplos`, and the height that its rows need. */
export function option(data, { width, above = 0, below = 0 }) {
  const boxes = data.linhas.map((_, index) => place(index, width, above));
  const top = topOf(data) || 1;
  return {
    height: Math.max(...boxes.map((box) => box.top + box.height)) + 12 + below,
    chart: {
      aria: { enabled: false },
      textStyle: { fontFamily: "system-ui, 'DejaVu Sans', sans-serif" },
      title: data.linhas.map((line, index) => heading(line, boxes[index])),
      grid: boxes.map(grid),
      tooltip: { trigger: "axis", formatter: read(data), confine: true, padding: 0, borderWidth: 1 },
      xAxis: data.linhas.map(xAxis(data)),
      yAxis: data.linhas.map(yAxis(top, boxes, data)),
      series: data.linhas.flatMap(series(data)),
    },
  };
}
