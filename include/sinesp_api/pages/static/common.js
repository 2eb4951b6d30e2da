// What all charts share: colours that differ for everybody, numbers as Brazilians write them, and words for what is no number.
export const INK = "#1b1f24";
export const SOFT = "#505a65";
export const LINE = "#d5dae0";
// Okabe and Ito's colours, darkened where white paper asks for it; each line has its own dash and mark as well.
export const COLOURS = ["#0060a0", "#c24e00", "#00795a", "#a0457d", "#4a4a4a", "#8a6d00"];
export const DASHES = ["solid", [8, 4], [2, 3], [10, 3, 2, 3], [5, 5], [1, 2]];
export const MARKS = ["circle", "rect", "triangle", "diamond", "emptyCircle", "emptyRect"];

const WORDS = { b: "em branco", a: "sem registro", x: "não se aplica", r: "só contagem", p: "soma incompleta", d: "duas definições" };

export const format = (value, decimals) =>
  value.toLocaleString("pt-BR", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

// `estados` has one letter a point: n a number, z zero, b blank, a absent, x not applicable, r withheld, p partial, d two definitions.
export const told = (line, index, data) => {
  const value = line.valores[index];
  if (value === null || value === undefined) return WORDS[line.estados?.[index]] ?? "sem número";
  return format(value, line.decimais ?? data.decimais);
};

const element = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });

// Built of elements, for a style in the text would be refused by the page's own security policy.
export function tooltip(heading, rows) {
  const box = document.createElement("div");
  box.className = "dica";
  box.append(element("strong", heading));
  for (const [name, value] of rows) {
    const row = document.createElement("div");
    row.append(element("span", name), element("b", value));
    box.append(row);
  }
  return box;
}

// At a change of definition the line stops and another begins: nothing joins the two.
export function pieces(line, breaks = []) {
  const ends = [0, ...breaks.map(({ indice }) => indice), line.valores.length];
  return ends.slice(1).map((end, n) => line.valores.map((value, index) => (index >= ends[n] && index < end ? value : null)));
}

export const decal = (symbol) =>
  symbol === "ausente"
    ? { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4, color: "#8d969f" }
    : { symbol: "circle", symbolSize: 0.6, dashArrayX: [[6, 6]], dashArrayY: [6, 0], color: "#6b747d" };
