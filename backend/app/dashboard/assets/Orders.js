import { append, child, clsx, comment, delegate, delegated, each, first_child, from_html, get, if_block, init_select, key, noop, only_child, pop, push, reset, select_option, set_attribute, set_class, set_text, sibling, template_effect, user_derived } from "./svelte.js";
import { ORDER_STATUSES, found } from "./found.svelte.js";
import { ANSWERS, Download, EventTable, Figure, FillTable, Further, Panel, SENT, Table, add, address, asked, delay, hasEnded, inside, link, listed, micros, moment, paged, parsed, pathOf, polled, shown, sideTone, text, told, when, words } from "./common.js";
import { Filters } from "./Filters.js";
// src/core/timeline.ts
/** A place step is the reason of its order, though the order's intent is the first event of their turn. */
function inTurn(events) {
	const found = [...events].sort((a, b) => a.seq - b.seq);
	for (let at = 1; at < found.length; at += 1) {
		const [intent, step] = [found[at - 1], found[at]];
		if (step.kind === "parent.step" && step.payload["kind"] === "place" && step.cause_seq === intent.seq) [found[at - 1], found[at]] = [step, intent];
	}
	return found;
}
/** The steps of these events, in the order in which they happened. A proposal began before the order that it became. */
function steps(events) {
	const found = [];
	let before = null;
	for (const event of inTurn(events)) {
		const of = {
			seq: event.seq,
			by: event.principal,
			cause: event.cause_seq
		};
		const made = told(event, before).map((each) => ({
			...each,
			...of
		}));
		if (event.kind === "approval.confirmed") found.unshift(...made.splice(0, 1));
		for (const step of made) {
			let place = found.length;
			while (step.name === "Sent" && place > 0 && found[place - 1]?.name !== "Intent recorded" && (found[place - 1]?.at ?? 0) > step.at) place -= 1;
			found.splice(place, 0, step);
		}
		if (event.kind === "parent.changed") before = event.payload;
	}
	return found.map((each, number) => ({
		...each,
		after: number === 0 ? null : each.at - (found[number - 1]?.at ?? each.at)
	}));
}
var QUIET = /* @__PURE__ */ new Set(["request.kept", "parent.step"]);
function group(order_id, events) {
	const made = steps(events);
	const intent = events.find((event) => "request" in event.payload);
	const place = events.find((event) => event.kind === "parent.step" && event.payload["kind"] === "place");
	const fills = events.filter((event) => event.kind === "order.report" && event.trade_id !== null).map((event) => text(inside(event.payload["fill"])["size"]));
	const told = made.filter((step) => !QUIET.has(events.find((event) => event.seq === step.seq)?.kind ?? ""));
	const last = told.find((step) => step.end) ?? told.at(-1);
	const filled = fills.length ? `${shown(fills.reduce(add, "0"))} filled` : "";
	const took = told.length > 1 ? `in ${delay((last?.at ?? 0) - (told[0]?.at ?? 0))}` : "";
	return {
		order_id,
		title: intent ? asked(intent.payload) : "an order whose beginning is further back",
		why: text(parsed(place?.payload["content"])["reason"]),
		end: listed(last?.name ?? "", last?.name.startsWith("Fill") ? "" : filled, took),
		tone: last?.tone ?? "",
		steps: made
	};
}
/** An execution's own steps, and each of its orders where it begins; of what comes between two of its own steps the delay is to
*  the own one before. */
function entries(events) {
	const ordered = [...events].sort((a, b) => a.seq - b.seq);
	const own = ordered.filter((event) => event.order_id === null);
	const orders = /* @__PURE__ */ new Map();
	for (const event of ordered) {
		if (event.order_id === null) continue;
		const of = orders.get(event.order_id);
		if (of) of.push(event);
		else orders.set(event.order_id, [event]);
	}
	const found = steps(own).map((step) => ({
		step,
		seq: step.seq
	}));
	for (const [order_id, of] of orders) found.push({
		group: group(order_id, of),
		seq: of[0].seq
	});
	return found.sort((a, b) => a.seq - b.seq);
}
/** From the first step to the wire, to the exchange's answer, to the first fill, to its end or the last step; null where it did not come so far. */
function delays(made) {
	const first = made[0]?.at;
	const sent = made.find((step) => step.name === SENT)?.at;
	const answer = made.find((step) => Object.values(ANSWERS).some(([name]) => name === step.name))?.at;
	const fill = made.find((step) => step.name.startsWith("Fill of"))?.at;
	const between = (from, to) => from === void 0 || to === void 0 ? null : to - from;
	return {
		sent: between(first, sent),
		answered: between(sent, answer),
		filled: between(sent, fill),
		all: made.length > 1 ? between(first, (made.find((step) => step.end) ?? made.at(-1))?.at) : null
	};
}
/** A proposal that has become no order, of which the journal has no event by its own id. seq 0: of no event. */
function proposalSteps(of) {
	const { side, size, instrument_id } = of.request;
	const wanted = listed(words(of.act.replace(".", ": ")), [
		text(side),
		text(size),
		text(instrument_id)
	].filter(Boolean).join(" "));
	const until = of.state === "pending" ? `until ${of.expires_at.slice(0, 19).replace("T", " ")} UTC` : "";
	const of0 = {
		seq: 0,
		cause: null
	};
	const asked = micros(of.asked_at);
	const found = [{
		...of0,
		at: asked,
		name: "Proposed: it waits for a second person",
		detail: listed(wanted, until, of.state === "pending" ? of.reason : ""),
		by: of.asked_by,
		tone: "warn",
		after: null
	}];
	const over = of.decided_at ?? (of.state === "expired" ? of.expires_at : null);
	if (over !== null) found.push({
		...of0,
		at: micros(over),
		name: `Proposal ${of.state}`,
		detail: of.reason,
		by: of.decided_by ?? "system",
		tone: "bad",
		after: micros(over) - asked
	});
	return found;
}
// src/parts/Timeline.svelte
var root$4 = from_html(`<span class="detail svelte-l5gxhn"> </span>`);
var root_1$4 = from_html(`<li><span class="at svelte-l5gxhn"> </span> <span class="after svelte-l5gxhn"> </span> <span class="what svelte-l5gxhn"><b class="svelte-l5gxhn"> </b><!> <span class="quiet by svelte-l5gxhn"> </span></span></li>`);
var root_2$4 = from_html(`<li><span class="at svelte-l5gxhn"> </span> <span class="after svelte-l5gxhn"></span> <details class="svelte-l5gxhn"><summary class="svelte-l5gxhn"><b class="svelte-l5gxhn"> </b> <span class="detail svelte-l5gxhn"> </span></summary> <a> </a> <ol class="svelte-l5gxhn"></ol></details></li>`);
var root_3$4 = from_html(`<ol class="svelte-l5gxhn"></ol>`);
function Timeline($$anchor, $$props) {
	push($$props, true);
	const line = ($$anchor, step = noop) => {
		var li = root_1$4();
		var span = child(li);
		var text = only_child(span, true);
		var span_1 = sibling(span, 2);
		var text_1 = only_child(span_1, true);
		var span_2 = sibling(span_1, 2);
		var b = child(span_2);
		var text_2 = only_child(b, true);
		var node = sibling(b);
		var consequent = ($$anchor) => {
			var span_3 = root$4();
			var text_3 = only_child(span_3, true);
			template_effect(() => set_text(text_3, step().detail));
			append($$anchor, span_3);
		};
		if_block(node, ($$render) => {
			if (step().detail) $$render(consequent);
		});
		var span_4 = sibling(node, 2);
		var text_4 = only_child(span_4);
		reset(span_2);
		reset(li);
		template_effect(($0, $1, $2, $3) => {
			set_class(li, 1, clsx(step().tone), "svelte-l5gxhn");
			set_attribute(span, "title", $0);
			set_text(text, $1);
			set_text(text_1, $2);
			set_text(text_2, step().name);
			set_attribute(span_4, "title", $3);
			set_text(text_4, `${step().by ?? ""}${step().seq ? `, ${step().seq}` : ""}${step().cause === null ? "" : ` ← ${step().cause}`}`);
		}, [
			() => moment(at(step())),
			() => moment(at(step())).slice(11, 23),
			() => step().after ? `+${delay(step().after)}`.replace("+−", "−") : "",
			() => why(step())
		]);
		append($$anchor, li);
	};
	const at = (step) => new Date(Math.floor(step.at / 1e3)).toISOString();
	const why = (step) => step.seq === 0 ? "" : `event ${step.seq}${step.cause === null ? "" : `, caused by ${step.cause}`}`;
	var ol = root_3$4();
	each(ol, 23, () => $$props.entries, (entry, number) => entry.step ? `${entry.step.seq} ${number}` : entry.group.order_id, ($$anchor, entry) => {
		var fragment = comment();
		var node_1 = first_child(fragment);
		var consequent_1 = ($$anchor) => {
			line($$anchor, () => get(entry).step);
		};
		var alternate = ($$anchor) => {
			var li_1 = root_2$4();
			var span_5 = child(li_1);
			var text_5 = only_child(span_5, true);
			var details = sibling(span_5, 4);
			var summary = child(details);
			var b_1 = child(summary);
			var text_6 = only_child(b_1, true);
			var span_6 = sibling(b_1, 2);
			var text_7 = only_child(span_6, true);
			reset(summary);
			var a = sibling(summary, 2);
			var text_8 = only_child(a, true);
			var ol_1 = sibling(a, 2);
			each(ol_1, 23, () => get(entry).group.steps, (step, place) => `${step.seq} ${place}`, ($$anchor, step) => {
				line($$anchor, () => get(step));
			});
			reset(ol_1);
			reset(details);
			reset(li_1);
			template_effect(($0, $1, $2, $3) => {
				set_class(li_1, 1, clsx(get(entry).group.tone), "svelte-l5gxhn");
				set_attribute(span_5, "title", $0);
				set_text(text_5, $1);
				set_text(text_6, get(entry).group.title);
				set_text(text_7, $2);
				set_attribute(a, "href", $3);
				set_text(text_8, get(entry).group.order_id);
				set_attribute(ol_1, "aria-label", `Steps of ${get(entry).group.order_id ?? ""}`);
			}, [
				() => get(entry).group.steps[0] ? moment(at(get(entry).group.steps[0])) : "",
				() => get(entry).group.steps[0] ? moment(at(get(entry).group.steps[0])).slice(11, 23) : "",
				() => [get(entry).group.why, get(entry).group.end].filter(Boolean).join(" → "),
				() => link("/history", { q: get(entry).group.order_id })
			]);
			append($$anchor, li_1);
		};
		if_block(node_1, ($$render) => {
			if (get(entry).step) $$render(consequent_1);
			else $$render(alternate, -1);
		});
		append($$anchor, fragment);
	});
	reset(ol);
	template_effect(() => set_attribute(ol, "aria-label", $$props.label));
	append($$anchor, ol);
	pop();
}
// src/parts/ExecutionStory.svelte
var root$3 = from_html(`<a>Its figures</a>`);
var root_1$3 = from_html(`<p class="quiet">Its beginning is further back.</p>`);
var root_2$3 = from_html(`<p class="quiet"> </p>`);
var root_3$3 = from_html(`<!> <!> <!> <!> <details><summary class="svelte-7d9obz">Its events as the journal has them</summary><!></details>`, 1);
function ExecutionStory($$anchor, $$props) {
	push($$props, true);
	/** What the journal tells of one execution: its own events and its orders, as a timeline from the signal to the end. */
	const read = paged("/api/v1/events/search", 5, () => ({ query: {
		parent_id: $$props.id,
		limit: 500
	} }), (page) => ({
		rows: page.events,
		cursor: page.next_cursor
	}));
	const events = user_derived(() => [...read.rows ?? []].reverse());
	const first = user_derived(() => read.more || !get(events)[0] ? null : get(events)[0].cause_seq);
	const before = polled("/api/v1/events", 60, () => get(first) === null ? null : { query: {
		after_seq: get(first) - 1,
		limit: 1
	} });
	const now = polled("/api/v1/trading/executions/{parent_id}", 5, () => ({ at: { parent_id: $$props.id } }));
	const made = user_derived(() => entries([...(before.value?.events ?? []).filter((event) => event.kind === "signal.received"), ...get(events)]));
	{
		const aside = ($$anchor) => {
			var a = root$3();
			template_effect(($0) => set_attribute(a, "href", $0), [() => link(`/executions/${$$props.id}`)]);
			append($$anchor, a);
		};
		let $0 = user_derived(() => read.rows ? get(made).length : null);
		let $1 = user_derived(() => read.error || before.error || now.error);
		Panel($$anchor, {
			get title() {
				return `Story of execution ${$$props.id ?? ""}`;
			},
			get count() {
				return get($0);
			},
			get error() {
				return get($1);
			},
			aside,
			children: ($$anchor, $$slotProps) => {
				var fragment_1 = comment();
				var node = first_child(fragment_1);
				var consequent_2 = ($$anchor) => {
					var fragment_2 = root_3$3();
					var node_1 = first_child(fragment_2);
					var consequent = ($$anchor) => {
						var p = root_1$3();
						append($$anchor, p);
					};
					if_block(node_1, ($$render) => {
						if (read.more) $$render(consequent);
					});
					var node_2 = sibling(node_1, 2);
					Timeline(node_2, {
						label: "What happened",
						get entries() {
							return get(made);
						}
					});
					var node_3 = sibling(node_2, 2);
					var consequent_1 = ($$anchor) => {
						var p_1 = root_2$3();
						var text = only_child(p_1);
						template_effect(($0, $1) => set_text(text, `It is ${$0 ?? ""}${$1 ?? ""}.`), [() => [
							words(now.value.status),
							now.value.reason,
							now.value.waiting_for
						].filter(Boolean).join(": "), () => now.value.next_at ? `, next at ${when(now.value.next_at)}` : ""]);
						append($$anchor, p_1);
					};
					var d = user_derived(() => now.value && !hasEnded(now.value));
					if_block(node_3, ($$render) => {
						if (get(d)) $$render(consequent_1);
					});
					var node_4 = sibling(node_3, 2);
					Further(node_4, {
						get list() {
							return read;
						},
						what: "events"
					});
					var details = sibling(node_4, 2);
					var node_5 = sibling(child(details));
					EventTable(node_5, { get rows() {
						return get(events);
					} });
					reset(details);
					append($$anchor, fragment_2);
				};
				var alternate = ($$anchor) => {
					var p_2 = root_2$3();
					var text_1 = only_child(p_2, true);
					template_effect(() => set_text(text_1, read.error ? "There is nothing to show." : read.rows ? "The journal has no event of an execution with this id." : "Reading the journal …"));
					append($$anchor, p_2);
				};
				if_block(node, ($$render) => {
					if (get(made).length) $$render(consequent_2);
					else $$render(alternate, -1);
				});
				append($$anchor, fragment_1);
			},
			$$slots: {
				aside: true,
				default: true
			}
		});
	}
	pop();
}
// src/parts/OrderStory.svelte
var root$2 = from_html(`<a> </a>`);
var root_1$2 = from_html(`<!> <!>`, 1);
var root_2$2 = from_html(`<div class="figures svelte-1r7vh8t"><!> <!> <!> <!></div>`);
var root_3$2 = from_html(`<!> <!> <!> <details><summary class="svelte-1r7vh8t">Its events as the journal has them</summary><!></details>`, 1);
var root_4 = from_html(`<p class="quiet"> </p>`);
function OrderStory($$anchor, $$props) {
	push($$props, true);
	/** What the journal tells of one order: the chain of its causes as a timeline, and the events as they stand there. */
	const read = paged("/api/v1/events/search", 5, () => ({ query: {
		order_id: $$props.id,
		limit: 500
	} }), (page) => ({
		rows: page.events,
		cursor: page.next_cursor
	}));
	const events = user_derived(() => [...read.rows ?? []].reverse());
	/** The first event of its turn: a signal where there was one. */
	const cause = user_derived(() => read.more ? null : get(events).find((event) => event.kind === "order.intent" || event.kind === "order.denied")?.cause_seq ?? null);
	const parent = user_derived(() => get(events).find((event) => event.parent_id !== null)?.parent_id ?? "");
	const execution = polled("/api/v1/trading/executions/{parent_id}", 30, () => get(parent) ? { at: { parent_id: get(parent) } } : null);
	const first = user_derived(() => get(cause) ?? execution.value?.signal_seq ?? null);
	const before = polled("/api/v1/events", 60, () => get(first) === null ? null : { query: {
		after_seq: get(first) - 1,
		limit: 1
	} });
	const chain = user_derived(() => [...(before.value?.events ?? []).filter((event) => event.kind === "signal.received"), ...get(events)]);
	const made = user_derived(() => steps(get(chain)));
	const took = user_derived(() => delays(get(made)));
	const words = (us) => us === null ? "–" : delay(us);
	{
		const aside = ($$anchor) => {
			var fragment_1 = root_1$2();
			var node = first_child(fragment_1);
			var consequent = ($$anchor) => {
				var a = root$2();
				var text = only_child(a);
				template_effect(($0) => {
					set_attribute(a, "href", $0);
					set_text(text, `Its execution${execution.value ? `: ${execution.value.strategy}` : ""}`);
				}, [() => link("/history", { q: get(parent) })]);
				append($$anchor, a);
			};
			if_block(node, ($$render) => {
				if (get(parent)) $$render(consequent);
			});
			var node_1 = sibling(node, 2);
			{
				let $0 = user_derived(() => pathOf("/api/v1/trading/tca/orders/{order_id}", { at: { order_id: $$props.id } }));
				Download(node_1, {
					words: "Save its cost report",
					get path() {
						return get($0);
					},
					kind: "text/html",
					get name() {
						return `cost-${$$props.id ?? ""}.html`;
					}
				});
			}
			append($$anchor, fragment_1);
		};
		let $0 = user_derived(() => read.rows ? get(made).length : null);
		let $1 = user_derived(() => read.error || execution.error || before.error);
		Panel($$anchor, {
			get title() {
				return `Story of ${$$props.id ?? ""}`;
			},
			get count() {
				return get($0);
			},
			get error() {
				return get($1);
			},
			aside,
			children: ($$anchor, $$slotProps) => {
				var fragment_2 = comment();
				var node_2 = first_child(fragment_2);
				var consequent_2 = ($$anchor) => {
					var fragment_3 = root_3$2();
					var node_3 = first_child(fragment_3);
					var consequent_1 = ($$anchor) => {
						var div = root_2$2();
						var node_4 = child(div);
						{
							let $0 = user_derived(() => words(get(took).sent));
							Figure(node_4, {
								title: "Until sent",
								get value() {
									return get($0);
								}
							});
						}
						var node_5 = sibling(node_4, 2);
						{
							let $0 = user_derived(() => words(get(took).answered));
							Figure(node_5, {
								title: "Until answered",
								get value() {
									return get($0);
								},
								note: "after it was sent"
							});
						}
						var node_6 = sibling(node_5, 2);
						{
							let $0 = user_derived(() => words(get(took).filled));
							Figure(node_6, {
								title: "Until the first fill",
								get value() {
									return get($0);
								},
								note: "after it was sent"
							});
						}
						var node_7 = sibling(node_6, 2);
						{
							let $0 = user_derived(() => words(get(took).all));
							Figure(node_7, {
								title: "In all",
								get value() {
									return get($0);
								}
							});
						}
						reset(div);
						append($$anchor, div);
					};
					if_block(node_3, ($$render) => {
						if (get(took).sent !== null) $$render(consequent_1);
					});
					var node_8 = sibling(node_3, 2);
					{
						let $0 = user_derived(() => get(made).map((step) => ({ step })));
						Timeline(node_8, {
							label: "What happened",
							get entries() {
								return get($0);
							}
						});
					}
					var node_9 = sibling(node_8, 2);
					Further(node_9, {
						get list() {
							return read;
						},
						what: "events"
					});
					var details = sibling(node_9, 2);
					var node_10 = sibling(child(details));
					EventTable(node_10, { get rows() {
						return get(events);
					} });
					reset(details);
					append($$anchor, fragment_3);
				};
				var alternate = ($$anchor) => {
					var p = root_4();
					var text_1 = only_child(p, true);
					template_effect(() => set_text(text_1, read.error ? "There is nothing to show." : read.rows ? "The journal has no event of an order with this id." : "Reading the journal …"));
					append($$anchor, p);
				};
				if_block(node_2, ($$render) => {
					if (get(made).length) $$render(consequent_2);
					else $$render(alternate, -1);
				});
				append($$anchor, fragment_2);
			},
			$$slots: {
				aside: true,
				default: true
			}
		});
	}
	pop();
}
// src/pages/history/NotFound.svelte
var root$1 = from_html(`<p class="quiet">It has become no order yet. Whoever may place it confirms or refuses it.</p>`);
var root_1$1 = from_html(`<p class="quiet"> <a>The events of its kind</a></p>`);
var root_2$1 = from_html(`<!> <!>`, 1);
var root_3$1 = from_html(`<p class="quiet"> </p>`);
function NotFound($$anchor, $$props) {
	push($$props, true);
	var fragment = comment();
	var node = first_child(fragment);
	var consequent_1 = ($$anchor) => {
		Panel($$anchor, {
			get title() {
				return `Story of proposal ${$$props.id ?? ""}`;
			},
			get error() {
				return $$props.belongs.error;
			},
			children: ($$anchor, $$slotProps) => {
				var fragment_2 = root_2$1();
				var node_1 = first_child(fragment_2);
				{
					let $0 = user_derived(() => proposalSteps($$props.belongs.proposal).map((step) => ({ step })));
					Timeline(node_1, {
						label: "What happened",
						get entries() {
							return get($0);
						}
					});
				}
				var node_2 = sibling(node_1, 2);
				var consequent = ($$anchor) => {
					var p = root$1();
					append($$anchor, p);
				};
				var alternate = ($$anchor) => {
					var p_1 = root_1$1();
					var text = child(p_1);
					var a = sibling(text);
					reset(p_1);
					template_effect(($0, $1) => {
						set_text(text, `It is ${$0 ?? ""}, and became no order. `);
						set_attribute(a, "href", $1);
					}, [() => words($$props.belongs.proposal.state), () => link("/history/events", { kind: `approval.${$$props.belongs.proposal.state}` })]);
					append($$anchor, p_1);
				};
				if_block(node_2, ($$render) => {
					if ($$props.belongs.proposal.state === "pending") $$render(consequent);
					else $$render(alternate, -1);
				});
				append($$anchor, fragment_2);
			},
			$$slots: { default: true }
		});
	};
	var alternate_1 = ($$anchor) => {
		Panel($$anchor, {
			title: "Found",
			children: ($$anchor, $$slotProps) => {
				var p_2 = root_3$1();
				var text_1 = only_child(p_2, true);
				template_effect(() => set_text(text_1, $$props.belongs.looking ? "Looking …" : $$props.belongs.error ? `It was not found: ${$$props.belongs.error}` : `No order, no execution, no fill and no proposal has the id ${$$props.id}.`));
				append($$anchor, p_2);
			},
			$$slots: { default: true }
		});
	};
	if_block(node, ($$render) => {
		if ($$props.belongs.proposal) $$render(consequent_1);
		else $$render(alternate_1, -1);
	});
	append($$anchor, fragment);
	pop();
}
// src/pages/history/Orders.svelte
var root = from_html(`<option> </option>`);
var root_1 = from_html(`<label>Side <select><option>both</option><option>buy</option><option>sell</option></select></label> <label>Status <select><option>any</option><!></select></label>`, 1);
var root_2 = from_html(`<!> <!>`, 1);
var root_3 = from_html(`<div class="grid"><!> <!> <!> <!></div>`);
function Orders($$anchor, $$props) {
	push($$props, true);
	/** Orders and fills of the past, filtered by the address; what any id belongs to, and the chain of causes of it. */
	const q = user_derived(() => address.param("q") ?? "");
	const status = user_derived(() => address.param("status") ?? "");
	const side = user_derived(() => address.param("side") ?? "");
	const common = user_derived(() => ({
		limit: 500,
		side: get(side),
		instrument_id: address.param("instrument"),
		strategy_id: address.param("strategy"),
		start_date: address.param("from"),
		end_date: address.param("to")
	}));
	const belongs = found(() => get(q));
	const orders = paged("/api/v1/trading/orders", 5, () => ({ query: {
		...get(common),
		status: get(status),
		parent_id: belongs.execution
	} }), (page) => ({
		rows: page.orders,
		cursor: page.next_cursor
	}));
	const trades = paged("/api/v1/trading/trades", 5, () => ({ query: {
		...get(common),
		parent_id: belongs.execution,
		order_id: belongs.order
	} }), (page) => ({
		rows: page.trades,
		cursor: page.next_cursor
	}));
	const fills = user_derived(() => [...trades.rows ?? []].reverse());
	const columns = [
		{
			title: "Time",
			value: (row) => moment(row.created_at)
		},
		{
			title: "Instrument",
			value: (row) => row.instrument_id
		},
		{
			title: "Side",
			value: (row) => row.side,
			tone: sideTone
		},
		{
			title: "Type",
			value: (row) => words(row.order_type)
		},
		{
			title: "Filled / size",
			number: true,
			value: (row) => `${shown(row.filled_size)} / ${shown(row.size)}`
		},
		{
			title: "Price",
			number: true,
			value: (row) => shown(row.average_fill_price ?? row.price),
			hint: (row) => row.average_fill_price ? "average of its fills" : "its limit"
		},
		{
			title: "Status",
			value: (row) => words(row.status),
			hint: (row) => row.error_message
		},
		{
			title: "Order",
			value: (row) => row.order_id,
			hint: (row) => row.client_order_id
		}
	];
	const open = (row) => address.set({ q: row.order_id });
	const pick = (name) => (event) => address.set({ [name]: event.currentTarget.value });
	var div = root_3();
	var node = child(div);
	Filters(node, {
		placeholder: "of an order, execution, fill, proposal",
		children: ($$anchor, $$slotProps) => {
			var fragment = root_1();
			var label = first_child(fragment);
			var select = sibling(child(label));
			var event_handler = user_derived(() => pick("side"));
			var option = child(select);
			option.value = option.__value = "";
			var option_1 = sibling(option);
			option_1.value = option_1.__value = "buy";
			var option_2 = sibling(option_1);
			option_2.value = option_2.__value = "sell";
			reset(select);
			var select_value;
			init_select(select);
			reset(label);
			var label_1 = sibling(label, 2);
			var select_1 = sibling(child(label_1));
			var event_handler_1 = user_derived(() => pick("status"));
			var option_3 = child(select_1);
			option_3.value = option_3.__value = "";
			var node_1 = sibling(option_3);
			each(node_1, 16, () => ORDER_STATUSES, (each) => each, ($$anchor, each) => {
				var option_4 = root();
				var text = only_child(option_4, true);
				var option_4_value = {};
				template_effect(($0) => {
					set_text(text, $0);
					if (option_4_value !== (option_4_value = each)) option_4.value = (option_4.__value = option_4_value) ?? "";
				}, [() => words(each)]);
				append($$anchor, option_4);
			});
			reset(select_1);
			var select_1_value;
			init_select(select_1);
			reset(label_1);
			template_effect(() => {
				if (select_value !== (select_value = get(side))) select.value = (select.__value = select_value) ?? "", select_option(select, select_value);
				if (select_1_value !== (select_1_value = get(status))) select_1.value = (select_1.__value = select_1_value) ?? "", select_option(select_1, select_1_value);
			});
			delegated("change", select, function(...$$args) {
				get(event_handler)?.apply(this, $$args);
			});
			delegated("change", select_1, function(...$$args) {
				get(event_handler_1)?.apply(this, $$args);
			});
			append($$anchor, fragment);
		},
		$$slots: { default: true }
	});
	var node_2 = sibling(node, 2);
	var consequent = ($$anchor) => {
		var fragment_1 = comment();
		var node_3 = first_child(fragment_1);
		key(node_3, () => belongs.execution, ($$anchor) => {
			ExecutionStory($$anchor, { get id() {
				return belongs.execution;
			} });
		});
		append($$anchor, fragment_1);
	};
	var consequent_1 = ($$anchor) => {
		var fragment_3 = comment();
		var node_4 = first_child(fragment_3);
		key(node_4, () => belongs.order, ($$anchor) => {
			OrderStory($$anchor, { get id() {
				return belongs.order;
			} });
		});
		append($$anchor, fragment_3);
	};
	var consequent_2 = ($$anchor) => {
		NotFound($$anchor, {
			get id() {
				return get(q);
			},
			get belongs() {
				return belongs;
			}
		});
	};
	if_block(node_2, ($$render) => {
		if (belongs.execution) $$render(consequent);
		else if (belongs.order) $$render(consequent_1, 1);
		else if (get(q)) $$render(consequent_2, 2);
	});
	var node_5 = sibling(node_2, 2);
	{
		let $0 = user_derived(() => belongs.execution ? "Orders of the execution" : "Orders");
		let $1 = user_derived(() => orders.rows?.length ?? null);
		Panel(node_5, {
			get title() {
				return get($0);
			},
			get count() {
				return get($1);
			},
			get error() {
				return orders.error;
			},
			children: ($$anchor, $$slotProps) => {
				var fragment_6 = root_2();
				var node_6 = first_child(fragment_6);
				{
					let $0 = user_derived(() => orders.rows ?? []);
					let $1 = user_derived(() => orders.rows ? "No order matches the filters." : orders.error ? "There is nothing to show." : "Reading the orders …");
					Table(node_6, {
						caption: "Orders",
						get columns() {
							return columns;
						},
						get rows() {
							return get($0);
						},
						id: (row) => row.order_id,
						get empty() {
							return get($1);
						},
						onrow: open,
						chosen: (row) => row.order_id === belongs.order
					});
				}
				var node_7 = sibling(node_6, 2);
				Further(node_7, {
					get list() {
						return orders;
					},
					what: "orders"
				});
				append($$anchor, fragment_6);
			},
			$$slots: { default: true }
		});
	}
	var node_8 = sibling(node_5, 2);
	{
		let $0 = user_derived(() => belongs.execution ? "Fills of the execution" : belongs.order ? "Fills of the order" : "Fills");
		let $1 = user_derived(() => trades.rows ? get(fills).length : null);
		Panel(node_8, {
			get title() {
				return get($0);
			},
			get count() {
				return get($1);
			},
			get error() {
				return trades.error;
			},
			children: ($$anchor, $$slotProps) => {
				var fragment_7 = root_2();
				var node_9 = first_child(fragment_7);
				{
					let $0 = user_derived(() => trades.rows ? "No fill matches the filters." : trades.error ? "There is nothing to show." : "Reading the fills …");
					FillTable(node_9, {
						get fills() {
							return get(fills);
						},
						height: 420,
						get empty() {
							return get($0);
						}
					});
				}
				var node_10 = sibling(node_9, 2);
				Further(node_10, {
					get list() {
						return trades;
					},
					what: "fills"
				});
				append($$anchor, fragment_7);
			},
			$$slots: { default: true }
		});
	}
	reset(div);
	append($$anchor, div);
	pop();
}
delegate(["change"]);
export { Orders as default };
