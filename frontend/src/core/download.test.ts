import { afterEach, beforeEach, expect, test, vi } from "vitest";

vi.mock("./session.svelte", () => ({ session: { credential: () => "a-token", lost: () => undefined, asked: null } }));
const { download, size } = await import("./download");

const saved: string[] = [];
const asked: [string, RequestInit | undefined][] = [];

function answers(made: (signal: AbortSignal) => Promise<Response>): void {
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => (asked.push([path, init]), made(init.signal as AbortSignal)));
}

function pieces(...of: (string | Error)[]): Response {
  const waiting = [...of];
  return new Response(
    new ReadableStream({
      pull(controller) {
        const next = waiting.shift();
        if (next === undefined) controller.close();
        else if (next instanceof Error) controller.error(next);
        else controller.enqueue(new TextEncoder().encode(next));
      },
    }),
  );
}

beforeEach(() => {
  [saved.length, asked.length] = [0, 0];
  const link = { href: "", download: "", click: () => saved.push(`${link.download} ${link.href}`) };
  vi.stubGlobal("document", { createElement: () => link });
  vi.stubGlobal("URL", { createObjectURL: (file: Blob) => `${file.size} bytes`, revokeObjectURL: () => undefined });
});
afterEach(() => void vi.unstubAllGlobals());

test("a whole file is saved once it is whole, asked for with the session's credential and none in the address", async () => {
  answers(() => Promise.resolve(pieces("a,b\n", "1,2\n")));
  const told: number[] = [];
  await download("/exports/trades", "text/csv", "trades.csv", (bytes) => told.push(bytes), new AbortController().signal);
  expect(saved).toEqual(["trades.csv 8 bytes"]);
  expect(told).toEqual([4, 8]);
  expect(asked[0]?.[0]).toBe("/exports/trades");
  expect((asked[0]?.[1]?.headers as Record<string, string>)["X-API-Key"]).toBe("a-token");
});

test("one that breaks off is no file", async () => {
  answers(() => Promise.resolve(pieces("a,b\n", new TypeError("network error"))));
  await expect(download("/exports/trades", "text/csv", "trades.csv", () => undefined, new AbortController().signal)).rejects.toThrow("it broke off before its end");
  expect(saved).toEqual([]);
});

test("a refusal is told in the server's words", async () => {
  answers(() => Promise.resolve(Response.json({ type: "urn:x:crowded", detail: "2 exports are under way" }, { status: 503 })));
  await expect(download("/exports/trades", "text/csv", "trades.csv", () => undefined, new AbortController().signal)).rejects.toThrow("2 exports are under way");
  expect(saved).toEqual([]);
});

test("who stops it gets nothing, and no fault", async () => {
  const stop = new AbortController();
  answers((signal) => new Promise((_, refuse) => signal.addEventListener("abort", () => refuse(signal.reason as Error))));
  const going = download("/exports/trades", "text/csv", "trades.csv", () => undefined, stop.signal);
  stop.abort();
  await expect(going).rejects.toMatchObject({ name: "AbortError" });
  expect(saved).toEqual([]);
});

test("a size is short", () => {
  expect([812, 14_400, 3_210_000].map(size)).toEqual(["812 B", "14 kB", "3.2 MB"]);
});
