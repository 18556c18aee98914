/** Who asks. A key is exchanged for a token of a quarter of an hour, which is kept in this module alone, or in this tab
 *  where the person chose that, and is renewed until its session ends. No key is kept. */

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

interface Token {
  token: string;
  principal: string;
  scopes: string[];
  expires_at: string;
  ends_at: string;
}

const TAB = "token";
let token: Token | null = null;
let inTab = false;
let renewing: ReturnType<typeof setTimeout> | undefined;
let wanted: string[] = [];

let asked = $state.raw<{ why: string } | null>(null);
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

function take(made: Token): void {
  token = made;
  principal = made.principal;
  scopes = made.scopes;
  wanted = made.scopes;
  if (inTab) sessionStorage.setItem(TAB, JSON.stringify(made));
  clearTimeout(renewing);
  const left = Date.parse(made.expires_at) - Date.now();
  const ends = Date.parse(made.ends_at) - Date.now();
  if (ends > left) renewing = setTimeout(renew, Math.max(1000, (left * 2) / 3));
}

async function renew(): Promise<void> {
  if (!token) return;
  const old = token;
  try {
    const made = await exchange(old.token, {});
    if (token === old) take(made);
  } catch (error) {
    if (error instanceof Problem && error.passing) renewing = setTimeout(renew, 5000);
    else session.lost("The session could not be renewed.");
  }
}

function forget(): void {
  token = null;
  clearTimeout(renewing);
  sessionStorage.removeItem(TAB);
}

export const session = {
  /** Why a key is asked for, or null. */
  get asked(): { why: string } | null {
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
  /** What this tab was told to keep, from before it was loaded anew. */
  restore(): void {
    const kept = sessionStorage.getItem(TAB);
    if (!kept) return;
    const found = JSON.parse(kept) as Token;
    inTab = true;
    if (Date.parse(found.expires_at) > Date.now()) take(found);
    else forget();
  },
  async show(key: string, reach: Reach, keep: boolean): Promise<void> {
    const made = await exchange(key, { scopes: [...new Set([...REACHES[reach].scopes, ...wanted])] });
    inTab = keep;
    if (!keep) sessionStorage.removeItem(TAB);
    take(made);
    asked = null;
    for (const each of opened) each();
  },
  /** The server no longer knows who this is. */
  lost(why: string): void {
    forget();
    asked ??= { why };
  },
  /** An act asks for a scope that this session has not. */
  want(needed: readonly string[]): void {
    wanted = [...new Set([...wanted, ...needed.slice(0, 1)])];
    asked ??= { why: `This asks for a key with the scope ${needed.join(" or ")}.` };
  },
  dismiss(): void {
    asked = null;
  },
  /** Whenever a key was taken; returns what ends it. */
  onOpen(act: () => void): () => void {
    opened.add(act);
    return () => void opened.delete(act);
  },
};
