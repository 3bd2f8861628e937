// The suite as an edge route: /empty, /first and /suite.
import { answer } from "../../shared/handler.mjs";

export const runtime = "edge";

export const GET = answer;
