// What the page uses of D3; package.json holds the versions.

export { bisectRight, extent, greatest, group, least, max, min, quantileSorted, range, rollup, sum, tickStep } from "d3-array";
export { axisBottom, axisLeft } from "d3-axis";
export { csvFormatRows } from "d3-dsv";
export { forceCollide, forceSimulation, forceX, forceY } from "d3-force";
export { format, precisionFixed } from "d3-format";
export { scaleLinear, scaleThreshold } from "d3-scale";
export { create, select } from "d3-selection";
export { area, curveMonotoneX, line, pie, stack } from "d3-shape";
