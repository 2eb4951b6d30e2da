// Draws each figure's data and saves it as a picture. The chart library comes only to pages that have a chart.
import { save, saveDrawing } from "./save.js";

const NARROW = 480;
const BUILDERS = { serie: "./series.js", multiplos: "./multiples.js" };

let library;
const charts = () => (library ??= import("./vendor/echarts.js"));
const drawn = new Map();

export const dataOf = (figure) => JSON.parse(figure.querySelector("script[type='application/json']").textContent);

async function optionOf(data, width) {
  const { option } = await import(BUILDERS[data.tipo]);
  return option(data, { narrow: width < NARROW, width });
}

async function draw(figure) {
  const data = dataOf(figure);
  const canvas = figure.querySelector(".tela");
  const [{ init }, made] = await Promise.all([charts(), optionOf(data, canvas.clientWidth)]);
  if (!canvas.isConnected) return;
  if (made.height) {
    canvas.style.height = `${made.height}px`;
  }
  const chart = init(canvas, null, { renderer: "svg", locale: "PT-br" });
  chart.setOption(made.chart);
  drawn.set(canvas, { chart, width: canvas.clientWidth, data });
  figure.dataset.desenhado = "sim";
}

function forget() {
  for (const [canvas, { chart }] of drawn) {
    if (canvas.isConnected) continue;
    chart.dispose();
    drawn.delete(canvas);
  }
}

async function fit() {
  for (const [canvas, known] of drawn) {
    if (canvas.clientWidth === known.width || !canvas.clientWidth) continue;
    known.width = canvas.clientWidth;
    const made = await optionOf(known.data, known.width);
    if (made.height) canvas.style.height = `${made.height}px`;
    known.chart.resize();
    known.chart.setOption(made.chart, { notMerge: true });
  }
}

async function savePicture(button) {
  const figure = button.closest("figure");
  const kind = button.dataset.salvar;
  if (button.dataset.desenho) return saveDrawing(button.dataset.desenho, figure.id);
  const data = dataOf(figure);
  const { init } = await charts();
  const { option } = await import(BUILDERS[data.tipo]);
  return save({ init, option, data, kind, name: figure.id });
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-salvar]");
  if (button) savePicture(button);
});
addEventListener("resize", fit);

export function drawFigures() {
  forget();
  for (const figure of document.querySelectorAll("figure[data-grafico]")) if (!figure.dataset.desenhado) draw(figure);
}
