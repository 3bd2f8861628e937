import { expect, test } from "vitest";
import { showLines } from "../../src/cli/train-display.ts";

/** A display of two epochs of four steps of 100 images, and its lines and clock. */
function setUp(begun = 0) {
  const lines: string[] = [];
  let milliseconds = 5000;
  const display = showLines(
    { epochs: 3, begun, batch: 100 },
    (line) => lines.push(line),
    () => milliseconds,
  );
  const at = (seconds: number, epoch: number, step: number) => {
    milliseconds = 5000 + 1000 * seconds;
    display.progress({ epoch, step, steps: 4, loss: 1.25, accuracy: 0.5 });
  };
  const end = (epoch: number) => {
    display.epoch([{ epoch, loss: 1.5, accuracy: 0.25, validation: epoch === 1 ? null : 0.75 }]);
  };
  return { lines, at, end };
}

test("a short epoch takes one line with its time, the speed and the time left", () => {
  const { lines, at, end } = setUp();
  at(2, 1, 1);
  at(8, 1, 4);
  end(1);
  expect(lines).toEqual(["epoch 1/3  loss 1.5000  right 25.00 %  validation -  8.0 s  50 images/s  0:00:16 left\n"]);
});

test("a long epoch says every half minute how far it is", () => {
  const { lines, at, end } = setUp();
  for (let second = 1; second < 80; second++) at(second, 1, Math.floor(second / 20));
  expect(lines).toEqual([
    "epoch 1/3  step 1/4  loss 1.2500  right 50.00 %  3 images/s  0:05:30 left\n",
    "epoch 1/3  step 3/4  loss 1.2500  right 50.00 %  5 images/s  0:03:00 left\n",
  ]);
  at(80, 1, 4);
  end(1);
  expect(lines).toHaveLength(3);
});

test("a resumed run counts only what it has done itself", () => {
  const { lines, at, end } = setUp(2);
  at(4, 3, 4);
  end(3);
  expect(lines).toEqual([
    "epoch 3/3  loss 1.5000  right 25.00 %  validation 75.00 %  4.0 s  100 images/s  0:00:00 left\n",
  ]);
});
