/** One door to the server: typed by its description, errors as Problem, never a request to anywhere else. */

import type { paths } from "../api/schema";
import { Problem } from "./problem";
import { session } from "./session.svelte";

type Ok<Operation> = Operation extends { responses: { 200: { content: { "application/json": infer Body } } } } ? Body : never;
export type GetPath = { [P in keyof paths]: paths[P] extends { get: object } ? P : never }[keyof paths];
export type Got<P extends GetPath> = paths[P] extends { get: infer Operation } ? Ok<Operation> : never;
type Value = string | number | boolean | null | undefined | readonly string[];
export type Query = Record<string, Value>;

export interface Asked {
  /** The values of the path's parameters, by name. */
  at?: Record<string, string>;
  query?: Query;
  signal?: AbortSignal;
  /** How long its answer may take. */
  seconds?: number;
}

const SECONDS = 10;
/** What reads a whole history: figures of one that does not stand in brief, costs of very many orders. */
export const HISTORY_SECONDS = 180;

export function pathOf(template: string, { at = {}, query = {} }: Asked): string {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(at[name] ?? ""));
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const each of Array.isArray(value) ? value : [value])
      if (each !== null && each !== undefined && each !== "") params.append(name, String(each));
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

export async function request(method: string, path: string, body?: unknown, key?: string, signal?: AbortSignal, seconds = SECONDS): Promise<unknown> {
  const patience = AbortSignal.timeout(seconds * 1000);
  const answer = await answered(method, path, signal ? AbortSignal.any([signal, patience]) : patience, { body, key });
  return answer.json().catch((error: unknown) => {
    throw Problem.unanswered(error);
  });
}

/** The answer as it begins to come, as long as `signal` has patience: asked for as who this page is, refusals as Problem. */
export async function answered(method: string, path: string, signal: AbortSignal, { body, key, accept = "application/json" }: { body?: unknown; key?: string | undefined; accept?: string } = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: accept };
  const credential = session.credential();
  if (credential) headers["X-API-Key"] = credential;
  if (method !== "GET" && method !== "DELETE") headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: "no-store", signal }).catch((error: unknown) => {
    throw Problem.unanswered(error);
  });
  if (answer.ok) return answer;
  const problem = await Problem.of(answer);
  if (problem.status === 401) session.lost(credential, credential ? "The session is over, or its key no longer counts." : "");
  throw problem;
}

export async function get<P extends GetPath>(template: P, asked: Asked = {}): Promise<Got<P>> {
  return (await request("GET", pathOf(template, asked), undefined, undefined, asked.signal, asked.seconds)) as Got<P>;
}

/** A request that changes nothing though it is a POST: a preview. */
export async function ask<T>(template: string, body: unknown, asked: Asked = {}): Promise<T> {
  return (await request("POST", pathOf(template, asked), body, undefined, asked.signal)) as T;
}
