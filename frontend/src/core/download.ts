/** A file of the server's, whole or not at all, asked for as who this page is: no credential stands in an address. The browser
 *  keeps it until it is saved. */

import { answered } from "./api";
import { Problem } from "./problem";

/** How long nothing may come of it. */
const QUIET_MS = 120_000;

/** kind: its media type; told: how many bytes have come. Throws Problem, also where it broke off, and AbortError where `stop` says so. */
export async function download(path: string, kind: string, name: string, told: (bytes: number) => void, stop: AbortSignal): Promise<void> {
  const silence = new AbortController();
  const patience = (): ReturnType<typeof setTimeout> => setTimeout(() => silence.abort(new DOMException("", "TimeoutError")), QUIET_MS);
  let waiting = patience();
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  try {
    const answer = await answered("GET", path, AbortSignal.any([stop, silence.signal]), { accept: kind });
    const reader = answer.body?.getReader();
    for (;;) {
      const piece = await reader?.read().catch(() => {
        throw new Problem(0, "no-answer", "it broke off before its end, and nothing of it was saved");
      });
      if (!piece || piece.done) break;
      clearTimeout(waiting);
      waiting = patience();
      pieces.push(piece.value);
      told((bytes += piece.value.length));
    }
    save(new Blob(pieces, { type: answer.headers.get("content-type") ?? "" }), name);
  } catch (failure) {
    stop.throwIfAborted();
    throw failure;
  } finally {
    clearTimeout(waiting);
  }
}

function save(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // a browser that asks where to put it reads it later
}

/** 812 B, 14 kB, 3.2 MB. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
