// One JSON answer per section, asked again every few seconds; an answer that fails is asked ever more seldom. All text goes in
// as text nodes: what the tables hold may come from anyone who can write to Kafka.

const MAX_WAIT = 60_000;
const NEAR_LOSS_HOURS = 24;
const KINDS = { append: "novos", initial: "inicial", replay: "releitura", backfill: "backfill" };
const BATCH_STATES = { confirmado: ["confirmado", "good"], planejado: ["em andamento", "warn"], abandonado: ["abandonado", ""] };
const STEP_STATES = { concluido: ["concluída", "good"], iniciado: ["iniciada", "warn"], pendente: ["pendente", ""] };
const CAUSES = {
  retencao: "apagado pela retenção",
  topico_recriado: "tópico recriado",
  pulado_pelo_operador: "pulado por um operador",
  politica_latest: "política latest",
};
const FATES = { inserted: "inseridos", superseded: "superados", deleted: "excluídos", quarantined: "em quarentena" };

const SECTIONS = [
  { name: "partitions", every: 5_000, render: renderPartitions },
  { name: "batches", every: 5_000, render: renderBatches },
  { name: "views", every: 15_000, render: renderViews },
  { name: "quarantine", every: 15_000, render: renderQuarantine },
  { name: "losses", every: 30_000, render: renderLosses },
];

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

const number = (value) => value.toLocaleString("pt-BR");

function duration(seconds) {
  if (seconds === null) return "–";
  if (seconds < 0) return "vencido";
  if (seconds < 60) return `${seconds.toLocaleString("pt-BR", { maximumFractionDigits: 1 })} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} dias`;
}

// Every time on the page is UTC and says so, like those of the logs and of the ledger.
const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: "UTC" };

function instant(iso) {
  const text = new Date(iso).toLocaleString("pt-BR", { day: "2-digit", month: "2-digit", ...CLOCK });
  return element("time", { datetime: iso, title: iso }, `${text} UTC`);
}

const clock = (when) => `${when.toLocaleTimeString("pt-BR", CLOCK)} UTC`;

function badge([text, look]) {
  return element("span", { class: `badge ${look}` }, text);
}

// Airflow shows this page in a sandboxed frame, out of which no link leads: its own document has to follow it.
function link(path, text) {
  if (path === null) return document.createTextNode(text);
  const elsewhere = /^https?:/.test(path);
  const made = element("a", { href: elsewhere ? path : `../${path}`, target: elsewhere ? "_blank" : null, rel: "noopener" }, text);
  made.addEventListener("click", (event) => {
    if (window.parent === window) return;
    event.preventDefault();
    const twin = window.parent.document.createElement("a");
    twin.href = made.href;
    twin.target = made.target;
    twin.rel = made.rel;
    twin.click();
  });
  return made;
}

// Columns: [title, class, cell of a row]. The first is the row's header.
function table(caption, columns, rows, look = "") {
  const head = columns.map(([title, kind]) => element("th", { scope: "col", role: "columnheader", class: kind }, title));
  const body = rows.map((row) => {
    const cells = columns.map(([title, kind, cell], n) =>
      element(
        n === 0 ? "th" : "td",
        { class: kind, scope: n === 0 ? "row" : null, role: n === 0 ? "rowheader" : "cell", "data-label": title },
        element("span", {}, ...[cell(row)].flat()),
      ),
    );
    return element("tr", { role: "row" }, ...cells);
  });
  return element(
    "table",
    { class: look, role: "table" },
    caption ? element("caption", {}, caption) : null,
    element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...head)),
    element("tbody", { role: "rowgroup" }, ...body),
  );
}

function figure(name, ...content) {
  document.querySelector(`[data-figure="${name}"]`).replaceChildren(...content);
}

function renderPartitions(data) {
  const lefts = data.partitions.map((p) => p.seconds_left).filter((s) => s !== null);
  const least = lefts.length ? Math.min(...lefts) : null;
  figure("lag", number(data.lag));
  figure("left", least === null ? "nada em risco" : duration(least));
  const topics = byTopic(data.partitions);
  const columns = [
    ["Partição", "number", (p) => number(p.partition)],
    ["Checkpoint", "number", (p) => number(p.checkpoint)],
    ["Fim", "number", (p) => number(p.end)],
    ["Atraso", "number", (p) => number(p.lag)],
    ["Folga", "number", (p) => left(p.seconds_left)],
  ];
  const open = data.open_batch ? `; lote aberto ${data.open_batch}` : "; nenhum lote aberto";
  return [
    element("p", { class: "soft" }, `Versão ${number(data.version)} do checkpoint${open}.`),
    element("div", { class: "topics" }, ...[...topics].map(([topic, rows]) => table(topic, columns, rows, "offsets"))),
  ];
}

