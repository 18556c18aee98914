import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Wish } from "./acts.svelte";
import type { Execution } from "./kinds";
import { amendExecution } from "./wishes";

let Problem: typeof import("./problem").Problem;

type Asked = [method: string, path: string, body: unknown, key: string | undefined];
const asked: Asked[] = [];
let answer: (...told: Asked) => Promise<unknown>;
const stale = { since: null as number | null };

vi.mock("./api", () => ({
  request: (...told: Asked) => {
    asked.push(told);
    return answer(...told);
  },
}));
vi.mock("./live.svelte", () => ({
  live: {
    get staleSince() {
      return stale.since;
    },
  },
}));
vi.mock("./session.svelte", () => ({ session: { want: () => undefined } }));

const BUY: Wish = { title: "Buy", method: "POST", path: "/api/v1/trading/orders", body: { size: "0.01" }, subject: "ticket" };
const steer = (word: "pause" | "resume" | "cancel"): Wish => ({
  title: word, method: "POST", path: `/api/v1/trading/executions/P1/${word}`, body: {}, subject: "P1", stops: word !== "resume",
});
const amend = (price: string): Wish => ({ title: "Amend", method: "PATCH", path: "/api/v1/trading/orders/O1", body: { price }, subject: "O1" });
const CANCEL: Wish = { title: "Cancel", method: "DELETE", path: "/api/v1/trading/orders/O1", subject: "O1", stops: true };
const never = (): Promise<never> => new Promise(() => undefined);
const lost = (): Promise<never> => Promise.reject(Problem.unanswered(new Error("")));
const keys = (): unknown[] => asked.map(([, , , key]) => key);
const paths = (): string[] => asked.map(([, path]) => path.split("/").at(-1) as string);

async function page() {
  vi.resetModules();
  ({ Problem } = await import("./problem")); // the class that this page's modules know
  return import("./acts.svelte");
}

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  stale.since = null;
  answer = () => Promise.resolve({});
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** As nobody hears of it: after all retries. */
async function unheard(wish: Wish, { acts }: Awaited<ReturnType<typeof page>>) {
  answer = lost;
  const done = acts.perform(wish);
  await vi.advanceTimersByTimeAsync(4000);
  answer = () => Promise.resolve({});
  return done;
}

describe("the same", () => {
  it("is sent once by two clicks, though the first was answered and put away between them", async () => {
    const { acts } = await page();
    const first = await acts.perform(BUY);
    acts.dismiss(first.key);
    await vi.advanceTimersByTimeAsync(200);
    expect((await acts.perform(BUY)).key).toBe(first.key);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect((await acts.perform(BUY)).key).not.toBe(first.key);
    expect(asked).toHaveLength(2);
  });
  it("is counted from its answer, which may have been slow", async () => {
    const { acts } = await page();
    answer = () => new Promise((go) => setTimeout(go, 1500));
    const first = acts.perform(BUY);
    await vi.advanceTimersByTimeAsync(1600);
    expect(await acts.perform(BUY)).toEqual(await first);
    expect(asked).toHaveLength(1);
  });
  it("is another where its size is another", async () => {
    const { acts } = await page();
    await acts.perform(BUY);
    await acts.perform({ ...BUY, body: { size: "0.02" } });
    expect(asked).toHaveLength(2);
  });
  it("is asked for again, with its key, where it had no answer", async () => {
    const loaded = await page();
    const first = await unheard(BUY, loaded);
    expect(first.phase).toBe("unanswered");
    const again = await loaded.acts.perform(BUY);
    expect([again.key, again.phase]).toEqual([first.key, "done"]);
    expect(new Set(keys())).toEqual(new Set([first.key]));
  });
  it("is known again by what a person said, though its body was made of another moment, also after a reload", async () => {
    const run = { parent_id: "P1", strategy: "twap", side: "buy", size: "1", instrument_id: "BTC-USDT" } as Execution;
    const words = { size: "", price: "", minutes: "30", config: {}, reason: "" };
    const loaded = await page();
    const first = await unheard(amendExecution(run, words), loaded);
    await vi.advanceTimersByTimeAsync(60_000);
    const { acts } = await page();
    acts.restore();
    const again = await acts.perform(amendExecution(run, words));
    expect([again.key, again.phase]).toEqual([first.key, "done"]);
    expect(new Set(asked.map(([, , body]) => JSON.stringify(body))).size).toBe(1);
    await acts.perform(amendExecution(run, { ...words, minutes: "31" }));
    expect(new Set(keys()).size).toBe(2);
  });
  it("does not keep back a pause that comes after a resume, all within a second", async () => {
    const { acts } = await page();
    await acts.perform(steer("pause"));
    await acts.perform(steer("resume"));
    await acts.perform(steer("pause"));
    expect(paths()).toEqual(["pause", "resume", "pause"]);
  });
});

