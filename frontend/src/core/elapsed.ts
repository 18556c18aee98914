/** How long ago something was, for what must not be taken for current. Of two clocks the one counts that says longer: the wall's
 *  may be set back, the page's own may stand still while the machine sleeps. */

export interface Moment {
  /** Milliseconds since 1970, as this machine has it. */
  wall: number;
  /** Milliseconds since the page was opened. */
  own: number;
}

export const present = (): Moment => ({ wall: Date.now(), own: performance.now() });

/** Milliseconds, never fewer than went by. */
export const since = (then: Moment): number => Math.max(Date.now() - then.wall, performance.now() - then.own);
