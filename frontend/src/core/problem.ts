/** Why a request was not done: problem+json as the server says it, or that no answer came. */

export interface Fault {
  field: string;
  value: string;
  rule: string;
  check?: string;
}

/** Of the answers from 500 on those that say that nothing was done. */
const NOT_DONE = new Set([
  "503 not-ready", "503 order-denied", "503 order-rejected", "503 order-not-sent", "503 amend-refused", "503 starting", "503 crowded",
  "503 issuer-unreachable", "502 exchange",
]);

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly kind: string,
    readonly detail: string,
    readonly faults: readonly Fault[] = [],
    readonly scopes: readonly string[] = [],
  ) {
    super(detail);
  }

  /** Whether it may have been done: no answer came, or one that does not say. */
  get unknown(): boolean {
    return this.kind === "no-answer" || (this.status >= 500 && !NOT_DONE.has(`${this.status} ${this.kind}`));
  }

  /** Whether the same may succeed in a moment. */
  get passing(): boolean {
    return this.status === 0 || this.status === 503;
  }

  static async of(answer: Response): Promise<Problem> {
    const told: unknown = await answer.json().catch(() => ({}));
    const said = (told ?? {}) as Record<string, unknown>;
    const kind = String(said["type"] ?? "").split(":").at(-1) ?? "";
    const detail = String(said["detail"] ?? said["title"] ?? answer.statusText);
    return new Problem(
      answer.status,
      kind,
      detail,
      (said["errors"] as Fault[] | undefined) ?? [],
      (said["scopes"] as string[] | undefined) ?? [],
    );
  }

  static unanswered(why: unknown): Problem {
    const slow = why instanceof DOMException && why.name === "TimeoutError";
    return new Problem(0, "no-answer", slow ? "the server has not answered in time" : "the server cannot be reached");
  }
}

/** In words, whatever it was. */
export function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
