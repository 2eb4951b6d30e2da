// Whether the server still answers, and whether there is a newer version than the one on the screen.
import { visit } from "./visit.js";

const RETRY = 5000;
let source;
let timer;

const banner = (id) => document.getElementById(id);
const shown = () => Number(document.body.dataset.versao);
const pinned = () => new URLSearchParams(location.search).has("versao") || new URLSearchParams(location.search).has("em");

export function away() {
  banner("fora-do-ar").hidden = false;
}

export function alive() {
  banner("fora-do-ar").hidden = true;
}

// A page that names a version stays on it: its numbers may be quoted somewhere.
async function arrived(version) {
  if (!(version > shown())) return;
  const line = banner("nova-versao");
  line.hidden = false;
  if (pinned()) {
    line.textContent = `Há uma versão mais nova (${version}). Este endereço mostra a que pede.`;
    return;
  }
  line.textContent = `Versão ${version} publicada. Atualizando a página.`;
  if (await visit(location.href, { remember: false, news: true })) line.textContent = `Página atualizada para a versão ${version}.`;
}

function listen() {
  clearTimeout(timer);
  source?.close();
  source = new EventSource(document.body.dataset.eventos);
  source.addEventListener("open", alive);
  source.addEventListener(document.body.dataset.evento, ({ data }) => arrived(Number(JSON.parse(data).versao)));
  source.addEventListener("error", () => {
    away();
    // A refused connection is not tried again by the browser itself.
    if (source.readyState === EventSource.CLOSED) timer = setTimeout(listen, RETRY);
  });
}

export function follow() {
  listen();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", ({ persisted }) => persisted && listen());
}
