/** What a person does: each act has one key, so that a double click, a retry or a reload does it once; and each is shown
 *  as pending until the journal says that it is so. */

import { request } from "./api";
import { live } from "./live.svelte";
import { Problem } from "./problem";
import { session } from "./session.svelte";

export type ActPhase = "sending" | "waiting" | "done" | "refused" | "unanswered";

export interface Wish {
  /** In a person's words: "Cancel buy 0.01 BTC-USDT". */
  title: string;
  method: "POST" | "PATCH" | "DELETE";
  path: string;
  body?: unknown;
  /** What it is done to: an order's id, "kill-switch". Of one subject one act at a time. */
  subject: string;
  /** Whether what the stream has told says that it is done. Without it, the answer does, which comes after the journal. */
  until?: (answer: unknown) => boolean;
}

export interface Act extends Wish {
  key: string;
  at: number;
  phase: ActPhase;
  problem: Problem | null;
  answer: unknown;
  /** It was sent before this page was loaded anew. */
  before: boolean;
}

const KEPT = "acts";
const RETRIES_MS = [1000, 3000];
const PATIENCE_MS = 20_000;
const SHOWN_MS = 8000;
const REMEMBERED = 20;

let acts = $state.raw<readonly Act[]>([]);

function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const open = (act: Act): boolean => act.phase === "sending" || act.phase === "waiting" || act.phase === "unanswered";

function change(key: string, changes: Partial<Act>): void {
  acts = acts.map((act) => (act.key === key ? { ...act, ...changes } : act));
  keep();
}

/** What has no outcome yet outlives a reload; nothing secret is in it. */
function keep(): void {
  const unsettled = acts.filter((act) => act.phase === "sending" || act.phase === "unanswered");
  const kept = unsettled.map(({ key, title, method, path, body, subject, at }) => ({ key, title, method, path, body, subject, at }));
  if (kept.length) sessionStorage.setItem(KEPT, JSON.stringify(kept));
  else sessionStorage.removeItem(KEPT);
}

function settle(key: string, phase: ActPhase, changes: Partial<Act> = {}): void {
  change(key, { phase, ...changes });
  if (phase === "done") setTimeout(() => acts_.dismiss(key), SHOWN_MS);
}

function confirmed(act: Act): boolean {
  return !act.until || act.until(act.answer);
}

async function send(act: Act): Promise<Act> {
  for (const wait of [...RETRIES_MS, null]) {
    try {
      const answer = await request(act.method, act.path, act.body, act.method === "POST" ? act.key : undefined);
      change(act.key, { answer });
      const answered = { ...act, answer };
      if (confirmed(answered)) settle(act.key, "done");
      else watch(answered);
      break;
    } catch (error) {
      const problem = error instanceof Problem ? error : Problem.unanswered(error);
      if (problem.passing && wait !== null) {
        await new Promise((go) => setTimeout(go, wait));
        continue;
      }
      if (problem.kind === "scope-needed") session.want(problem.scopes);
      settle(act.key, problem.passing || problem.status === 401 ? "unanswered" : "refused", { problem });
      break;
    }
  }
  return acts.find((each) => each.key === act.key) ?? act;
}

/** Answered; the stream has yet to say so. Where it does not within a while, that is said. */
function watch(act: Act): void {
  change(act.key, { phase: "waiting" });
  const began = Date.now();
  const timer = setInterval(() => {
    if (confirmed(act)) settle(act.key, "done");
    else if (Date.now() - began < PATIENCE_MS || live.staleSince !== null) return;
    else settle(act.key, "done", { title: `${act.title}: answered; the stream has not shown it yet` });
    clearInterval(timer);
  }, 100);
}

const acts_ = {
  get all(): readonly Act[] {
    return acts;
  },
  /** What is under way for this subject, if anything. */
  of(subject: string): Act | undefined {
    return acts.find((act) => act.subject === subject && open(act));
  },
  /** Do it, once: while one of the same subject is under way, that one is the answer. */
  async perform(wish: Wish): Promise<Act> {
    const under = acts_.of(wish.subject);
    if (under) return under;
    const act: Act = { ...wish, key: newKey(), at: Date.now(), phase: "sending", problem: null, answer: null, before: false };
    acts = [...acts.filter(open), ...acts.filter((each) => !open(each)).slice(-REMEMBERED), act];
    keep();
    return send(act);
  },
  /** Ask again, with the same key. */
  async again(key: string): Promise<void> {
    const act = acts.find((each) => each.key === key && each.phase === "unanswered");
    if (!act) return;
    change(key, { phase: "sending", problem: null });
    await send(act);
  },
  dismiss(key: string): void {
    acts = acts.filter((act) => act.key !== key);
    keep();
  },
  /** What was sent before the page was loaded anew and had no answer yet. */
  restore(): void {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]") as Omit<Act, "phase" | "problem" | "answer" | "before">[];
    acts = kept.map((act) => ({ ...act, phase: "unanswered", problem: null, answer: null, before: true }));
  },
};
export { acts_ as acts };
