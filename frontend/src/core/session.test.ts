import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { components } from "../api/schema";

type Token = components["schemas"]["Token"];
/** The server's clock, of which this machine's is a day ahead. */
const SERVER = Date.parse("2026-11-28T12:00:00Z");
const QUARTER = 15 * 60_000;
const DAY = 24 * 3600_000;

const asked: { key: string; scopes: string[] | undefined }[] = [];
let answer: (token: string) => Promise<Response>;
let kept: Map<string, string>;
const iso = (at: number): string => new Date(at).toISOString();

function made(token: string, scopes: readonly string[], left = QUARTER, until = 12 * 3600_000): Token {
  return { token, principal: "api:me", scopes: [...scopes], made_at: iso(SERVER), expires_at: iso(SERVER + left), ends_at: iso(SERVER + until) };
}
const told = (body: unknown, status = 201): Promise<Response> => Promise.resolve(new Response(JSON.stringify(body), { status }));
const refused = (): Promise<Response> => told({ type: "urn:trading-executor:problem:api-key-refused", detail: "give a key" }, 401);

async function page() {
  vi.resetModules();
  return { ...(await import("./session.svelte")), ...(await import("./api")) };
}

beforeEach(() => {
  vi.useFakeTimers({ now: SERVER + DAY });
  asked.length = 0;
  kept = new Map();
  let count = 0;
  vi.stubGlobal("sessionStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  });
  answer = (token) => told(made(token, asked.at(-1)?.scopes ?? ["read"]));
  vi.stubGlobal("fetch", (path: string, { headers, body }: { headers: Record<string, string>; body?: string }) => {
    if (path !== "/api/v1/tokens") return answer(path);
    asked.push({ key: headers["X-API-Key"] as string, scopes: (JSON.parse(body ?? "{}") as { scopes?: string[] }).scopes });
    return answer(`token ${++count}`);
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("gives a token that looks nothing of what the one before it might do, nor the tab", async () => {
  const { session, REACHES } = await page();
  await session.show("tek_key", "trade", false);
  session.lost("token 1", "over");
  session.want(["orders:place"]);
  await session.show("tek_key", "look", true);
  expect(asked.map(({ scopes }) => scopes)).toEqual([REACHES.trade.scopes, ["read", "audit:read"]]);
  expect(session.may("orders:place")).toBe(false);
  expect((JSON.parse(kept.get("token") as string) as Token).scopes).toEqual(["read", "audit:read"]);
});

it("asks for the least that allows what was wanted", async () => {
  const { session, reachFor } = await page();
  expect(reachFor([])).toBe("look");
  expect(["halt", "orders:place", "resume", "risk:write"].map((scope) => reachFor([scope]))).toEqual(["stop", "trade", "trade", "all"]);
  session.want(["orders:cancel", "exit"]);
  expect(session.asked).toEqual({ why: "This asks for a key with the scope orders:cancel or exit.", needs: ["orders:cancel", "exit"] });
});

it.each([DAY, -DAY])("renews a token in time though this machine's clock is wrong, and is set by %d ms meanwhile", async (step) => {
  const { session } = await page();
  await session.show("tek_key", "look", false);
  await vi.advanceTimersByTimeAsync(QUARTER / 2);
  expect(asked).toHaveLength(1);
  vi.setSystemTime(Date.now() + step);
  await vi.advanceTimersByTimeAsync(QUARTER / 6);
  expect(asked.at(-1)).toEqual({ key: "token 1", scopes: undefined });
  expect(session.credential()).toBe("token 2");
});

it("does not renew a token that ends with its session", async () => {
  const { session } = await page();
  answer = (token) => told(made(token, ["read"], QUARTER, QUARTER));
  await session.show("tek_key", "look", false);
  await vi.advanceTimersByTimeAsync(2 * QUARTER);
  expect(asked).toHaveLength(1);
});

it("has the server say whether what the tab kept still counts", async () => {
  kept.set("token", JSON.stringify(made("token 0", ["read"])));
  const { session } = await page();
  session.restore();
  expect(session.credential()).toBe("token 0");
  await vi.advanceTimersByTimeAsync(0);
  expect([asked, session.credential()]).toEqual([[{ key: "token 0", scopes: undefined }], "token 1"]);

  kept.set("token", JSON.stringify(made("token 9", ["read"])));
  answer = refused;
  const later = await page();
  later.session.restore();
  await vi.advanceTimersByTimeAsync(0);
  expect([later.session.credential(), later.session.asked !== null, kept.size]).toEqual(["", true, 0]);
});

it("is not ended by a late answer to a credential that it no longer uses", async () => {
  const { session, request } = await page();
  await session.show("tek_key", "look", false);
  const takes = answer;
  let late: (found: Response) => void = () => undefined;
  answer = () => new Promise((come) => (late = come));
  const asking = request("GET", "/api/v1/status").catch((error: { status: number }) => error.status);
  answer = takes;
  await session.show("tek_key", "trade", false);
  late(await refused());
  expect(await asking).toBe(401);
  expect([session.credential(), session.locked, session.asked]).toEqual(["token 2", false, null]);

  answer = refused;
  await request("GET", "/api/v1/status").catch(() => undefined);
  expect([session.credential(), session.locked, session.asked !== null]).toEqual(["", true, true]);
});

it("is not ended by a renewal that fails after another key was shown", async () => {
  const { session } = await page();
  await session.show("tek_key", "look", false);
  let late: (found: Response) => void = () => undefined;
  const takes = answer;
  answer = () => new Promise((come) => (late = come));
  await vi.advanceTimersByTimeAsync((QUARTER * 2) / 3);
  expect(asked).toHaveLength(2);
  answer = takes;
  await session.show("tek_other", "look", false);
  late(await refused());
  await vi.advanceTimersByTimeAsync(0);
  expect([session.credential(), session.asked]).toEqual(["token 3", null]);
});

it("does not ask anew what a person put off, until that person wants to", async () => {
  const { session } = await page();
  session.lost("", "");
  session.dismiss();
  session.lost("", "");
  expect([session.asked, session.locked]).toEqual([null, true]);
  session.ask();
  expect(session.asked).toEqual({ why: "", needs: [] });
  session.dismiss();
  await session.show("tek_key", "look", false);
  expect(session.locked).toBe(false);
  session.lost(session.credential(), "over");
  expect(session.asked).toEqual({ why: "over", needs: [] });
});
