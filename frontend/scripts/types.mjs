// Writes src/api/schema.d.ts from the OpenAPI document and the stream's AsyncAPI document, as the code here makes them,
// and beside it words.ts: the words of the filters, which a page lists.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const root = new URL("../../", import.meta.url).pathname;
const program = `
import json
from app.api.application import ROUTERS
from app.api.description import document
from app.api.stream import asyncapi
told = document(ROUTERS, "0", True)
told["components"]["schemas"] = asyncapi.document("0")["components"]["schemas"] | told["components"]["schemas"]
print(json.dumps(told))
`;
const python = process.env.PYTHON ?? `${root}.venv/bin/python`;
const env = { ...process.env, PYTHONPATH: `${root}backend` };
const told = JSON.parse(execFileSync(python, ["-c", program], { env, maxBuffer: 1 << 26, encoding: "utf-8" }));

/** Without prose and examples: the description itself is the place to read them. */
function bare(value, of = "") {
  if (Array.isArray(value)) return value.map((each) => bare(each));
  if (value === null || typeof value !== "object") return value;
  const names = of === "properties" || of === "schemas" || of === "parameters";
  const kept = Object.entries(value).filter(
    ([name]) => names || !["description", "example", "examples", "title", "summary", "default"].includes(name),
  );
  return Object.fromEntries(kept.map(([name, each]) => [name, bare(each, name)]));
}

const document = bare(told);
document.info = { title: told.info.title, version: "0" };
for (const operations of Object.values(document.paths))
  for (const operation of Object.values(operations)) {
    const taken = Object.entries(operation.responses ?? {}).filter(([code]) => code.startsWith("2"));
    operation.responses = Object.fromEntries(taken.map(([code, answer]) => [code, { ...answer, description: "" }]));
  }
const written = astToString(await openapiTS(document, { alphabetize: true, defaultNonNullable: false }));
const target = process.argv[2] ?? fileURLToPath(new URL("../src/api/schema.d.ts", import.meta.url));
writeFileSync(target, `// Made by npm run types.\n${written}`);

const kinds = document.paths["/api/v1/events/search"].get.parameters.find((each) => each.name === "kind").schema.enum;
const listed = (name, words) => `export const ${name}: readonly string[] = [\n${words.map((word) => `  "${word}",\n`).join("")}];\n`;
const words = [listed("EVENT_KINDS", kinds.filter((each) => each !== null)), listed("ORDER_STATUSES", document.components.schemas.OrderStatus.enum)];
writeFileSync(`${dirname(target)}/words.ts`, `// Made by npm run types.\n${words.join("")}`);
