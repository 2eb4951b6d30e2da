// Names of municipalities while one is typed. The form works without: the server looks the name up itself.
const WAIT = 200;
let timer;

async function fill(input) {
  const asked = input.value.trim();
  if (asked.length < 3) return;
  const address = new URL(input.dataset.sugestoes, location.href);
  address.searchParams.set("busca", asked);
  const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  const { dados } = await answer.json();
  const options = dados.slice(0, 12).map(({ nome, uf }) => Object.assign(document.createElement("option"), { value: `${nome}/${uf}` }));
  input.list.replaceChildren(...options);
}

export function suggestPlaces() {
  for (const input of document.querySelectorAll("input[data-sugestoes]")) {
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(fill, WAIT, input);
    });
  }
}
