// Under a map stands what the place under the pointer or the focus says; the same words are in each shape's title.
export function listenToMap() {
  for (const figure of document.querySelectorAll("figure[data-leitura]")) {
    const line = figure.querySelector(".leitura");
    const resting = line.textContent;
    const read = ({ target }) => {
      const shape = target.closest("[data-texto]");
      if (shape) line.textContent = shape.dataset.texto;
    };
    figure.addEventListener("pointerover", read);
    figure.addEventListener("focusin", read);
    figure.addEventListener("pointerleave", () => {
      line.textContent = resting;
    });
  }
}
