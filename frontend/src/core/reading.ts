/** What is read whole, and again after each word of a change: one reading at a time, so that no older answer comes after a newer;
 *  whoever asks meanwhile is served by one more. A failed one is told of and tried again. */

import { Problem, said } from "./problem";

export const AGAIN_MS = 3000;

/** value: what was read last, or null; error: why the last reading failed, or "". */
export interface Read<T> {
  readonly value: T | null;
  readonly error: string;
}

export class Reading<T> {
  private read: Read<T> = { value: null, error: "" };
  private tail: Promise<unknown> = Promise.resolve();
  private next: Promise<Read<T>> | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly ask: () => Promise<T>,
    private readonly tell: (read: Read<T>) => void,
  ) {}

  /** What a reading came to that began after this was asked for. */
  again(): Promise<Read<T>> {
    if (this.next) return this.next;
    this.next = this.tail.then(() => {
      this.next = null;
      return this.once();
    });
    this.tail = this.next;
    return this.next;
  }

  private async once(): Promise<Read<T>> {
    clearTimeout(this.retry);
    try {
      this.read = { value: await this.ask(), error: "" };
    } catch (error) {
      this.read = { ...this.read, error: said(error) };
      const over = error instanceof Problem && error.status === 401; // whoever shows a key then has all read anew
      if (!over) this.retry = setTimeout(() => void this.again(), AGAIN_MS);
    }
    this.tell(this.read);
    return this.read;
  }
}
