import { capabilities, readModel, Session } from "circulant";
import { digestOf, timeInference } from "./check.js";
import { createDatapath, judge } from "./datapath.js";
import { digitOf, SIDE } from "./digit.js";
import { showLayers } from "./layers.js";
import { createPad } from "./pad.js";

const $ = (id) => document.getElementById(id);

/** Files of the page, read when they are first wanted and kept. */
const files = new Map();
function read(name) {
  const reading = files.get(name) ?? fetchBytes(name);
  files.set(name, reading);
  return reading;
}

async function fetchBytes(name) {
  const response = await fetch(name);
  if (!response.ok) throw new Error(`${name}: expected a file, got status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** The model in use: its entry in models.json, the model as data, the session that runs it. */
let current;
/** The digit in use, 28 x 28 pixels; none while the pad is empty. */
let digit;

async function choose(entry) {
  const bytes = await read(`${entry.name}.safetensors`);
  const session = Session.createSync(bytes);
  current?.session.release();
  current = { entry, session, model: readModel(bytes) };
  $("size").textContent = `${bytes.length.toLocaleString("en")} bytes`;
  $("verdict").textContent = "";
  datapath.open(bytes);
  answer();
}

function answer() {
  drawSeen();
  if (!digit) {
    $("answer").textContent = "\u2013";
    showProbabilities(new Float32Array(10));
    $("layers").replaceChildren();
    datapath.forget();
    showDatapath();
    return;
  }
  const { session, model } = current;
  const { output } = session.runSync({ input: digit });
  const shares = softmax(output.data);
  const best = shares.indexOf(Math.max(...shares));
  const share = document.createElement("small");
  share.textContent = ` ${percent(shares[best])}`;
  $("answer").replaceChildren(session.labels[best] ?? String(best), share);
  showProbabilities(shares);
  const trace = session.trace({ input: digit });
  showLayers($("layers"), model, trace);
  $("time").textContent = `${timeInference(session).toFixed(1)} \u00b5s`;
  $("rtl-state").textContent = "simulating";
  guard(async () => {
    const result = await datapath.run(digit);
    if (result) showDatapath(result, trace, current);
  });
}

const MILLION = 1e6;
/** Cycles of the last digit. */
let cycles;

/** What the datapath in Verilog made of the digit, beside the kernels' trace; nothing without. */
function showDatapath(result, trace, { model, session } = {}) {
  cycles = result?.cycles;
  $("rtl-state").textContent = "";
  showClock();
  $("rtl-time").textContent = result ? `${result.milliseconds.toFixed(0)} ms` : "\u2013";
  $("rtl-cycles").textContent = result ? cycles.toLocaleString("en") : "\u2013";
  $("rtl-answer").textContent = result ? answerOf(result.outputs, session.labels) : "\u2013";
  $("rtl-verdict").replaceChildren();
  if (!result) return;
  const { equal, text } = judge(model, trace, result.trace);
  const verdict = document.createElement("strong");
  verdict.textContent = equal ? "Equal" : "Different";
  $("rtl-verdict").className = equal ? "good" : "bad";
  $("rtl-verdict").replaceChildren(verdict, `:${text}`);
}

function answerOf(words, labels) {
  const best = words.indexOf(Math.max(...words));
  return labels[best] ?? String(best);
}

/** Time of the cycles at the clock that the reader assumes. */
function showClock() {
  const hertz = $("clock").valueAsNumber * MILLION;
  const isKnown = cycles !== undefined && hertz > 0;
  $("rtl-clock").textContent = isKnown ? `${((1000 * cycles) / hertz).toFixed(3)} ms` : "\u2013";
}

function softmax(values) {
  const largest = Math.max(...values);
  const powers = Array.from(values, (value) => Math.exp(value - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;

function showProbabilities(shares) {
  const best = Math.max(...shares);
  $("probabilities").replaceChildren(
    ...Array.from(shares, (share, i) => {
      const item = document.createElement("li");
      const [name, bar, text] = ["span", "span", "span"].map((tag) => document.createElement(tag));
      const fill = document.createElement("i");
      name.textContent = String(i);
      bar.className = "bar";
      bar.setAttribute("aria-hidden", "true");
      fill.style.width = `${100 * share}%`;
      bar.append(fill);
      text.className = "share";
      text.textContent = percent(share);
      item.classList.toggle("best", share === best && share > 0);
      item.append(name, bar, text);
      return item;
    }),
  );
}

function drawSeen() {
  const image = new ImageData(SIDE, SIDE);
  for (let at = 0; at < SIDE * SIDE; at++) {
    const pixel = digit?.[at] ?? 0;
    image.data.set([pixel, pixel, pixel, 255], 4 * at);
  }
  $("seen").getContext("2d").putImageData(image, 0, 0);
}

/** Answers at most once a frame, however fast the pointer moves. */
let isAsked = false;
function ask() {
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    digit = digitOf(pad.ink(), pad.size);
    $("label").textContent = "";
    guard(answer);
  });
}

async function check() {
  const { session, entry } = current;
  const { digest, milliseconds, count } = await digestOf(session, await read("images.bin"));
  const equal = digest === entry.digest;
  $("verdict").className = equal ? "good" : "bad";
  const verdict = document.createElement("strong");
  verdict.textContent = equal ? "Equal" : "Different";
  const words = ` on ${count} digits in ${milliseconds.toFixed(0)} ms. SHA-256 ${digest}`;
  $("verdict").replaceChildren(verdict, equal ? words : `${words}, expected ${entry.digest}`);
  answer();
}

let sample = 0;
async function showSample() {
  const [images, labels] = await Promise.all([read("images.bin"), read("labels.bin")]);
  const pixels = SIDE * SIDE;
  digit = images.slice(sample * pixels, (sample + 1) * pixels);
  pad.show(digit, SIDE);
  $("label").textContent = `Sample ${sample + 1} of ${labels.length}, labelled ${labels[sample]}.`;
  sample = (sample + 1) % labels.length;
  answer();
}

/** Shows what went wrong in place of losing it. */
async function guard(action) {
  try {
    await action();
    $("problem").hidden = true;
  } catch (error) {
    $("problem").textContent = error instanceof Error ? error.message : String(error);
    $("problem").hidden = false;
  }
}

const pad = createPad($("pad"), ask);
const datapath = createDatapath(() => read("engine.wasm"));

async function start() {
  const found = capabilities();
  if (found.backend === "none")
    throw new Error(`This browser cannot run the network: ${found.reason}; ${found.remedy}`);
  $("engine").textContent = "WebAssembly SIMD";
  const models = JSON.parse(new TextDecoder().decode(await read("models.json")));
  $("model").replaceChildren(...models.map(({ name, network }) => new Option(`${name}: ${network}`, name)));
  $("model").addEventListener("change", () => {
    guard(() => choose(models.find(({ name }) => name === $("model").value)));
  });
  $("clear").addEventListener("click", () => pad.clear());
  $("sample").addEventListener("click", () => guard(showSample));
  $("check").addEventListener("click", () => guard(check));
  $("clock").addEventListener("input", showClock);
  await choose(models[0]);
  document.documentElement.dataset.ready = "";
}

guard(start);
