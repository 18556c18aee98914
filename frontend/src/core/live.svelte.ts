/** What is known of the account now, by the stream: one store for each kind of thing. They change together, at most ten
 *  times a second (batch.ts), however much comes. */

import { untrack } from "svelte";
import { get } from "./api";
import { batched } from "./batch";
import { type Moment, present, since } from "./elapsed";
import { type Account, type Alert, type Execution, isOver, type Order, type Position, type Trade } from "./kinds";
import { Problem } from "./problem";
import { type Read, Reading } from "./reading";
import { session } from "./session.svelte";
import type { Status } from "./status";
import { type EventMessage, type Message, type Phase, SILENT_MS, Stream } from "./stream";

const FILLS = 200;
const EVENTS = 500;
const LINES = 20;
const ENDED = 5_000;
const SAMPLES = 2_000;

/** A value that the page follows; `put` as often as one likes. */
class Told<T> {
  private shown: T;
  private next: T;

  constructor(first: T) {
    this.shown = $state.raw(first);
    this.next = first;
  }

  get now(): T {
    return this.shown;
  }

  get newest(): T {
    return this.next;
  }

  put(value: T): void {
    this.next = value;
    batched(this.tell);
  }

  private readonly tell = (): void => {
    this.shown = this.next;
  };
}

/** Rows by their id, in the order in which they came. */
class ToldRows<Row> {
  private shown = $state.raw<readonly Row[]>([]);
  private readonly known = new Map<string, Row>();

  get now(): readonly Row[] {
    return this.shown;
  }

  /** With what came since the page was last told. */
  rows(): Iterable<Row> {
    return this.known.values();
  }

  get(id: string): Row | undefined {
    return this.known.get(id);
  }

  put(id: string, row: Row): void {
    this.known.set(id, row);
    batched(this.tell);
  }

  drop(id: string): void {
    if (this.known.delete(id)) batched(this.tell);
  }

  clear(): void {
    this.known.clear();
    batched(this.tell);
  }

  /** Only the newest so many. */
  keep(most: number): void {
    for (const id of this.known.keys()) {
      if (this.known.size <= most) return;
      this.known.delete(id);
    }
  }

  private readonly tell = (): void => {
    this.shown = [...this.known.values()];
  };
}

/** A line of the journal. */
export interface Line {
  seq: number;
  at: string;
  kind: string;
  principal: string;
  /** The order or the execution that it is about. */
  of: string | null;
}

export interface Sample {
  at: number;
  equity: string;
}

export interface Link {
  phase: Phase;
  why: string;
  since: number;
}

const status = new Told<Status | null>(null);
const account = new Told<Account | null>(null);
const positions = new Told<readonly Position[] | null>(null);
const executions = new Told<readonly Execution[] | null>(null);
const orders = new ToldRows<Order>();
const fills = new ToldRows<Trade>();
const alerts = new Told<Read<readonly Alert[]>>({ value: null, error: "" });
const events = new ToldRows<Line>();
const curve = new Told<readonly Sample[]>([]);
const loaded = new Told(false);
const link = new Told<Link>({ phase: "connecting", why: "", since: Date.now() });
const over = new Set<string>();
const listeners = new Set<(message: Message) => void>();

let heardAt: Moment | null = null;
/** Whether what is shown is all there is: false while everything is read anew. */
let whole = $state(false);
let readings = 0;
/** The orders of which the stream told since that reading began. */
let meanwhile = new Map<string, Order>();
let clock = $state(Date.now());
let readOnly = $state(false);

function heard(): void {
  if (whole) heardAt = present();
}

function hearOrder(order: Order): void {
  if (!whole) meanwhile.set(order.order_id, order);
  if (isOver(order)) {
    over.add(order.order_id);
    if (over.size > ENDED) over.delete(over.values().next().value as string);
    orders.drop(order.order_id);
  } else if (!over.has(order.order_id)) {
    orders.put(order.order_id, order);
  }
}

function hearFill(fill: Trade): void {
  const id = `${fill.instrument_id} ${fill.trade_id} ${fill.order_id}`;
  fills.put(id, fill);
  fills.keep(FILLS);
}

