/** Who asks. A key is exchanged for a token of a quarter of an hour, which is kept in this module alone, or in this tab
 *  where the person chose that, and is renewed until its session ends. No key is kept. A token does what was chosen when its
 *  key was shown, and nothing of what an earlier one did. How long it counts is by the server's clock alone. */

import type { components } from "../api/schema";
import { Problem } from "./problem";

export const REACHES = {
  look: { title: "Look", scopes: ["read", "audit:read"] },
  stop: { title: "Look, cancel and stop", scopes: ["read", "audit:read", "halt", "orders:cancel"] },
  trade: {
    title: "Trade",
    scopes: ["read", "audit:read", "halt", "orders:cancel", "orders:place", "executions", "exit", "resume"],
  },
  all: {
    title: "All that the key may",
    scopes: ["read", "audit:read", "halt", "orders:cancel", "orders:place", "executions", "exit", "resume", "risk:write", "propose"],
  },
} as const;
export type Reach = keyof typeof REACHES;

type Token = components["schemas"]["Token"];

/** Why a key is asked for, and what the page needs to be allowed for it. */
export interface Question {
  why: string;
  needs: readonly string[];
}

/** The least that allows one of these; what looks alone, where none of them is given to a page. */
export function reachFor(needs: readonly string[]): Reach {
  const found = Object.entries(REACHES).find(([, each]) => (each.scopes as readonly string[]).some((scope) => needs.includes(scope)));
  return (found?.[0] ?? "look") as Reach;
}

const TAB = "token";
const RETRY_MS = 5000;
let token: Token | null = null;
let inTab = false;
let renewing: ReturnType<typeof setTimeout> | undefined;

let asked = $state.raw<Question | null>(null);
/** The server wants a key, and there is none that counts. */
let locked = $state(false);
let principal = $state("");
let scopes = $state.raw<readonly string[] | null>(null);
const opened = new Set<() => void>();

async function exchange(credential: string, body: object): Promise<Token> {
  const answer = await fetch("/api/v1/tokens", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-API-Key": credential },
    body: JSON.stringify(body),
    cache: "no-store",
    signal: AbortSignal.timeout(10000),
  }).catch((error: unknown) => {
    throw Problem.unanswered(error);
  });
  if (!answer.ok) throw await Problem.of(answer);
  return (await answer.json()) as Token;
}

function take(made: Token, renewIn: number | null): void {
  token = made;
  locked = false;
  principal = made.principal;
  scopes = made.scopes;
  if (inTab) sessionStorage.setItem(TAB, JSON.stringify(made));
  clearTimeout(renewing);
  if (renewIn !== null) renewing = setTimeout(renew, renewIn);
}

/** Milliseconds until a new one is to be renewed, counted from its answer; null: its session ends with it. */
function renewal(made: Token): number | null {
  const [from, until, end] = [made.made_at, made.expires_at, made.ends_at].map((each) => Date.parse(each)) as [number, number, number];
  return end > until ? Math.max(1000, ((until - from) * 2) / 3) : null;
}

async function renew(): Promise<void> {
  if (!token) return;
  const old = token;
  try {
    const made = await exchange(old.token, {});
    if (token === old) take(made, renewal(made));
  } catch (error) {
    if (token !== old) return;
    if (error instanceof Problem && error.passing) renewing = setTimeout(renew, RETRY_MS);
    else session.lost(old.token, "The session could not be renewed.");
  }
}

function forget(): void {
  token = null;
  clearTimeout(renewing);
  sessionStorage.removeItem(TAB);
}

export const session = {
  /** Why a key is asked for, or null. */
  get asked(): Question | null {
    return asked;
  },
  get principal(): string {
    return principal;
  },
  /** null: no key was needed, and the server says of each act whether it may be. */
  may(...any: string[]): boolean {
    return scopes === null || any.some((scope) => scopes?.includes(scope));
  },
  credential(): string {
    return token?.token ?? "";
  },
  /** Nothing can be read until a key is given. */
  get locked(): boolean {
    return locked;
  },
  /** What this tab was told to keep, from before it was loaded anew. Whether it still counts the server says: it is renewed
   *  at once. */
  restore(): void {
    const kept = sessionStorage.getItem(TAB);
    if (!kept) return;
    inTab = true;
    take(JSON.parse(kept) as Token, 0);
  },
  async show(key: string, reach: Reach, keep: boolean): Promise<void> {
    const made = await exchange(key, { scopes: REACHES[reach].scopes });
    inTab = keep;
    if (!keep) sessionStorage.removeItem(TAB);
    take(made, renewal(made));
    asked = null;
    for (const each of opened) each();
  },
  /** The server does not take this credential. The answer to an older one than is in use says nothing of that; a question
   *  that was put off is not put again by itself. */
  lost(credential: string, why: string): void {
    if (credential !== session.credential()) return;
    forget();
    if (!locked) asked ??= { why, needs: [] };
    locked = true;
  },
  /** A person wants to show another key. */
  ask(): void {
    asked ??= { why: "", needs: [] };
  },
  /** An act asks for a scope that this session has not. */
  want(needed: readonly string[]): void {
    asked ??= { why: `This asks for a key with the scope ${needed.join(" or ")}.`, needs: needed };
  },
  /** Later. */
  dismiss(): void {
    asked = null;
  },
  /** Whenever a key was taken; returns what ends it. */
  onOpen(act: () => void): () => void {
    opened.add(act);
    return () => void opened.delete(act);
  },
};