function byTopic(rows) {
  const found = new Map();
  for (const row of rows) found.set(row.topic, [...(found.get(row.topic) ?? []), row]);
  return found;
}

function left(seconds) {
  if (seconds === null) return "–";
  const near = seconds < NEAR_LOSS_HOURS * 3600;
  return near ? badge([duration(seconds), "bad"]) : duration(seconds);
}

function renderBatches(data) {
  const [last] = data.batches;
  figure("last", last ? BATCH_STATES[last.state][0] : "nenhum");
  figure("last-when", last ? instant(last.planned_at) : "rode sinesp_microbatch");
  if (!last) return [element("p", { class: "soft" }, "Nenhum lote até agora.")];
  const columns = [
    ["Lote", "", (b) => [element("code", {}, b.id), " ", element("small", {}, KINDS[b.kind] ?? b.kind)]],
    ["Planejado", "", (b) => instant(b.planned_at)],
    ["Resultado", "", (b) => [badge(BATCH_STATES[b.state]), b.reason ? element("div", { class: "soft" }, b.reason) : ""]],
    ["Duração", "number", (b) => duration(b.seconds)],
    ["Registros", "number", (b) => (b.counts.read ? number(b.counts.read) : `${number(b.offsets)} offsets`)],
    ["Destino", "", (b) => fates(b.counts)],
    ["Etapas", "", (b) => element("ul", { class: "lanes" }, ...b.steps.map(lane))],
    ["Execução", "", (b) => (b.link ? link(b.link, "abrir") : element("code", {}, b.run))],
  ];
  return [table("", columns, data.batches, "wide")];
}

function fates(counts) {
  const found = Object.entries(FATES).filter(([name]) => counts[name]);
  return found.map(([name, text]) => element("div", {}, `${number(counts[name])} ${text}`));
}

function lane(step) {
  const name = step.name.replace("_batch", "").replace("insert_", "").replace("quarantine", "quarentena").replace("stage", "preparo");
  const [text, look] = STEP_STATES[step.state];
  const tries = step.attempts > 1 ? ` (${step.attempts} tentativas)` : "";
  const said = step.state === "concluido" ? duration(step.seconds) : text;
  return element("li", {}, link(step.link, name), " ", element("span", { class: `badge ${look}`, title: text }, said + tries));
}

function bytesOf(count) {
  const [unit, size] = [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]].find(([, n]) => count >= n) ?? ["bytes", 1];
  return `${(count / size).toLocaleString("pt-BR", { maximumFractionDigits: 1 })} ${unit}`;
}

function renderViews(data) {
  const age = data.announced_at === null ? null : (Date.now() - new Date(data.announced_at)) / 1000;
  figure("views", data.version === null ? "nenhuma" : `versão ${number(data.version)}`);
  figure("views-when", age === null ? "rode sinesp_views" : `há ${duration(Math.max(0, age))}`);
  const state = data.behind ? badge(["atrasadas", "warn"]) : badge(["em dia", "good"]);
  const lake = data.lake;
  const row = [
    ["Versão", "number", () => (data.version === null ? "nenhuma" : number(data.version))],
    ["Anunciada", "", () => (data.announced_at === null ? "–" : instant(data.announced_at))],
    ["Visões", "", () => (lake === null && data.version === null ? "–" : state)],
    ["Do lake até", "number", () => (data.applied === null ? "–" : number(data.applied))],
    ["Lake", "number", () => (lake === null ? "ainda não há" : `versão ${number(lake.version)}`)],
    ["Tamanho", "number", () => (lake === null ? "–" : bytesOf(lake.bytes))],
    ["Arquivos", "number", () => (lake === null ? "–" : number(lake.files))],
  ];
  const months = Object.entries(data.months).map(([source, month]) => `${source} até ${month}`);
  const pages = Object.entries(data.links).flatMap(([title, url]) => [link(url, title), " "]);
  return [
    table("", row, [data], "wide"),
    months.length ? element("p", { class: "soft" }, `Último mês com registro: ${months.join("; ")}.`) : "",
    pages.length ? element("p", {}, "Abrir: ", ...pages) : "",
  ].filter((part) => part !== "");
}

