// Lines over months: one place with what it lacks drawn as bands, or several places, each with its own colour, dash and mark.
import { COLOURS, DASHES, INK, LINE, MARKS, SOFT, decal, format, pieces, told, tooltip } from "./common.js";

const ROW = 24;
const STYLES = {
  principal: { color: COLOURS[0], width: 2.5, type: "solid" },
  anterior: { color: "#6b747d", width: 1.75, type: [6, 4] },
  media: { color: COLOURS[1], width: 2.25, type: [10, 3, 2, 3] },
};

const styleOf = (line, index) =>
  STYLES[line.estilo] ?? { color: COLOURS[index % 6], width: 2.25, type: DASHES[index % 6], mark: MARKS[index % 6] };

// A number between two gaps would be invisible as a line: it gets a dot.
const alone = (values, index) => values[index] !== null && (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null;

function drawnLine(line, index, data) {
  const style = styleOf(line, index);
  const sparse = line.valores.length <= 24;
  return pieces(line, line.estilo === "media" ? [] : data.quebras).map((values) => ({
    type: "line",
    name: line.nome,
    data: values,
    connectNulls: false,
    animation: false,
    symbol: style.mark ?? "circle",
    showAllSymbol: true,
    symbolSize: (_, { dataIndex }) => (sparse || alone(values, dataIndex) ? 6 : 0),
    lineStyle: { color: style.color, width: style.width, type: style.type },
    itemStyle: { color: style.color },
    emphasis: { disabled: true },
  }));
}

const band = (name, kind, line, letter) => ({
  type: "bar",
  name,
  yAxisIndex: 1,
  data: [...line.estados].map((state) => (state === letter ? 1 : null)),
  barGap: "-100%",
  barCategoryGap: "0%",
  animation: false,
  silent: true,
  z: 0,
  itemStyle: { color: "#fff", decal: decal(kind) },
  emphasis: { disabled: true },
});

function bands(data) {
  const [line] = data.linhas;
  if (!data.faixas || !line.estados) return [];
  return [["Em branco", "em_branco", "b"], ["Sem registro", "ausente", "a"]]
    .filter(([, , letter]) => line.estados.includes(letter))
    .map(([name, kind, letter]) => band(name, kind, line, letter));
}

const preliminary = ({ preliminar, rotulos }) =>
  preliminar === null || preliminar === undefined
    ? undefined
    : {
        silent: true,
        itemStyle: { color: "rgba(232, 170, 40, 0.18)" },
        label: { show: true, position: "insideTop", color: SOFT, fontSize: 11 },
        data: [[{ name: "preliminar", xAxis: Math.max(0, preliminar - 0.5) }, { xAxis: rotulos.length - 1 }]],
      };

const breaks = ({ quebras = [] }) => ({
  silent: true,
  symbol: "none",
  lineStyle: { color: INK, type: "dashed", width: 1.25 },
  label: { color: INK, backgroundColor: "rgba(255, 255, 255, 0.85)", padding: 2, fontSize: 11, position: "end", rotate: 0, distance: 2, formatter: ({ name }) => name },
  data: quebras.map(({ indice, curto }) => ({ name: curto, xAxis: indice })),
});

function marks(data) {
  return {
    type: "line",
    data: data.rotulos.map(() => null),
    markArea: preliminary(data),
    markLine: breaks(data),
    silent: true,
    tooltip: { show: false },
  };
}

const legendRows = (names, width) =>
  Math.ceil(names.reduce((sum, name) => sum + name.length * 7.2 + 48, 0) / Math.max(1, width - 24));

const named = (data) => [...new Set(data.linhas.map(({ nome }) => nome))];

const axis = (data, narrow) => ({
  type: "category",
  data: data.rotulos,
  boundaryGap: true,
  axisLine: { lineStyle: { color: SOFT } },
  axisTick: { alignWithLabel: true },
  axisLabel: { color: SOFT, hideOverlap: true, fontSize: narrow ? 11 : 12 },
});

const values = (data, narrow) => [
  {
    type: "value",
    min: 0,
    name: data.unidade,
    nameTextStyle: { color: SOFT, align: "left" },
    nameGap: 10,
    axisLabel: { color: SOFT, fontSize: narrow ? 11 : 12, formatter: (value) => format(value, Number.isInteger(value) ? 0 : data.decimais || 1) },
    splitLine: { lineStyle: { color: LINE } },
  },
  { type: "value", min: 0, max: 1, show: false },
];

const read = (data) => (points) => {
  const index = (Array.isArray(points) ? points[0] : points).dataIndex;
  return tooltip(data.periodos?.[index] ?? data.rotulos[index], data.linhas.map((line) => [line.nome, told(line, index, data)]));
};

/** Option of ECharts for a `serie`; `above` and `below` are kept free for the title and the source of a saved picture. */
export function option(data, { narrow, width, above = 0, below = 0 }) {
  const lines = data.linhas.flatMap((line, index) => drawnLine(line, index, data));
  const blanks = bands(data);
  const names = [...named(data), ...blanks.map(({ name }) => name)];
  const top = above + (names.length > 1 ? legendRows(names, width) * ROW + 30 : 30);
  return {
    chart: {
      aria: { enabled: false },
      textStyle: { fontFamily: "system-ui, 'DejaVu Sans', sans-serif" },
      grid: { left: 8, right: 16, top, bottom: 4 + below, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      legend: { show: names.length > 1, data: names, top: above, left: 0, itemWidth: 30, itemHeight: 12, selectedMode: !narrow, textStyle: { color: INK } },
      tooltip: { trigger: "axis", formatter: read(data), confine: true, padding: 0, borderWidth: 1 },
      xAxis: axis(data, narrow),
      yAxis: values(data, narrow),
      series: [...blanks, ...lines, marks(data)],
    },
  };
}
