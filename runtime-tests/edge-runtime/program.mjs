import { answer } from "../shared/handler.mjs";

addEventListener("fetch", (event) => event.respondWith(answer(event.request)));