function hearEvent(event: EventMessage): void {
  const of = event.order?.order_id ?? event.execution?.parent_id ?? event.step?.parent_id ?? null;
  events.put(String(event.seq), { seq: event.seq, at: event.at, kind: event.kind, principal: event.principal, of });
  events.keep(EVENTS);
  if (event.order) hearOrder(event.order);
  for (const fill of event.fills ?? []) hearFill(fill);
  if (event.alert?.kind.startsWith("alert.")) void alertReading.again();
}

function hear(message: Message): void {
  heard();
  if (message.type === "event") hearEvent(message);
  else if (message.type === "status") takeStatus(message.status as unknown as Status);
  else if (message.type === "positions") positions.put(message.positions);
  else if (message.type === "executions") executions.put(message.executions);
  else if (message.type === "balances") takeAccount(message.account);
  for (const each of listeners) each(message);
}

function takeStatus(told: Status): void {
  status.put(told);
  readOnly = told.phase === "read-only";
}

function takeAccount(told: Account): void {
  account.put(told);
  const before = curve.newest;
  const last = before.at(-1);
  const sample = { at: Date.now(), equity: told.equity };
  if (last && sample.at - last.at < 1000) return;
  curve.put(before.length < SAMPLES ? [...before, sample] : [...before.filter((_, at) => at % 2 === 0), sample]);
}

const alertReading = new Reading<readonly Alert[]>(
  async () => (await get("/api/v1/alerts", { query: { open_only: true } })).alerts,
  (read) => alerts.put(read),
);

/** All that the stream tells only as it changes, and what it would tell within seconds. What was shown before stands until
 *  all of it has come. */
async function readAnew(): Promise<void> {
  const turn = ++readings;
  whole = false;
  meanwhile = new Map();
  const warned = alertReading.again(); // without them the rest is told all the same
  const [found, traded, told, held, worth, under] = await Promise.all([
    get("/api/v1/trading/orders/active"),
    get("/api/v1/trading/trades", { query: { limit: 50 } }),
    get("/api/v1/status"),
    get("/api/v1/trading/positions"),
    get("/api/v1/trading/account"),
    get("/api/v1/trading/executions", { query: { open_only: true } }),
  ]);
  if (turn !== readings) return;
  whole = true;
  heard();
  orders.clear();
  over.clear();
  for (const order of found.orders) if (!meanwhile.has(order.order_id)) hearOrder(order);
  for (const order of meanwhile.values()) hearOrder(order);
  meanwhile = new Map();
  const newer = [...fills.rows()];
  fills.clear();
  for (const fill of [...traded.trades].reverse()) hearFill(fill);
  for (const fill of newer) hearFill(fill);
  takeStatus(told as unknown as Status);
  positions.put(held.positions);
  takeAccount(worth);
  executions.put(under.executions);
  await readEvents(told as unknown as Status);
  const { error } = await warned;
  if (error) throw new Error(error);
  loaded.put(true);
}

/** The last lines of the journal, which take the scope audit:read; without it there are those that the stream tells. */
async function readEvents(told: Status): Promise<void> {
  const asked = { query: { after_seq: Math.max(0, told.journal_seq - LINES), limit: LINES } };
  const found = await get("/api/v1/events", asked).catch((error: unknown) => {
    if (error instanceof Problem && error.kind === "scope-needed") return null;
    throw error;
  });
  const newer = [...events.rows()];
  events.clear();
  for (const { seq, at, kind, principal, order_id, parent_id } of found?.events ?? [])
    events.put(String(seq), { seq, at, kind, principal, of: order_id ?? parent_id });
  for (const each of newer) events.put(String(each.seq), each);
}

const CHANNELS = ["orders", "fills", "executions", "positions", "balances", "alerts", "status"];
const stream = new Stream(
  { channels: CHANNELS, books: [] },
  {
    message: hear,
    anew: readAnew,
    phase: setLink,
    lost: (credential) => session.lost(credential, "The server no longer knows this session: it was started anew, or the key was revoked."),
  },
  session.credential,
);

