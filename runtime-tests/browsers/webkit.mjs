import { freePort, start } from "../runner/processes.mjs";
import { toolPath } from "../runner/tools.mjs";

const READ_REPORT = "return document.documentElement.dataset.report ?? null;";
const PATIENCE_MS = 120_000;

/** Opens WebKitGTK's small browser on a display of its own, over WebDriver. `visit` gives what a page reports. */
export async function openWebKit() {
  const display = start(toolPath("Xvfb"), ["-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp"]);
  const port = await freePort();
  const driver = start(toolPath("WebKitWebDriver"), [`--port=${port}`], {
    env: {
      DISPLAY: await numberOf(display),
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
      WEBKIT_DISABLE_COMPOSITING_MODE: "1",
      LIBGL_ALWAYS_SOFTWARE: "1",
    },
  });
  const command = (method, path, body) => send(`http://127.0.0.1:${port}/session${path}`, method, body);
  const close = async () => {
    await driver.stop();
    await display.stop();
  };
  try {
    const options = { binary: toolPath("MiniBrowser"), args: ["--automation"] };
    const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options } };
    const session = await untilIt(() => command("POST", "", { capabilities }));
    return {
      version: session.capabilities.browserVersion,
      engine: "JavaScriptCore",
      async visit(address) {
        await command("POST", `/${session.sessionId}/url`, { url: address });
        const text = await untilIt(async () => {
          const text = await command("POST", `/${session.sessionId}/execute/sync`, { script: READ_REPORT, args: [] });
          if (text === null) throw new Error(`${address}: expected a report, got none`);
          return text;
        });
        return JSON.parse(text);
      },
      async close() {
        await command("DELETE", `/${session.sessionId}`);
        await close();
      },
    };
  } catch (error) {
    error.message += `\n${driver.tail()}`;
    await close();
    throw error;
  }
}

/** The free display that Xvfb took and printed. */
async function numberOf(display) {
  try {
    return await untilIt(async () => {
      const number = /^\d+$/m.exec(display.stdout())?.[0];
      if (number === undefined) throw new Error(`Xvfb: expected its display, got none\n${display.tail()}`);
      return `:${number}`;
    });
  } catch (error) {
    await display.stop();
    throw error;
  }
}

async function send(address, method, body) {
  const response = await fetch(address, { method, body: body && JSON.stringify(body) });
  const { value } = await response.json();
  if (response.ok) return value;
  throw new Error(`${address}: expected 200, got ${response.status}: ${value.error}: ${value.message}`);
}

async function untilIt(act) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
