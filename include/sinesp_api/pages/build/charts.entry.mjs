// The part of ECharts that the pages draw with. SVG alone: a PNG is a drawing of the SVG.
import { BarChart, LineChart } from "echarts/charts";
import {
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TitleComponent,
  TooltipComponent,
} from "echarts/components";
import { init, registerLocale, use } from "echarts/core";
import portuguese from "echarts/lib/i18n/langPT-br.js";
import { SVGRenderer } from "echarts/renderers";

use([
  BarChart,
  GridComponent,
  LegendComponent,
  LineChart,
  MarkAreaComponent,
  MarkLineComponent,
  SVGRenderer,
  TitleComponent,
  TooltipComponent,
]);
registerLocale("PT-br", portuguese);

export { init };