function setLink(phase: Phase, why: string): void {
  if (phase === "live") heard();
  const before = link.newest;
  link.put({ phase, why, since: before.phase === phase ? before.since : Date.now() });
}

export const live = {
  get status(): Status | null {
    return status.now;
  },
  get account(): Account | null {
    return account.now;
  },
  get positions(): readonly Position[] | null {
    return positions.now;
  },
  /** Those that are not over. */
  get executions(): readonly Execution[] | null {
    return executions.now;
  },
  /** Those that are not over, oldest first. */
  get orders(): readonly Order[] {
    return orders.now;
  },
  /** The last ones, oldest first. */
  get fills(): readonly Trade[] {
    return fills.now;
  },
  /** Those that are not over, as they were read last. */
  get alerts(): readonly Alert[] {
    return alerts.now.value ?? [];
  },
  /** The same, with whether they could be read. */
  get alertsRead(): Read<readonly Alert[]> {
    return alerts.now;
  },
  get events(): readonly Line[] {
    return events.now;
  },
  /** The equity since this page was opened. */
  get curve(): readonly Sample[] {
    return curve.now;
  },
  /** Whether what there was at the beginning has been read. */
  get loaded(): boolean {
    return loaded.now;
  },
  /** Rows of orders, fills or events; null where there is none of them because they have not been read. */
  known<Row>(rows: readonly Row[]): readonly Row[] | null {
    return rows.length || loaded.now ? rows : null;
  },
  get link(): Link {
    return link.now;
  },
  get readOnly(): boolean {
    return readOnly;
  },
  /** Now, to the second. */
  get clock(): number {
    return clock;
  },
  /** When the last word came, if that is so long ago that nothing on the page may be taken for current; or null. */
  get staleSince(): number | null {
    const { phase } = link.now;
    void clock;
    return heardAt && (phase !== "live" || !whole || since(heardAt) > SILENT_MS) ? heardAt.wall : null;
  },
  order(id: string): Order | undefined {
    return orders.get(id);
  },
  /** Whether the stream has told of this order, open or over. */
  knows(id: string): boolean {
    return orders.get(id) !== undefined || over.has(id);
  },
  /** Whether this order is known to be over: the stream told so, or it is not among all that are open. */
  ended(id: string): boolean {
    return over.has(id) || (whole && orders.get(id) === undefined);
  },
  /** Every message as it comes; returns what ends it. */
  listen(act: (message: Message) => void): () => void {
    listeners.add(act);
    return () => listeners.delete(act);
  },
  again(): void {
    stream.again();
  },
  start(): void {
    setInterval(() => (clock = Date.now()), 1000);
    session.onOpen(() => stream.again());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && live.staleSince !== null) stream.again();
    });
    addEventListener("online", () => stream.again());
    stream.start();
    // The stream of a server that asks for a key waits for one in silence; a request is refused at once, and the key is asked for.
    if (!session.credential()) void get("/api/v1/trading/kill-switch").catch(() => undefined);
  },
};

/** A book, as a stream of its own: made for one instrument, stopped with the page that shows it. */
export type Book = Extract<Message, { type: "book" }>;

export interface FollowedBook {
  /** As the stream told it last. */
  book(): Book | null;
  /** Whether it may be taken for current. */
  current(): boolean;
  stop(): void;
}

export function followBook(instrumentId: string): FollowedBook {
  const told = untrack(() => new Told<{ book: Book; at: Moment } | null>(null));
  const phase = untrack(() => new Told<Phase>("connecting"));
  const own = new Stream(
    { channels: ["status"], books: [instrumentId] },
    {
      message: (message) => {
        if (message.type === "book") told.put({ book: message, at: present() });
      },
      anew: () => undefined,
      phase: (next) => phase.put(next),
      lost: (credential) => session.lost(credential, ""),
    },
    session.credential,
  );
  own.start();
  const unheard = session.onOpen(() => own.again());
  const current = (): boolean => {
    void clock;
    return phase.now === "live" && told.now !== null && told.now.book.valid && since(told.now.at) <= SILENT_MS;
  };
  return {
    book: () => told.now?.book ?? null,
    current,
    stop: () => {
      unheard();
      own.stop();
    },
  };
}
