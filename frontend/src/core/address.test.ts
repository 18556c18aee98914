import { afterEach, expect, it, vi } from "vitest";

async function at(hash: string) {
  vi.resetModules();
  vi.stubGlobal("location", { hash });
  vi.stubGlobal("addEventListener", () => undefined);
  return (await import("./address.svelte")).address;
}
afterEach(() => void vi.unstubAllGlobals());

it("has the segments after the page's own path as they were before they were written", async () => {
  const address = await at("#/executions/a%2Fb/c?with=1%202");
  expect([address.readable, address.after("/executions"), address.after("/"), address.param("with")]).toEqual([true, ["a/b", "c"], ["executions", "a/b", "c"], "1 2"]);
});

it.each(["#/executions/%", "#/%E0%A4%A", "#/executions/%zz?with=%"])("says of %s that it cannot be read, and has nothing of it", async (hash) => {
  const address = await at(hash);
  expect([address.readable, address.after("/executions")]).toEqual([false, []]);
});