function renderQuarantine(data) {
  figure("waiting", (data.partial ? "≥ " : "") + number(data.waiting));
  if (!data.reasons.length) return [element("p", { class: "soft" }, `Nenhum registro em quarentena desde ${data.since}.`)];
  const state = (name) => (row) => number(row.states[name] ?? 0);
  const reasons = [
    ["Motivo", "", (r) => element("code", { title: r.meaning }, r.reason)],
    ["Novos", "number", state("nova")],
    ["Reprocessados", "number", state("reprocessada")],
    ["Descartados", "number", state("descartada")],
  ];
  const samples = [
    ["Registro", "", (s) => element("code", {}, `${s.topic}[${s.partition}]@${s.offset}`)],
    ["Instante", "", (s) => instant(s.instant)],
    ["Motivos", "", (s) => [s.reasons.join(", "), s.detail ? element("div", { class: "soft" }, s.detail) : ""]],
    ["Estado", "", (s) => s.state],
    ["Chave", "", (s) => bytes(s.key)],
    ["Valor", "", (s) => bytes(s.value)],
  ];
  const partial = data.partial ? " Há mais do que se conta aqui: veja sinesp ledger e docs/runbook.md." : "";
  return [
    element("p", { class: "soft" }, `Desde ${data.since}. Um registro conta em cada um dos seus motivos.${partial}`),
    table("Por motivo", reasons, data.reasons, "wide"),
    table("Os mais novos", samples, data.samples, "wide"),
  ];
}

function bytes(text) {
  return text === null ? element("em", {}, "nulo") : element("code", { class: "bytes", tabindex: "0" }, text || "(vazio)");
}

function renderLosses(data) {
  if (!data.losses.length) return [element("p", { class: "soft" }, "Nenhum intervalo perdido.")];
  const columns = [
    ["Partição", "", (x) => element("code", {}, `${x.topic}[${x.partition}]`)],
    ["De", "number", (x) => number(x.start)],
    ["Até", "number", (x) => number(x.until)],
    ["Registros", "number", (x) => number(Math.max(0, x.until - x.start))],
    ["Causa", "", (x) => CAUSES[x.cause] ?? x.cause],
    ["Versão", "number", (x) => number(x.version)],
  ];
  return [table("", columns, data.losses, "wide")];
}

async function ask(section) {
  const answer = await fetch(`api/${section.name}`, { headers: { Accept: "application/json" } });
  if (answer.status === 401) throw new Error("Sua sessão no Airflow terminou: entre de novo.");
  if (answer.status === 403) throw new Error("Seu usuário não pode ver a DAG sinesp_microbatch.");
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(found.away ?? `O Airflow respondeu ${answer.status}.`);
  return found;
}

async function refresh(section) {
  const place = document.querySelector(`[data-section="${section.name}"]`);
  const away = place.querySelector(".away");
  const body = place.querySelector(".body");
  try {
    const data = await ask(section);
    const scrolled = window.scrollY;
    body.replaceChildren(...section.render(data));
    window.scrollTo({ top: scrolled, behavior: "instant" });
    section.failures = 0;
    section.at = new Date();
    document.getElementById("clock").textContent = `Atualizado às ${clock(section.at)}`;
  } catch (error) {
    section.failures = (section.failures ?? 0) + 1;
    const since = section.at ? ` Abaixo, como estava às ${clock(section.at)}.` : "";
    const text = `Fora do ar: ${error.message}${since}`;
    if (away.textContent !== text) away.textContent = text;
  }
  away.hidden = section.failures === 0;
  body.classList.toggle("stale", section.failures > 0);
}

async function keepFresh(section) {
  for (;;) {
    if (!document.hidden) await refresh(section);
    const wait = Math.min(MAX_WAIT, section.every * 2 ** (section.failures ?? 0));
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

SECTIONS.forEach(keepFresh);
