/** What a person does: each act has one key, so that a double click, a retry or a reload does it once; and each is shown
 *  as pending until the journal says that it is so. */

import { request } from "./api";
import { present, since } from "./elapsed";
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
  /** What a person said, where the body was made of it and of the moment: by that the same is known again. */
  said?: unknown;
  /** What it is done to: an order's id, "kill-switch". Of one subject one act at a time, but for what stops it. */
  subject: string;
  /** Whether what the stream has told says that it is done. Without it, the answer does, which comes after the journal. */
  until?: (answer: unknown) => boolean;
  /** It stops or cancels: it is sent whatever else of its subject is under way. */
  stops?: boolean;
}

export interface Act extends Wish {
  key: string;
  at: number;
  phase: ActPhase;
  problem: Problem | null;
  answer: unknown;
  /** It was sent before this page was loaded anew. */
  before: boolean;
  /** What was asked for of the same subject after it, or "". To ask for it again would undo that. */
  overtaken: string;
}

const KEPT = "acts";
const RETRIES_MS = [1000, 3000];
const PATIENCE_MS = 20_000;
const SHOWN_MS = 8000;
const REMEMBERED = 20;
/** The same within so long is one wish: somebody clicked twice. */
const TWICE_MS = 1000;

let acts = $state.raw<readonly Act[]>([]);

function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const isOpen = (act: Act): boolean => act.phase === "sending" || act.phase === "waiting";
const told = (wish: Wish): string => JSON.stringify(wish.said ?? wish.body);
const alike = (one: Wish, other: Wish): boolean =>
  one.subject === other.subject && one.method === other.method && one.path === other.path && told(one) === told(other);

/** Whether its route takes an Idempotency-Key. */
export const keyed = ({ method, path }: Pick<Wish, "method" | "path">): boolean =>
  path.startsWith(method === "POST" ? "/api/v1/trading/" : "/api/v1/trading/executions/");

/** Whether to ask for it again does it once and undoes nothing that came after it. */
export const repeatable = (wish: Pick<Wish, "method" | "path">): boolean =>
  keyed(wish) || (wish.method !== "PATCH" && !wish.path.startsWith("/api/v1/strategies/"));

/** Of each subject what was sent last, and when it was last sent or answered; also when it was put away. */
const last = new Map<string, { act: Act; at: number }>();

const known = (key: string): Act | undefined => acts.find((act) => act.key === key);

function change(key: string, changes: Partial<Act>): void {
  acts = acts.map((act) => (act.key === key ? { ...act, ...changes } : act));
  const now = known(key);
  const latest = now && last.get(now.subject);
  if (now && latest?.act.key === key) latest.act = now;
  keep();
}

/** What has no outcome yet outlives a reload; nothing secret is in it. */
function keep(): void {
  const unsettled = acts.filter((act) => act.phase === "sending" || act.phase === "unanswered");
  const kept = unsettled.map(({ key, title, method, path, body, said, subject, at, overtaken }) => ({ key, title, method, path, body, said, subject, at, overtaken }));
  if (kept.length) sessionStorage.setItem(KEPT, JSON.stringify(kept));
  else sessionStorage.removeItem(KEPT);
}

function settle(key: string, phase: ActPhase, changes: Partial<Act> = {}): void {
  change(key, { phase, ...changes });
  if (phase === "done") setTimeout(() => acts_.dismiss(key), SHOWN_MS);
}

/** Nothing is proved by what is shown while the stream is away or all is read anew. */
function confirmed(act: Act): boolean {
  return !act.until || (live.staleSince === null && act.until(act.answer));
}

function answered(key: string, answer: unknown): void {
  change(key, { answer });
  const act = known(key);
  if (!act) return;
  const latest = last.get(act.subject);
  if (latest?.act.key === key && !act.stops) latest.at = performance.now();
  if (act.overtaken || confirmed(act)) settle(key, "done");
  else watch(act);
}

