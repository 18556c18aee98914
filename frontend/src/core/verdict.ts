/** Whether all is well; if not, why, and what to do about it. Pure: from what is known to what is said. */

import type { Alert, RiskInForce } from "./kinds";
import { title } from "./limits";
import type { Read } from "./reading";
import type { Status } from "./status";

export interface Finding {
  grade: "bad" | "warn";
  what: string;
  todo: string;
  /** Where to do it. */
  link?: string;
}

const FULL = 0.8;

export interface Known {
  status: Status;
  alerts: Read<readonly Alert[]>;
  risk: Read<RiskInForce>;
}

/** Whether nothing is known to be wrong because not all is known yet. */
export const unfinished = ({ alerts, risk }: Known): boolean => alerts.value === null || risk.value === null;

export function findings({ status, alerts, risk }: Known): Finding[] {
  if (status.phase === "read-only") return [];
  const found: Finding[] = [];
  const bad = (what: string, todo: string, link?: string): void => void found.push({ grade: "bad", what, todo, link });
  const warn = (what: string, todo: string, link?: string): void => void found.push({ grade: "warn", what, todo, link });

  if (status.kill_switch.engaged)
    bad(
      `The kill switch is on, by ${status.kill_switch.principal || "somebody"}: ${status.kill_switch.reason || "no reason given"}`,
      "No new order is taken. Find out why, then resume trading with a reason.",
    );
  if (status.store_failed) bad("The database takes no writes", "Nothing is sent meanwhile. Look at the disk and the log.");
  for (const reason of status.reasons)
    if (!(status.kill_switch.engaged && reason.startsWith("the kill switch")))
      bad(`No new order is taken: ${reason}`, "It goes on by itself as soon as this is over; cancels and flatten work meanwhile.");
  for (const [name, stream] of Object.entries(status.streams ?? {}))
    if (!stream.up) bad(`The exchange's ${name} stream is down`, "It connects again by itself. Does it not, look at the network and the exchange's status.", "#/system");
  if (status.unknown_orders)
    bad(
      `${status.unknown_orders} ${status.unknown_orders === 1 ? "order has" : "orders have"} an unknown outcome`,
      "The exchange is being asked; their whole size counts as exposure. If it does not clear, resolve them with evidence.",
      "#/system",
    );
  if (alerts.error) warn(`The alerts could not be read: ${alerts.error}`, "Whether one is raised is not known; they are read again by themselves.");
  for (const alert of alerts.value ?? [])
    found.push({
      grade: alert.severity === "critical" ? "bad" : "warn",
      what: [alert.what, alert.subject && !alert.what.includes(alert.subject) ? `(${alert.subject})` : ""].filter(Boolean).join(" "),
      todo: alert.acknowledged_by ? `Taken up by ${alert.acknowledged_by}. ${alert.advice}` : alert.advice,
      link: "#/system",
    });
  const differences = status.differences?.standing.length ?? 0;
  if (differences)
    warn(`${differences} ${differences === 1 ? "difference" : "differences"} from the exchange's account`, "Look where it comes from; an operator may accept it.", "#/system");
  for (const closed of status.closed ?? []) warn(`${closed.subject} is closed to new orders: ${closed.reason}`, `It was closed by ${closed.source}.`);
  for (const [market, why] of Object.entries(status.refused_markets ?? {})) warn(`No market data of ${market}: ${why}`, "Orders that need its price are refused.");
  if (status.set_aside?.length) warn(`${status.set_aside.length} messages of the exchange could not be read`, "They are kept; what they told is learned from the exchange's records.", "#/system");
  for (const notice of status.notices ?? [])
    if (notice.failures) warn(`Notices ${notice.rule} do not reach ${notice.channel}: ${notice.last_error ?? ""}`, "They are kept and tried again. Look at the channel.", "#/system");
  if (risk.error) warn(`The limits could not be read: ${risk.error}`, "How much of them is used is not known; they are read again by themselves.");
  for (const limit of risk.value?.limits ?? []) {
    const share = limit.limit !== null && limit.used !== null && Number(limit.limit) > 0 ? Number(limit.used) / Number(limit.limit) : 0;
    if (share >= FULL) warn(`The limit ${title(limit)} is ${Math.floor(share * 100)} % used`, share >= 1 ? "Orders that add to it are refused." : "Orders beyond it will be refused.");
  }
  return found.sort((a, b) => Number(b.grade === "bad") - Number(a.grade === "bad"));
}
