/** The stream, with resume: every event once and in order over any number of breaks, and a word on how fresh it is. */

import type { components } from "../api/schema";
import { type Moment, present, since } from "./elapsed";
import { said } from "./problem";

type Schemas = components["schemas"];
export type EventMessage = Partial<Schemas["EventMessage"]> & { type: "event"; seq: number; at: string; kind: string; principal: string };
export type Message =
  | EventMessage
  | (Schemas["HelloMessage"] & { type: "hello" })
  | (Schemas["HeartbeatMessage"] & { type: "heartbeat" })
  | (Schemas["PositionsMessage"] & { type: "positions" })
  | (Schemas["BalancesMessage"] & { type: "balances" })
  | (Schemas["ExecutionsMessage"] & { type: "executions" })
  | (Schemas["StatusMessage"] & { type: "status" })
  | (Schemas["BookMessage"] & { type: "book" })
  | { type: "error"; problem: { detail?: string; title?: string } };

export type Phase = "connecting" | "live" | "broken" | "refused";

export interface Sock {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: string }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface Wanted {
  channels: readonly string[];
  books: readonly string[];
}

export interface Ears {
  message(message: Message): void;
  /** What follows does not follow what was heard: read everything anew. Until that is done nothing is whole: where it fails,
   *  or the connection breaks off meanwhile, the stream comes back and asks for it again. */
  anew(): Promise<void> | void;
  phase(phase: Phase, why: string): void;
  /** This credential, with which it asked, no longer counts. */
  lost(credential: string): void;
}

/** So long nothing at all was heard, a heartbeat neither: the connection is dead, whatever the network says of it. */
export const SILENT_MS = 12_000;

/** What a close says, and whether to come back by itself. */
const ENDS: Record<number, string> = {
  1011: "The server ended the stream after a fault.",
  1012: "The server stops or starts anew.",
  4499: "This page was too slow for the stream.",
  4503: "There are too many streams, or none for now.",
};
const FINAL: Record<number, string> = {
  4400: "The server does not understand this page: load it anew.",
  4403: "The key lacks the scope read.",
  4422: "The server does not take what this page asks for: load it anew.",
};

export class Stream {
  private socket: Sock | null = null;
  private after: number | null = null;
  private whole = false;
  private heard: Moment = present();
  /** With which the connection that is open was asked for. */
  private shown = "";
  private silence: ReturnType<typeof setTimeout> | undefined;
  private tries = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;
  private why = "";

  constructor(
    private readonly wanted: Wanted,
    private readonly ears: Ears,
    private readonly credential: () => string,
    private readonly open: (address: string) => Sock = (address) => new WebSocket(address) as unknown as Sock,
    private readonly base: string = location.origin.replace(/^http/, "ws"),
  ) {}

  start(): void {
    this.stopped = false;
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.drop();
  }

  /** At once, whatever the wait: a key was shown, the machine woke up, somebody pressed the button. */
  again(): void {
    if (this.stopped) return;
    this.tries = 0;
    clearTimeout(this.timer);
    this.drop();
    this.connect();
  }

  private drop(): void {
    this.gone();
    if (!this.socket) return;
    this.socket.onmessage = this.socket.onclose = this.socket.onopen = null;
    this.socket.close();
    this.socket = null;
  }

  /** What was heard of a whole that was never read is nothing to go on after. */
  private gone(): void {
    clearTimeout(this.silence);
    if (!this.whole) this.after = null;
  }

  private listen(): void {
    this.silence = setTimeout(() => {
      if (since(this.heard) < SILENT_MS) return this.listen();
      this.why = "The server is silent.";
      this.drop();
      this.ended(1006);
    }, Math.max(0, SILENT_MS - since(this.heard)));
  }

  private async begin(reading: Promise<void>): Promise<void> {
    const { socket } = this;
    const fault = await reading.then(
      () => "",
      (error: unknown) => `Not everything could be read: ${said(error)}.`,
    );
    if (this.socket !== socket) return;
    if (!fault) {
      this.whole = true;
      this.tries = 0;
      return;
    }
    this.why = fault;
    this.drop();
    this.ended(1006);
  }

  private connect(): void {
    this.ears.phase("connecting", this.why);
    const said = {
      channels: this.wanted.channels,
      books: this.wanted.books,
      ...(this.after === null ? {} : { after: this.after }),
    };
    const key = (this.shown = this.credential());
    const query = new URLSearchParams(Object.entries(said).map(([name, value]) => [name, String(value)]).filter(([, value]) => value));
    const socket = this.open(`${this.base}/api/v1/stream${key ? "" : `?${query}`}`);
    this.socket = socket;
    socket.onopen = () => {
      if (key) socket.send(JSON.stringify({ key, ...said }));
    };
    socket.onmessage = ({ data }) => this.hear(JSON.parse(data) as Message);
    socket.onclose = ({ code }) => this.ended(code);
    this.heard = present();
    this.listen();
  }

  private hear(message: Message): void {
    this.heard = present();
    if (message.type === "error") {
      this.why = message.problem.detail ?? message.problem.title ?? "";
      return;
    }
    if (message.type === "hello") {
      this.why = "";
      const anew = this.after === null;
      this.after = message.after;
      this.ears.phase("live", "");
      const reading = anew ? this.ears.anew() : undefined;
      this.whole = !reading;
      if (reading) void this.begin(reading);
      else this.tries = 0;
    } else if (message.type === "event") {
      if (this.after !== null && message.seq <= this.after) return;
      this.after = message.seq;
    } else if (message.type === "heartbeat") {
      this.after = Math.max(this.after ?? 0, message.as_of);
    }
    this.ears.message(message);
  }

  private ended(code: number): void {
    this.socket = null;
    this.gone();
    if (this.stopped) return;
    if (code === 4401 && this.shown !== this.credential()) {
      this.connect(); // its token was renewed meanwhile: it goes on with the one that counts
      return;
    }
    if (code === 4401) {
      this.ears.phase("refused", "The key or its session no longer counts.");
      this.ears.lost(this.shown);
      return;
    }
    const final = FINAL[code];
    if (final) {
      this.ears.phase("refused", this.why || final);
      return;
    }
    if (code === 4409 || code === 4410) this.after = null;
    this.why = this.why || ENDS[code] || "The connection broke off.";
    this.ears.phase("broken", this.why);
    const wait = Math.min(8000, 500 * 2 ** this.tries);
    this.tries += 1;
    this.timer = setTimeout(() => this.connect(), wait);
  }
}
