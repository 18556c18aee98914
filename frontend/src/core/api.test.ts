import { afterEach, expect, it, vi } from "vitest";
import { get, HISTORY_SECONDS } from "./api";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("waits ten seconds for an answer, and minutes for what reads the whole history", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("{}")));
  const patience = vi.spyOn(AbortSignal, "timeout");
  await get("/api/v1/trading/performance");
  await get("/api/v1/trading/performance/tear-sheet", { seconds: HISTORY_SECONDS });
  expect(patience.mock.calls).toEqual([[10_000], [180_000]]);
});
