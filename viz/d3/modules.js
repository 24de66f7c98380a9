// What the page uses of D3; package.json holds the versions.

export { ascending, extent, greatest, group, max, min, quantileSorted, range, rollup, sum, tickStep } from "d3-array";
export { axisBottom, axisLeft } from "d3-axis";
export { forceCollide, forceSimulation, forceX, forceY } from "d3-force";
export { scaleLinear } from "d3-scale";
export { select } from "d3-selection";
export { area, curveMonotoneX, line, stack } from "d3-shape";
