/** Why a request was not done: problem+json as the server says it, or that no answer came. */

export interface Fault {
  field: string;
  value: string;
  rule: string;
  check?: string;
}

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

  /** Whether it may be asked again with the same key as it is: nothing final was said. */
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
