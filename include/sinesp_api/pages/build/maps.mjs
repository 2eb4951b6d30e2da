// Cuts data/geo into one file of SVG paths per state (and one of the 27 states), in whole numbers of a box 1,000 wide or high.
// Plate carrée with the longitude shortened by the cosine of the middle latitude: areas of places near each other compare well.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { feature } from "topojson-client";

const here = new URL(".", import.meta.url);
const geo = new URL("../../../../data/geo/", here);
const out = new URL("../maps/", here);
const BOX = 1000;

const shifted = (part, by) => (Number.isFinite(part[0]) ? [part[0] + by[0], part[1] + by[1]] : part.map((one) => shifted(one, by)));
const moved = (one) =>
  MOVED[one.id] ? { ...one, geometry: { ...one.geometry, coordinates: shifted(one.geometry.coordinates, MOVED[one.id]) } } : one;
const read = (file, object) => {
  const topology = JSON.parse(readFileSync(new URL(file, geo)));
  return feature(topology, topology.objects[object]).features.map(moved);
};
// An island too far out would shrink its state: it is drawn nearer to the coast, and the page says so.
const MOVED = { 2605459: [-2.1, -3.6] };

const polygons = ({ geometry: { type, coordinates } }) => (type === "Polygon" ? [coordinates] : coordinates);
const points = (features) => features.flatMap((one) => polygons(one).flat(2));

function projection(features) {
  const all = points(features);
  const bound = (axis, pick) => all.reduce((found, point) => pick(found, point[axis]), all[0][axis]);
  const [west, east] = [bound(0, Math.min), bound(0, Math.max)];
  const [south, north] = [bound(1, Math.min), bound(1, Math.max)];
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale = BOX / Math.max((east - west) * shrink, north - south);
  const at = ([x, y]) => [Math.round((x - west) * shrink * scale), Math.round((north - y) * scale)];
  return { at, largura: Math.ceil((east - west) * shrink * scale), altura: Math.ceil((north - south) * scale) };
}

// One ring: absolute start, then relative steps; points that fall on the one before are left out.
function ring(coordinates, at) {
  const [start, ...rest] = coordinates.slice(0, -1).map(at);
  let [x, y] = start;
  const steps = rest.flatMap(([nx, ny]) => {
    const step = [nx - x, ny - y];
    [x, y] = [nx, ny];
    return step[0] || step[1] ? [step] : [];
  });
  return `M${start.join(" ")}l${steps.map(([dx, dy]) => `${dx}${dy < 0 ? "" : " "}${dy}`).join(" ")}z`;
}
const visible = (coordinates, at) => new Set(coordinates.map((point) => at(point).join())).size > 2;
const path = (one, at) => {
  const rings = polygons(one).flat();
  const drawn = rings.filter((coordinates) => visible(coordinates, at));
  return (drawn.length ? drawn : rings.slice(0, 1)).map((coordinates) => ring(coordinates, at)).join("");
};

function write(name, features) {
  const { at, largura, altura } = projection(features);
  const formas = Object.fromEntries(features.map((one) => [one.id, path(one, at)]));
  writeFileSync(new URL(`${name}.json`, out), `${JSON.stringify({ largura, altura, formas })}\n`);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const states = read("br-ufs.topo.json", "ufs");
const municipalities = read("br-municipios.topo.json", "municipios");
write("BR", states);
for (const { id } of states) {
  write(id, municipalities.filter((one) => one.id.startsWith(id)));
}
