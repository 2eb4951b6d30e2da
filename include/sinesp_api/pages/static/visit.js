// Forms and links change the page in place: the address bar, the history and the answer are those of a plain visit.
import { alive, away } from "./live.js";

let running;

const parse = (text) => new DOMParser().parseFromString(text, "text/html");

function exchange(page, keepFocus) {
  const focused = keepFocus && document.activeElement?.id;
  const open = [...document.querySelectorAll("details[open][id]")].map((one) => one.id);
  for (const part of ["main", ".topo"]) document.querySelector(part).replaceWith(page.querySelector(part));
  document.title = page.title;
  document.body.dataset.versao = page.body.dataset.versao;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

const say = (text) => {
  document.getElementById("situacao").textContent = text;
};

// The address as it would be written by hand: what a form left empty is not in it.
function addressOf(form, button) {
  const address = new URL(form.action, location.href);
  const asked = new URLSearchParams(new FormData(form, button));
  address.search = new URLSearchParams([...asked].filter(([, value]) => value !== ""));
  return address;
}

export async function visit(address, { remember = true, keepFocus = true, news = false } = {}) {
  running?.abort();
  running = new AbortController();
  try {
    const answer = await fetch(address, {
      headers: { Accept: "text/html" },
      signal: running.signal,
      cache: news ? "no-cache" : "default",
    });
    const page = parse(await answer.text());
    if (answer.status >= 500) throw new Error(`resposta ${answer.status}`);
    if (!page.querySelector(".topo")) return location.assign(answer.url); // a refusal is a page of its own
    if (remember) history.pushState({}, "", answer.url);
    exchange(page, keepFocus);
    dress();
    say(`${document.querySelector("h1").textContent}: página atualizada`);
    alive();
    return true;
  } catch (error) {
    if (error.name !== "AbortError") away();
    return false;
  }
}

const plainClick = (event) => !(event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
const inPlace = (link) =>
  link.origin === location.origin && !link.hasAttribute("download") && link.closest("[data-visita]") && !link.hash;

let dress = () => {};

export function listenToVisits(afterwards) {
  dress = afterwards;
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-visita]")) return;
    event.preventDefault();
    visit(addressOf(event.target, event.submitter));
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-visita]");
    if (form && event.target.matches("select, input[type=radio], input[type=checkbox]")) form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const href = link?.getAttribute("href");
    if (!link || !plainClick(event)) return;
    // A link of an SVG has another `href` and no `origin`.
    const target = Object.assign(new URL(href, location.href));
    const known = { origin: target.origin, hash: target.hash, closest: (s) => link.closest(s), hasAttribute: (n) => link.hasAttribute(n) };
    if (!inPlace(known)) return;
    event.preventDefault();
    visit(target, { keepFocus: false }).then((done) => {
      if (!done) return;
      scrollTo(0, 0);
      document.querySelector("main").focus({ preventScroll: true });
    });
  });
  addEventListener("popstate", () => visit(location.href, { remember: false }));
}
