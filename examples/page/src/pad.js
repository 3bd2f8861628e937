// The drawing area: pointers and keys become ink.

const PEN_WIDTH = 22;
const KEY_STEP = 8;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Makes the canvas in an element one to draw on; the element takes the keys.
 *
 * @param {HTMLElement} element
 * @param {() => void} onInk called after every change of the ink
 */
export function createPad(element, onInk) {
  const canvas = element.querySelector("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const size = canvas.width;
  const pen = { x: size / 2, y: size / 2, isDown: false };
  Object.assign(context, { lineWidth: PEN_WIDTH, lineCap: "round", lineJoin: "round", strokeStyle: "#fff" });
  /** Ink without the mark of the pen, which is drawn over it. */
  let ink;

  const keep = () => {
    ink = context.getImageData(0, 0, size, size);
  };
  const restore = () => context.putImageData(ink, 0, 0);
  const wipe = () => {
    context.fillStyle = "#000";
    context.fillRect(0, 0, size, size);
    keep();
  };
  const line = (x, y) => {
    restore();
    context.beginPath();
    context.moveTo(pen.x, pen.y);
    context.lineTo(x, y);
    context.stroke();
    keep();
    Object.assign(pen, { x, y });
    onInk();
  };
  const mark = () => {
    restore();
    context.beginPath();
    context.arc(pen.x, pen.y, PEN_WIDTH / 2, 0, 2 * Math.PI);
    context.lineWidth = 2;
    context.strokeStyle = pen.isDown ? "#ff5a4f" : "#4fa3ff";
    context.stroke();
    Object.assign(context, { lineWidth: PEN_WIDTH, strokeStyle: "#fff" });
  };
  const place = (event) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return [((event.clientX - left) * size) / width, ((event.clientY - top) * size) / height];
  };

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    [pen.x, pen.y] = place(event);
    pen.isDown = true;
    line(pen.x, pen.y);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pressure > 0 || event.buttons > 0) line(...place(event));
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      pen.isDown = false;
    });
  }
  element.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      pen.isDown = !pen.isDown;
      if (pen.isDown) line(pen.x, pen.y);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      clear();
    } else if (event.key in MOVES) {
      const [x, y] = [pen.x, pen.y].map((at, axis) => {
        return Math.min(size, Math.max(0, at + KEY_STEP * MOVES[event.key][axis]));
      });
      if (pen.isDown) line(x, y);
      else Object.assign(pen, { x, y });
    } else return;
    event.preventDefault();
    mark();
  });
  element.addEventListener("blur", restore);

  function clear() {
    wipe();
    pen.isDown = false;
    onInk();
  }
  wipe();
  return {
    size,
    clear,
    /** Bytes of the ink, 0 to 255. */
    ink: () => Uint8ClampedArray.from({ length: size * size }, (_, at) => ink.data[4 * at]),
    /** Shows a picture of `side` x `side` pixels in place of the ink. */
    show(pixels, side) {
      wipe();
      const cell = size / side;
      pixels.forEach((pixel, at) => {
        context.fillStyle = `rgb(${pixel},${pixel},${pixel})`;
        context.fillRect((at % side) * cell, Math.floor(at / side) * cell, cell, cell);
      });
      keep();
    },
  };
}