async function send(act: Act): Promise<Act> {
  for (const wait of repeatable(act) ? [...RETRIES_MS, null] : [null]) {
    try {
      answered(act.key, await request(act.method, act.path, act.body, keyed(act) ? act.key : undefined));
      break;
    } catch (error) {
      const problem = error instanceof Problem ? error : Problem.unanswered(error);
      if (problem.unknown && wait !== null && !known(act.key)?.overtaken) {
        await new Promise((go) => setTimeout(go, wait));
        if (!known(act.key)?.overtaken) continue;
      }
      if (problem.kind === "scope-needed") session.want(problem.scopes);
      settle(act.key, problem.unknown || problem.status === 401 ? "unanswered" : "refused", { problem });
      break;
    }
  }
  return known(act.key) ?? act;
}

/** Answered; the stream has yet to say so. Where it does not within a while, that is said. */
function watch(act: Act): void {
  change(act.key, { phase: "waiting" });
  const began = present();
  const timer = setInterval(() => {
    if (known(act.key)?.phase === "waiting") {
      if (confirmed(act)) settle(act.key, "done");
      else if (since(began) < PATIENCE_MS || live.staleSince !== null) return;
      else settle(act.key, "done", { title: `${act.title}: answered; the stream has not shown it yet` });
    }
    clearInterval(timer);
  }, 100);
}

const made = (wish: Wish): Act => ({ ...wish, key: newKey(), at: Date.now(), phase: "sending", problem: null, answer: null, before: false, overtaken: "" });

function add(act: Act): void {
  const settled = acts.filter((each) => !isOpen(each) && each.phase !== "unanswered");
  acts = [...acts.filter((each) => !settled.includes(each)), ...settled.slice(-REMEMBERED), act];
  keep();
}

/** What came before it of its subject is not asked for again. */
function overtake(wish: Wish): void {
  acts = acts.filter((each) => each.subject !== wish.subject || each.phase !== "unanswered");
  for (const each of acts_.of(wish.subject)) {
    change(each.key, { overtaken: wish.title });
    if (each.phase === "waiting") settle(each.key, "done", { title: `${each.title}: answered` });
  }
}

const acts_ = {
  get all(): readonly Act[] {
    return acts;
  },
  /** What is under way for this subject. */
  of(subject: string): readonly Act[] {
    return acts.filter((act) => act.subject === subject && isOpen(act));
  },
  /** What this wish has to wait for: the same, or anything of its subject where it does not stop that. */
  under(wish: Wish): Act | undefined {
    const open = acts_.of(wish.subject);
    return open.find((act) => alike(act, wish)) ?? (wish.stops ? undefined : open[0]);
  },
  /** What of this subject had no answer. */
  unanswered(subject: string): Act | undefined {
    return acts.find((act) => act.subject === subject && act.phase === "unanswered" && !act.overtaken);
  },
  /** Do it, once. The same while it is under way, or within a second, is that one; without an answer it is asked for again.
   *  Something else of the same subject is refused while one is under way, but for what stops. */
  async perform(wish: Wish): Promise<Act> {
    const under = acts_.under(wish);
    if (under && alike(under, wish)) return under;
    if (under) {
      const problem = new Problem(409, "under-way", `It was not sent: “${under.title}” is under way. Ask for it when that is done.`);
      const act: Act = { ...made(wish), phase: "refused", problem };
      add(act);
      return act;
    }
    const lost = acts_.unanswered(wish.subject);
    if (lost && alike(lost, wish) && repeatable(lost)) return (await acts_.again(lost.key)) ?? lost;
    const before = last.get(wish.subject);
    if (before && alike(before.act, wish) && performance.now() - before.at < TWICE_MS) return before.act;
    overtake(wish);
    const act = made(wish);
    last.set(wish.subject, { act, at: performance.now() });
    add(act);
    return send(act);
  },
  /** Ask again, with the same key. */
  async again(key: string): Promise<Act | undefined> {
    const act = known(key);
    if (act?.phase !== "unanswered" || act.overtaken || !repeatable(act)) return undefined;
    change(key, { phase: "sending", problem: null });
    return send(act);
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
