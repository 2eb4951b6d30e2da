// A picture for a newspaper or a slide: the chart again, larger, with its title and its source inside.
const WIDTH = 1200;
const HEIGHT = 675;
const MARGIN = { above: 78, below: 46 };

function download(address, name) {
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

const words = (data) => [
  { text: data.titulo, subtext: data.subtitulo, left: 24, top: 14, textStyle: { fontSize: 22 }, subtextStyle: { fontSize: 14, color: "#505a65" } },
  { text: data.rodape, left: 24, bottom: 10, textStyle: { fontSize: 12, fontWeight: "normal", color: "#505a65" } },
];

export function save({ init, option, data, kind, name }) {
  const made = option(data, { narrow: false, width: WIDTH, above: MARGIN.above, below: MARGIN.below });
  const size = { width: WIDTH, height: made.height ?? HEIGHT };
  const chart = init(null, null, { renderer: "svg", ssr: true, locale: "PT-br", ...size });
  const own = made.chart.title ?? [];
  chart.setOption({ ...made.chart, title: [...words(data), ...own], backgroundColor: "#fff", aria: { ...made.chart.aria, enabled: false } });
  const svg = chart.renderToSVGString();
  chart.dispose();
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  return kind === "svg" ? download(address, `${name}.svg`) : rasterise(address, name);
}

async function rasterise(address, name) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: image.naturalWidth * 2, height: image.naturalHeight * 2 });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const png = await new Promise((done) => canvas.toBlob(done, "image/png"));
  download(URL.createObjectURL(png), `${name}.png`);
}

// What the server draws has an address of its own; here it only becomes a PNG.
export async function saveDrawing(address, name) {
  const answer = await fetch(address);
  await rasterise(URL.createObjectURL(await answer.blob()), name);
}
