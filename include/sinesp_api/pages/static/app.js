// Everything a page gains with JavaScript. Without it the same addresses answer with the same tables.
import { drawFigures } from "./figures.js";
import { follow } from "./live.js";
import { listenToMap } from "./map.js";
import { suggestPlaces } from "./places.js";
import { listenToVisits } from "./visit.js";

function dress() {
  document.documentElement.classList.remove("sem-js");
  drawFigures();
  listenToMap();
  suggestPlaces();
}

listenToVisits(dress);
follow();
dress();
document.documentElement.dataset.pronto = "sim";
