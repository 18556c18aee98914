/** A list that the server gives in pages, newest first: the newest page is read again and again; with older ones it stands as
 *  it was read, so that what is looked at does not move away. */

import { untrack } from "svelte";
import { type Asked, get, type GetPath, type Got } from "./api";
import { said } from "./problem";
import { session } from "./session.svelte";

export interface Paged<Row> {
  /** null until the first page was read. */
  readonly rows: readonly Row[] | null;
  /** Whether there may be older ones. */
  readonly more: boolean;
  readonly busy: boolean;
  /** Since when it stands, for older pages are shown too; 0 while it is read anew. */
  readonly since: number;
  /** Why the last reading failed. */
  readonly error: string;
  /** Read the next older page. */
  further(): Promise<void>;
  /** The newest page alone again, now. */
  again(): void;
}

/** An empty page is not the end where there is a cursor: so many are gone through for one press. */
const EMPTY_MAX = 10;

/** To be called while a component is made, as `polled`. `asked` null: nothing to read. */
export function paged<P extends GetPath, Row>(
  path: P,
  seconds: number,
  asked: () => Asked | null,
  part: (page: Got<P>) => { rows: readonly Row[]; cursor: string | null },
): Paged<Row> {
  let rows = $state.raw<readonly Row[] | null>(null);
  let cursor = $state<string | null>(null);
  let since = $state(0);
  let busy = $state(false);
  let error = $state("");
  let turn = $state(0);
  let ended = new AbortController();
  let wanted: Asked | null = null;

  const page = async (from: string | null, signal: AbortSignal) =>
    part(await get(path, { ...wanted, query: { ...wanted?.query, cursor: from }, signal }));

  $effect(() => {
    wanted = asked();
    void turn;
    untrack(() => {
      rows = null;
      cursor = null;
      since = 0;
      busy = false;
      error = "";
    });
    if (!wanted) return;
    const own = (ended = new AbortController());
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async (): Promise<void> => {
      if (!document.hidden && !session.locked && !since && !busy) {
        try {
          const found = await page(null, own.signal);
          if (own.signal.aborted) return;
          if (!since && !busy) ({ rows, cursor } = found);
          error = "";
        } catch (failure) {
          if (own.signal.aborted) return;
          error = said(failure);
        }
      }
      timer = setTimeout(() => void read(), seconds * 1000);
    };
    untrack(() => void read());
    const unheard = session.onOpen(() => void (turn += 1)); // what one key was shown is not for another
    return () => {
      unheard();
      own.abort();
      clearTimeout(timer);
    };
  });

  async function further(): Promise<void> {
    if (cursor === null || busy) return;
    const own = ended;
    busy = true;
    try {
      for (let empty = 0; cursor !== null && empty < EMPTY_MAX; empty += 1) {
        const found = await page(cursor, own.signal);
        if (own.signal.aborted) return;
        since ||= Date.now();
        rows = [...(rows ?? []), ...found.rows];
        cursor = found.cursor;
        if (found.rows.length) break;
      }
      error = "";
    } catch (failure) {
      if (own.signal.aborted) return;
      error = said(failure);
    }
    busy = false;
  }

  return {
    get rows() {
      return rows;
    },
    get more() {
      return cursor !== null;
    },
    get busy() {
      return busy;
    },
    get since() {
      return since;
    },
    get error() {
      return error;
    },
    further,
    again: () => void (turn += 1),
  };
}