describe("something else of the same subject", () => {
  it("is sent where the one before it had no answer, which is put away", async () => {
    const loaded = await page();
    await unheard(steer("resume"), loaded);
    asked.length = 0;
    expect((await loaded.acts.perform(steer("cancel"))).phase).toBe("done");
    expect(paths()).toEqual(["cancel"]);
    expect(loaded.acts.all.map((act) => act.title)).toEqual(["cancel"]);
    expect(sessionStorage.getItem("acts")).toBeNull();
  });
  it("is sent at once while one is under way, where it stops or cancels, and that one is not asked for again", async () => {
    const { acts } = await page();
    answer = lost;
    void acts.perform(steer("resume"));
    await vi.advanceTimersByTimeAsync(500);
    answer = () => Promise.resolve({});
    expect((await acts.perform(steer("pause"))).phase).toBe("done");
    await vi.advanceTimersByTimeAsync(5000);
    expect(paths()).toEqual(["resume", "pause"]);
    const resume = acts.all.find((act) => act.title === "resume");
    expect([resume?.phase, resume?.overtaken]).toEqual(["unanswered", "pause"]);
    await acts.again(resume?.key as string);
    expect(paths()).toEqual(["resume", "pause"]);
  });
  it("stays not asked for again after a reload between the two answers", async () => {
    const { acts } = await page();
    answer = never;
    void acts.perform(amend("1"));
    void acts.perform(CANCEL);
    const { acts: anew } = await page();
    anew.restore();
    expect(anew.all.map((act) => [act.title, act.overtaken])).toEqual([["Amend", "Cancel"], ["Cancel", ""]]);
    expect(anew.unanswered("O1")?.title).toBe("Cancel");
  });
  it("is refused aloud while one is under way, where it does not stop", async () => {
    const { acts } = await page();
    answer = never;
    void acts.perform(amend("1"));
    const second = await acts.perform(amend("2"));
    expect(second.phase).toBe("refused");
    expect(second.problem?.detail).toContain("It was not sent");
    expect(acts.all.at(-1)?.key).toBe(second.key);
    expect(asked).toHaveLength(1);
  });
  it("that stops is sent while an answer waits for the stream", async () => {
    const { acts } = await page();
    const waiting = await acts.perform({ ...steer("pause"), until: () => false });
    expect(waiting.phase).toBe("waiting");
    await acts.perform(steer("cancel"));
    expect(paths()).toEqual(["pause", "cancel"]);
  });
});

describe("an answer", () => {
  const refusal = (status: number, kind: string) => () => Promise.reject(new Problem(status, kind, "the server's words"));

  it.each(["not-ready", "order-denied", "order-rejected", "order-not-sent", "amend-refused"])("that is a definite %s is refused with its words and not retried", async (kind) => {
    const { acts } = await page();
    answer = refusal(503, kind);
    const act = await acts.perform(BUY);
    expect([act.phase, act.problem?.detail, asked.length]).toEqual(["refused", "the server's words", 1]);
    expect(sessionStorage.getItem("acts")).toBeNull();
  });
  it.each([[503, "store-failed"], [503, "timeout"], [503, "exchange"], [503, ""], [502, ""], [504, ""], [500, "internal-error"]])(
    "of %i %s says nothing of what was done: it is asked for again and kept",
    async (status, kind) => {
      const { acts } = await page();
      answer = refusal(status, kind);
      const act = acts.perform(BUY);
      await vi.advanceTimersByTimeAsync(4000);
      expect([(await act).phase, asked.length]).toEqual(["unanswered", 3]);
      expect(new Set(keys()).size).toBe(1);
      expect(sessionStorage.getItem("acts")).not.toBeNull();
    },
  );
  it("is not shown as done by what is empty while all is read anew", async () => {
    const { acts } = await page();
    stale.since = 1;
    const act = await acts.perform({ ...CANCEL, until: () => true });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(acts.all.find(({ key }) => key === act.key)?.phase).toBe("waiting");
    stale.since = null;
    await vi.advanceTimersByTimeAsync(100);
    expect(acts.all.find(({ key }) => key === act.key)?.phase).toBe("done");
  });
});

describe("where no key is taken", () => {
  it("a change of an order is sent once, without one, and a person looks", async () => {
    const loaded = await page();
    const act = await unheard(amend("1"), loaded);
    expect(act.phase).toBe("unanswered");
    expect(keys()).toEqual([undefined]);
    await loaded.acts.again(act.key);
    expect(asked).toHaveLength(1);
    await loaded.acts.perform(amend("1"));
    expect(asked).toHaveLength(2);
  });
  it("a cancel is asked for again, for it undoes nothing", async () => {
    await unheard(CANCEL, await page());
    expect(keys()).toEqual([undefined, undefined, undefined]);
  });
  it("a change of an execution has one", async () => {
    const { acts } = await page();
    const act = await acts.perform({ ...amend("1"), path: "/api/v1/trading/executions/P1" });
    expect(keys()).toEqual([act.key]);
  });
});
