import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Problem } from "./problem";
import { AGAIN_MS, type Read, Reading } from "./reading";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function made() {
  const asked: { answer: (value: string) => void; fail: (error: Error) => void }[] = [];
  const told: Read<string>[] = [];
  const reading = new Reading<string>(() => new Promise((answer, fail) => asked.push({ answer, fail })), (read) => told.push(read));
  const soon = () => vi.advanceTimersByTimeAsync(0);
  return { reading, asked, told, soon };
}

it("has one reading under way, and whoever asks meanwhile is answered by one more that began after", async () => {
  const { reading, asked, told, soon } = made();
  const first = reading.again();
  await soon();
  const later = [reading.again(), reading.again()];
  await soon();
  expect(asked).toHaveLength(1);
  asked[0]!.answer("older");
  expect(await first).toEqual({ value: "older", error: "" });
  await soon();
  expect(asked).toHaveLength(2);
  asked[1]!.answer("newer");
  expect(await Promise.all(later)).toEqual([{ value: "newer", error: "" }, { value: "newer", error: "" }]);
  expect(told.map((read) => read.value)).toEqual(["older", "newer"]);
});

it("says that it could not be read, keeps what was known, and reads it again by itself", async () => {
  const { reading, asked, told, soon } = made();
  void reading.again();
  await soon();
  asked[0]!.fail(new Error("not now"));
  await soon();
  expect(told).toEqual([{ value: null, error: "not now" }]);
  await vi.advanceTimersByTimeAsync(AGAIN_MS);
  asked[1]!.answer("known");
  await soon();
  void reading.again();
  await soon();
  asked[2]!.fail(new Error("not now"));
  await soon();
  expect(told.slice(1)).toEqual([{ value: "known", error: "" }, { value: "known", error: "not now" }]);
  await vi.advanceTimersByTimeAsync(AGAIN_MS);
  expect(asked).toHaveLength(4);
});

it("does not ask again by itself with a credential that no longer counts", async () => {
  const { reading, asked, soon } = made();
  void reading.again();
  await soon();
  asked[0]!.fail(new Problem(401, "api-key-refused", "give a key"));
  await vi.advanceTimersByTimeAsync(10 * AGAIN_MS);
  expect(asked).toHaveLength(1);
});
