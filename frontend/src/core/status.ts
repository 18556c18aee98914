/** What GET /api/v1/status says, which its description leaves open. */

export interface Status {
  ready: boolean;
  reasons: string[];
  phase: string;
  account: string;
  kill_switch: { engaged: boolean; reason: string; principal: string; at: string | null };
  lease?: { epoch: number; owner: string; left_seconds: number } | null;
  open_orders: number;
  unknown_orders: number;
  journal_seq: number;
  uptime_seconds?: number;
  exchange?: string;
  environment?: string;
  streams?: Record<string, { up: boolean; age_seconds: number | null }>;
  open_parents?: number;
  differences?: { standing: unknown[]; compared_seconds_ago?: number | null };
  closed?: { subject: string; source: string; reason: string }[];
  clock_offset_seconds?: number | null;
  loop_lag_seconds?: number;
  store_failed?: boolean;
  followed?: string[];
  refused_markets?: Record<string, string>;
  set_aside?: unknown[];
  notices?: { rule: string; channel: string; waiting: number; failures: number; last_error: string | null }[];
}
