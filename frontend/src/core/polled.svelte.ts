/** What no stream tells: read again and again while it is shown, and what is said of it when that fails. */

import { untrack } from "svelte";
import { type Asked, get, type GetPath, type Got } from "./api";
import { type Moment, present, since } from "./elapsed";
import { live } from "./live.svelte";
import { said } from "./problem";
import type { Read } from "./reading";
import { session } from "./session.svelte";
import { SILENT_MS } from "./stream";

export interface Polled<T> extends Read<T> {
  /** Whether the value was read so long ago that it may not be taken for current. */
  readonly old: boolean;
  /** Read it now. */
  again(): void;
}

/** To be called while a component is made: it reads while that is shown. `asked` is followed: when it changes, what was
 *  read for the old one is no longer shown. null: nothing to read. */
export function polled<P extends GetPath>(path: P, seconds: number, asked: () => Asked | null = () => ({})): Polled<Got<P>> {
  let value = $state.raw<Got<P> | null>(null);
  let error = $state("");
  let at = $state.raw<Moment | null>(null);
  let turn = $state(0);

  /** What was asked for, and by whom, when what is shown was read. */
  let of = "";

  $effect(() => {
    const wanted = asked();
    void turn;
    untrack(() => {
      const now = JSON.stringify([session.principal, wanted]);
      if (now !== of) value = null;
      of = now;
      error = "";
    });
    if (!wanted) return;
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async (): Promise<void> => {
      if (!document.hidden && !session.locked) {
        try {
          const found = await get(path, { ...wanted, signal: ended.signal });
          if (ended.signal.aborted) return;
          value = found;
          error = "";
          at = present();
        } catch (failure) {
          if (ended.signal.aborted) return;
          error = said(failure);
        }
      }
      timer = setTimeout(() => void read(), seconds * 1000);
    };
    untrack(() => void read());
    const unheard = session.onOpen(() => void (turn += 1)); // what one key was shown is not for another
    return () => {
      unheard();
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
    get old() {
      void live.clock;
      return at !== null && since(at) > SILENT_MS + seconds * 1000;
    },
    again: () => void (turn += 1),
  };
}
