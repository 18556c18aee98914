import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Message, SILENT_MS, type Sock, Stream } from "./stream";

class Fake implements Sock {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  sent: string[] = [];
  constructor(readonly address: string) {}
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {}
  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  end(code: number): void {
    this.onclose?.({ code });
  }
}

const hello = (after: number) => ({ type: "hello", seq: null, account: "main", after, head: after, channels: [], books: [], principal: "" });

function made(credential = "", read?: () => Promise<void>) {
  const sockets: Fake[] = [];
  const heard: Message[] = [];
  const told: string[] = [];
  const held = { credential };
  const stream = new Stream(
    { channels: ["orders"], books: [] },
    { message: (each) => heard.push(each), anew: () => (told.push("anew"), read?.()), phase: (each) => told.push(each), lost: (each) => told.push(`lost ${each}`) },
    () => held.credential,
    (address) => {
      const socket = new Fake(address);
      sockets.push(socket);
      return socket;
    },
    "ws://here",
  );
  stream.start();
  return { stream, sockets, heard, told, held };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("goes on after the last event that it heard, and hears none twice", () => {
  const { sockets, heard, told } = made();
  sockets[0]!.say(hello(7));
  sockets[0]!.say({ type: "event", seq: 8 });
  sockets[0]!.end(1006);
  vi.advanceTimersByTime(500);
  expect(sockets[1]!.address).toBe("ws://here/api/v1/stream?channels=orders&after=8");
  sockets[1]!.say(hello(8));
  sockets[1]!.say({ type: "event", seq: 8 });
  sockets[1]!.say({ type: "event", seq: 9 });
  expect(heard.filter((each) => each.type === "event").map((each) => (each as { seq: number }).seq)).toEqual([8, 9]);
  expect(told).toEqual(["connecting", "live", "anew", "broken", "connecting", "live"]);
});

it("goes on after a heartbeat, which says that nothing is missing up to there", () => {
  const { sockets } = made();
  sockets[0]!.say(hello(1));
  sockets[0]!.say({ type: "heartbeat", seq: null, as_of: 40 });
  sockets[0]!.end(1012);
  vi.advanceTimersByTime(500);
  expect(sockets[1]!.address).toContain("after=40");
});

it("reads everything anew where nothing can follow what it heard", () => {
  const { sockets, told } = made();
  sockets[0]!.say(hello(90));
  sockets[0]!.end(4409);
  vi.advanceTimersByTime(500);
  expect(sockets[1]!.address).not.toContain("after");
  sockets[1]!.say(hello(3));
  expect(told.filter((each) => each === "anew")).toHaveLength(2);
});

it("says its credential in the first message and never in the address", () => {
  const { sockets } = made("ext_secret");
  sockets[0]!.onopen?.(undefined as never);
  expect(sockets[0]!.address).toBe("ws://here/api/v1/stream");
  expect(JSON.parse(sockets[0]!.sent[0]!)).toEqual({ key: "ext_secret", channels: ["orders"], books: [] });
});

it("asks for a key where its own no longer counts, and waits longer after each break", () => {
  const { sockets, told, stream } = made("ext_old");
  for (const wait of [500, 1000, 2000]) {
    sockets.at(-1)!.end(1006);
    vi.advanceTimersByTime(wait - 1);
    const before = sockets.length;
    vi.advanceTimersByTime(1);
    expect(sockets.length).toBe(before + 1);
  }
  sockets.at(-1)!.end(4401);
  vi.advanceTimersByTime(60_000);
  expect(sockets).toHaveLength(4);
  expect(told.slice(-2)).toEqual(["refused", "lost ext_old"]);
  stream.again();
  expect(sockets).toHaveLength(5);
});

it("comes back and asks for everything again, ever later, where not all could be read", async () => {
  let fails = 3;
  const { sockets, told } = made("", () => (fails-- > 0 ? Promise.reject(new Error("the server has not answered in time")) : Promise.resolve()));
  for (const wait of [500, 1000, 2000]) {
    sockets.at(-1)!.say(hello(7));
    sockets.at(-1)!.say({ type: "event", seq: 8 });
    await vi.advanceTimersByTimeAsync(0);
    expect(told.at(-1)).toBe("broken");
    const before = sockets.length;
    await vi.advanceTimersByTimeAsync(wait - 1);
    expect(sockets).toHaveLength(before);
    await vi.advanceTimersByTimeAsync(1);
    expect(sockets.at(-1)!.address).not.toContain("after");
  }
  sockets.at(-1)!.say(hello(9));
  await vi.advanceTimersByTimeAsync(0);
  expect(told.filter((each) => each === "anew")).toHaveLength(4);
  sockets.at(-1)!.end(1006);
  vi.advanceTimersByTime(500);
  expect(sockets.at(-1)!.address).toContain("after=9");
});

it("asks for everything again where the connection broke off, or a person pressed the button, before it was read", async () => {
  const { sockets, stream, told } = made("", () => new Promise(() => undefined));
  sockets[0]!.say(hello(7));
  sockets[0]!.end(1006);
  vi.advanceTimersByTime(500);
  expect(sockets[1]!.address).not.toContain("after");
  sockets[1]!.say(hello(8));
  stream.again();
  expect(sockets[2]!.address).not.toContain("after");
  sockets[2]!.say(hello(8));
  expect(told.filter((each) => each === "anew")).toHaveLength(3);
});

it("takes a connection on which nothing is heard for broken off, and goes on after what it heard", () => {
  const { sockets, told, stream } = made();
  sockets[0]!.say(hello(7));
  vi.advanceTimersByTime(SILENT_MS - 1);
  sockets[0]!.say({ type: "heartbeat", seq: null, as_of: 40 });
  vi.advanceTimersByTime(SILENT_MS - 1);
  expect(told.at(-1)).toBe("anew");
  vi.advanceTimersByTime(1);
  expect(told.at(-1)).toBe("broken");
  vi.advanceTimersByTime(500);
  expect(sockets[1]!.address).toContain("after=40");
  vi.advanceTimersByTime(SILENT_MS + 1000);
  expect(sockets.length, "one that never says hello is broken off too").toBe(3);
  stream.stop();
  vi.advanceTimersByTime(60_000);
  expect(sockets).toHaveLength(3);
});

it("goes on at once with the token that was renewed when the one it came with is over", () => {
  const { sockets, told, held } = made("ext_old");
  sockets[0]!.onopen?.(undefined as never);
  sockets[0]!.say(hello(7));
  held.credential = "ext_new";
  sockets[0]!.end(4401);
  sockets[1]!.onopen?.(undefined as never);
  expect(JSON.parse(sockets[1]!.sent[0]!)).toEqual({ key: "ext_new", channels: ["orders"], books: [], after: 7 });
  sockets[1]!.end(4401);
  expect(told).toEqual(["connecting", "live", "anew", "connecting", "refused", "lost ext_new"]);
});

it.each([3600_000, -3600_000])("tells a silent connection from a live one though the clock is set by %d ms", (step) => {
  const { sockets, told } = made();
  sockets[0]!.say(hello(7));
  vi.setSystemTime(Date.now() + step);
  sockets[0]!.say({ type: "heartbeat", seq: null, as_of: 40 });
  vi.advanceTimersByTime(SILENT_MS - 1);
  expect(told.at(-1)).toBe("anew");
  vi.advanceTimersByTime(1);
  expect(told.at(-1)).toBe("broken");
});
