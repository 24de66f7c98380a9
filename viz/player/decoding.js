// A run as the page reads it: the bytes of viz/packed_run.py taken apart, and what follows from them.

const NOTHING = 65535;
const TAKES_PART = 1, LEAVING = 2, AWAY = 3, LEFT = 4; // what a state is to an organization
const LIVES = 1, SLEEPS = 2, ENDED = 3; // what an organization is

async function inflate(view) {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

function parts(buffer) {
  const raw = new Uint8Array(buffer);
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(raw.subarray(4, 4 + length)));
  let place = 4 + length;
  const blocks = {};
  for (const block of header.blocks) {
    const size = block.shape.reduce((product, count) => product * count, 1);
    blocks[block.name] = decoded(raw.subarray(place, place + 2 * size), block, size);
    place += 2 * size;
  }
  return { header, blocks, series: new Float32Array(buffer.slice(place)) };
}

function decoded(raw, block, size) {
  const codes = new Uint16Array(size); // wraps around like the differences
  for (let i = 0; i < size; i++) codes[i] = raw[i] | (raw[size + i] << 8);
  const width = size / block.shape[0];
  if (block.runs_on) for (let i = width; i < size; i++) codes[i] += codes[i - width];
  if (!block.step) return codes;
  const values = Float32Array.from(codes, (code) => (code ? block.low + (code - 1) * block.step : NaN));
  return block.log ? values.map((value) => 10 ** value - 1) : values;
}

async function unpackRun(view) {
  if (!view || !view.byteLength) return null;
  const { header, blocks, series } = parts(await inflate(view));
  const run = {
    header, series, blocks,
    quarters: header.quarters,
    of: header.of, // quarters of the whole run, of which a growing one has fewer
    states: header.states.length,
    bodies: header.organizations.length,
    stateRow: new Map(header.states.map((code, row) => [code, row])),
    bodyRow: new Map(header.organizations.map((code, row) => [code, row])),
    actors: new Set(header.actors),
    shocked: new Set(header.shocked),
    life: blocks.life,
  };
  run.ties = tiesByQuarter(run);
  Object.assign(run, exitCounts(run));
  run.events = eventsOf(run);
  return run;
}

async function unpackSeries(view) {
  const { header, series } = parts(await inflate(view));
  const size = header.quarters * header.measures.length;
  return { measures: header.measures, run: series.subarray(0, size), twin: series.subarray(size, 2 * size) };
}

function tiesByQuarter(run) {
  const changes = run.blocks.tie_changes, count = changes.length / 4;
  let ties = Uint8Array.from(run.blocks.first_ties);
  const found = [];
  for (let quarter = 0, next = 0; quarter < run.quarters; quarter++) {
    ties = ties.slice();
    for (; next < count && changes[next] === quarter; next++)
      ties[changes[count + next] * run.bodies + changes[2 * count + next]] = changes[3 * count + next];
    found.push(ties);
  }
  return found;
}

// How many organizations every state is out of, is leaving, and has come back to, by quarter.
function exitCounts(run) {
  const { quarters, states, bodies } = run;
  const first = run.blocks.first_ties;
  const out = new Int16Array(quarters * states), leaving = out.slice(), back = out.slice();
  const gone = new Uint8Array(states * bodies);
  for (let quarter = 0; quarter < quarters; quarter++) {
    const ties = run.ties[quarter];
    for (let pair = 0, place = quarter * states; pair < ties.length; place++)
      for (let body = 0; body < bodies; body++, pair++) {
        const tie = ties[pair];
        if (tie === first[pair] && !gone[pair]) continue;
        if (tie === LEAVING) leaving[place]++;
        else if (tie === AWAY || tie === LEFT) { out[place]++; gone[pair] = 1; }
        else if (tie === TAKES_PART && gone[pair]) back[place]++;
      }
  }
  return { out, leaving, back };
}

function eventsOf(run) {
  const codes = run.blocks.events, count = codes.length / 5;
  const row = (column, event) => (codes[column * count + event] === NOTHING ? -1 : codes[column * count + event]);
  return Array.from({ length: count }, (_, event) => ({
    quarter: codes[event],
    kind: run.header.event_kinds[codes[count + event]], // name, key of its sentence, theme, routine, told
    actor: row(2, event),
    body: row(3, event),
    details: row(4, event) < 0 ? {} : run.header.details[row(4, event)],
    occurs: "",
  }));
}

const OCCURRENCES = ["only_with", "both", "only_without"];
// Marks every event with where it occurs; they come when run and twin are both there.
function markOccurrences(run, digits = "") {
  run?.events.forEach((event, at) => { event.occurs = digits.length === run.events.length ? OCCURRENCES[digits[at]] : ""; });
}

// A measure of a state or an organization, NaN for one that is not there.
const measuredOf = (kind, width) => (run, name, quarter, row) => (row === undefined ? NaN : run.blocks[`${kind}.${name}`][quarter * run[width] + row]);
const ofState = measuredOf("state", "states"), ofBody = measuredOf("body", "bodies");
const lifeOf = (run, quarter, row) => (row === undefined ? 0 : run.life[quarter * run.bodies + row]);
const lives = (life) => life === LIVES || life === SLEEPS;
const leaderOf = (run, quarter, row) => run.blocks.leader[quarter * run.bodies + row] - 1;
const tieOf = (run, quarter, state, body) => run.ties[quarter][state * run.bodies + body];

// A measure of the whole by quarter; empty where the run does not have it.
function seriesOf(measures, values, name) {
  const column = measures.indexOf(name), width = measures.length;
  if (column < 0) return [];
  return Array.from({ length: values.length / width }, (_, quarter) => values[quarter * width + column]);
}
const runSeries = (run, name) => (run ? seriesOf(run.header.measures, run.series, name) : []);
