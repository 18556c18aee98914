/** Changes are told to the page together, at most ten times a second and before a frame: thousands of messages a second
 *  cost one drawing, and a key pressed meanwhile is not kept waiting. */

const BETWEEN_MS = 100;
const waiting = new Set<() => void>();
let planned = false;
let last = 0;

export function batched(tell: () => void): void {
  waiting.add(tell);
  if (planned) return;
  planned = true;
  const left = Math.max(0, last + BETWEEN_MS - performance.now());
  setTimeout(() => requestAnimationFrame(flush), left);
}

export function flush(): void {
  planned = false;
  last = performance.now();
  const now = [...waiting];
  waiting.clear();
  for (const tell of now) tell();
}
