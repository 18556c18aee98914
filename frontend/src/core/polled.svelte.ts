/** What no stream tells: read again and again while it is shown, and what is said of it when that fails. */

import { untrack } from "svelte";
import { type Asked, get, type GetPath, type Got } from "./api";
import { said } from "./problem";
import { session } from "./session.svelte";

export interface Polled<T> {
  readonly value: T | null;
  /** Why the last reading failed; the value is then of `at`. */
  readonly error: string;
  readonly at: number;
  /** Read it now. */
  again(): void;
}

/** To be called while a component is made: it reads while that is shown. `asked` is followed: when it changes, what was
 *  read for the old one is no longer shown. null: nothing to read. */
export function polled<P extends GetPath>(path: P, seconds: number, asked: () => Asked | null = () => ({})): Polled<Got<P>> {
  let value = $state.raw<Got<P> | null>(null);
  let error = $state("");
  let at = $state(0);
  let turn = $state(0);

  $effect(() => {
    const wanted = asked();
    void turn;
    untrack(() => {
      value = null;
      error = "";
    });
    if (!wanted) return;
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async (): Promise<void> => {
      if (!document.hidden && !session.asked) {
        try {
          const found = await get(path, { ...wanted, signal: ended.signal });
          if (ended.signal.aborted) return;
          value = found;
          error = "";
          at = Date.now();
        } catch (failure) {
          if (ended.signal.aborted) return;
          error = said(failure);
        }
      }
      timer = setTimeout(() => void read(), seconds * 1000);
    };
    void read();
    return () => {
      ended.abort();
      clearTimeout(timer);
    };
  });

  return {
    get value() {
      return value;
    },
    get error() {
      return error;
    },
    get at() {
      return at;
    },
    again: () => void (turn += 1),
  };
}
