/** The words of the filters, all of them: of one that is missing the compiler tells. */

import type { components, paths } from "../../api/schema";

type Kind = NonNullable<NonNullable<paths["/api/v1/events/search"]["get"]["parameters"]["query"]>["kind"]>;

const EVENTS: Record<Kind, true> = {
  "account.recorded": true, "session.started": true, "signal.received": true, "request.refused": true, "request.kept": true,
  "order.intent": true, "order.denied": true, "order.accepted": true, "order.rejected": true, "order.not_sent": true,
  "order.unknown": true, "order.report": true, "order.adopted": true, "order.never_accepted": true, "order.filled_before": true,
  "order.cancel_requested": true, "order.cancel_answered": true, "order.amend_intent": true, "order.amend_answered": true,
  "account.opened": true, "cash.moved": true, "holdings.begun": true, "holdings.read": true, "position.opening": true,
  "position.mode": true, "position.shared": true, "leverage.set": true, "equity.day_opened": true, "kill_switch.on": true,
  "kill_switch.off": true, "parent.changed": true, "parent.controlled": true, "parent.step": true, "account.watermark": true,
  "account.difference": true, "account.difference_ended": true, "message.quarantined": true, "anomaly": true, "operator.evidence": true,
  "key.created": true, "key.rotated": true, "key.revoked": true, "key.disabled": true, "key.enabled": true, "key.limited": true,
  "approval.asked": true, "approval.confirmed": true, "approval.refused": true, "approval.expired": true, "approval.reopened": true, "notices.failed": true,
  "notices.resumed": true, "traces.failed": true, "traces.resumed": true, "strategy.started": true, "strategy.stopped": true,
  "strategy.failed": true, "alert.fired": true, "alert.acted": true, "alert.acknowledged": true, "alert.resolved": true,
};
const ORDERS: Record<components["schemas"]["OrderStatus"], true> = {
  pending: true, sent: true, unknown: true, live: true, partially_filled: true, filled: true, canceled: true, denied: true, rejected: true,
  never_accepted: true, not_sent: true,
};

export const KINDS = Object.keys(EVENTS);
export const STATUSES = Object.keys(ORDERS);
