// Whether Mermaid's own parser takes a text: node mermaid.mjs FILE, with mermaid and jsdom installed beside it.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const page = new JSDOM("");
globalThis.window = page.window;
globalThis.document = page.window.document;
const { default: mermaid } = await import("mermaid");
mermaid.initialize({ maxEdges: 5000, maxTextSize: 5_000_000 });
console.log((await mermaid.parse(readFileSync(process.argv[2], "utf8"))).diagramType);
