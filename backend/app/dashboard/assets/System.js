import { append, bind_select_value, bind_value, child, comment, delegate, delegated, each, event, first_child, from_html, get, if_block, init_select, next, noop, only_child, pop, prop, proxy, push, remove_input_defaults, reset, set, set_attribute, set_text, set_value, sibling, state, template_effect, to_array, user_derived, user_effect } from "./svelte.js";
import { Figure, Lever, Panel, Table, Verdict, acceptDifference, acknowledge, acts_, amount, breakExchange, decide, live, moment, money, offset, polled, repairExchange, resolveOrder, session, shown, span, title, when, words } from "./common.js";
import { Dialog } from "./app.js";
// src/parts/Evidence.svelte
var root$2 = from_html(`<label class="svelte-1s0dfg1">It was <select name="state"><option>canceled</option><option>filled</option><option>never accepted</option></select></label> <label class="svelte-1s0dfg1">Filled in all, where that is known <input name="filled" inputmode="decimal" autocomplete="off"/></label>`, 1);
var root_1$2 = from_html(`<p class="bad" role="alert"> </p>`);
var root_2$2 = from_html(`<form class="svelte-1s0dfg1"><p> </p> <!> <label class="svelte-1s0dfg1">Who says so <input name="by" maxlength="64" required=""/></label> <label class="svelte-1s0dfg1">By what evidence <input name="why" maxlength="200" required="" autocomplete="off"/></label> <!> <div class="row"><span class="grow"></span><button type="button">Back</button><button type="submit" class="go"> </button></div></form>`);
function Evidence($$anchor, $$props) {
	push($$props, true);
	/** A person's word about an order whose end the exchange no longer tells, or about a difference that may stand: with its
	*  reason, in the journal for good. */
	/** Also how it ended and what has filled. */
	const ends = prop($$props, "ends", 3, false);
	let ended = state("canceled");
	let filled = state("");
	let by = state(proxy(session.principal));
	let why = state("");
	let refused = state("");
	let sending = state(false);
	async function say(event) {
		event.preventDefault();
		set(sending, true);
		const act = await acts_.perform($$props.wish({
			state: get(ended),
			filled: get(filled).trim(),
			by: get(by).trim(),
			why: get(why).trim()
		}));
		set(sending, false);
		set(refused, act.problem ? act.problem.faults.map((each) => `${each.field}: ${each.rule}`).join("; ") || act.problem.message : "", true);
		if (!get(refused)) $$props.onclose();
	}
	Dialog($$anchor, {
		get title() {
			return $$props.title;
		},
		get onclose() {
			return $$props.onclose;
		},
		children: ($$anchor, $$slotProps) => {
			var form = root_2$2();
			var p = child(form);
			var text = only_child(p, true);
			var node = sibling(p, 2);
			var consequent = ($$anchor) => {
				var fragment_1 = root$2();
				var label = first_child(fragment_1);
				var select = sibling(child(label));
				var option = child(select);
				option.value = option.__value = "canceled";
				var option_1 = sibling(option);
				option_1.value = option_1.__value = "filled";
				var option_2 = sibling(option_1);
				option_2.value = option_2.__value = "never_accepted";
				reset(select);
				init_select(select);
				reset(label);
				var label_1 = sibling(label, 2);
				var input = sibling(child(label_1));
				remove_input_defaults(input);
				reset(label_1);
				bind_select_value(select, () => get(ended), ($$value) => set(ended, $$value));
				bind_value(input, () => get(filled), ($$value) => set(filled, $$value));
				append($$anchor, fragment_1);
			};
			if_block(node, ($$render) => {
				if (ends()) $$render(consequent);
			});
			var label_2 = sibling(node, 2);
			var input_1 = sibling(child(label_2));
			remove_input_defaults(input_1);
			reset(label_2);
			var label_3 = sibling(label_2, 2);
			var input_2 = sibling(child(label_3));
			remove_input_defaults(input_2);
			reset(label_3);
			var node_1 = sibling(label_3, 2);
			var consequent_1 = ($$anchor) => {
				var p_1 = root_1$2();
				var text_1 = only_child(p_1, true);
				template_effect(() => set_text(text_1, get(refused)));
				append($$anchor, p_1);
			};
			if_block(node_1, ($$render) => {
				if (get(refused)) $$render(consequent_1);
			});
			var div = sibling(node_1, 2);
			var button = sibling(child(div));
			var button_1 = sibling(button);
			var text_2 = only_child(button_1, true);
			reset(div);
			reset(form);
			template_effect(($0) => {
				set_text(text, $$props.what);
				button_1.disabled = $0;
				set_text(text_2, get(sending) ? "…" : "Record");
			}, [() => get(sending) || !get(by).trim() || !get(why).trim()]);
			event("submit", form, say);
			bind_value(input_1, () => get(by), ($$value) => set(by, $$value));
			bind_value(input_2, () => get(why), ($$value) => set(why, $$value));
			delegated("click", button, function(...$$args) {
				$$props.onclose?.apply(this, $$args);
			});
			append($$anchor, form);
		},
		$$slots: { default: true }
	});
	pop();
}
delegate(["click"]);
// src/parts/Faults.svelte
var root$1 = from_html(`<input autocomplete="off" class="svelte-zdm685"/>`);
var root_1$1 = from_html(`<!> <!> <!>`, 1);
var root_2$1 = from_html(`<p class="quiet">The exchange is simulated: what it is made to do wrong costs nothing. The verdict above and the alerts say what is made of it, and that it is over.</p> <!>`, 1);
function Faults($$anchor, $$props) {
	push($$props, true);
	const value = ($$anchor, row = noop) => {
		var fragment = comment();
		var node = first_child(fragment);
		var consequent = ($$anchor) => {
			var input = root$1();
			remove_input_defaults(input);
			template_effect(($0) => {
				set_attribute(input, "aria-label", `Value of ${$0 ?? ""}`);
				set_value(input, get(values)[row().name] ?? row().value ?? "");
			}, [() => words(row().name)]);
			delegated("input", input, (event) => set(values, {
				...get(values),
				[row().name]: event.currentTarget.value.trim()
			}, true));
			append($$anchor, input);
		};
		var d = user_derived(() => row().what.includes("`value`"));
		if_block(node, ($$render) => {
			if (get(d)) $$render(consequent);
		});
		append($$anchor, fragment);
	};
	const levers = ($$anchor, row = noop) => {
		var fragment_1 = root_1$1();
		var node_1 = first_child(fragment_1);
		Lever(node_1, {
			words: "Once",
			wish: () => breakExchange(row().name, 1, get(values)[row().name] ?? ""),
			danger: true,
			get onact() {
				return read.again;
			}
		});
		var node_2 = sibling(node_1, 2);
		Lever(node_2, {
			words: "From now on",
			wish: () => breakExchange(row().name, null, get(values)[row().name] ?? ""),
			danger: true,
			get onact() {
				return read.again;
			}
		});
		var node_3 = sibling(node_2, 2);
		var consequent_1 = ($$anchor) => {
			Lever($$anchor, {
				words: "Repair",
				wish: () => repairExchange(row().name),
				get onact() {
					return read.again;
				}
			});
		};
		if_block(node_3, ($$render) => {
			if (row().armed) $$render(consequent_1);
		});
		append($$anchor, fragment_1);
	};
	const read = polled("/api/v1/simulator/faults", 3);
	let known = state([]);
	let values = state(proxy({}));
	user_effect(() => {
		if (read.value) set(known, read.value.faults);
	});
	const set$1 = user_derived(() => get(known).filter((each) => each.armed));
	const standing = (row) => {
		if (!row.armed) return "";
		if (row.times !== null) return row.fired >= row.times ? "over" : `${row.times - row.fired} to come`;
		return (row.probability ?? 1) < 1 && !row.at.length ? `at ${Math.round((row.probability ?? 1) * 100)} % of its chances` : "until repaired";
	};
	const columns = [
		{
			title: "Fault",
			value: (row) => words(row.name),
			tone: (row) => row.armed ? "warn" : ""
		},
		{
			title: "Value",
			cell: value
		},
		{
			title: "",
			cell: levers
		},
		{
			title: "State",
			value: standing,
			tone: (row) => row.armed && standing(row) !== "over" ? "warn" : "quiet"
		},
		{
			title: "Came",
			number: true,
			value: (row) => row.armed ? `${row.fired} of ${row.chances}` : "",
			hint: () => "of its chances since it was set"
		},
		{
			title: "What it is",
			value: (row) => row.what,
			hint: (row) => row.what
		}
	];
	{
		const aside = ($$anchor) => {
			var fragment_4 = comment();
			var node_4 = first_child(fragment_4);
			var consequent_2 = ($$anchor) => {
				Lever($$anchor, {
					words: "Repair all",
					wish: () => repairExchange(null),
					get onact() {
						return read.again;
					}
				});
			};
			if_block(node_4, ($$render) => {
				if (get(set$1).length) $$render(consequent_2);
			});
			append($$anchor, fragment_4);
		};
		Panel($$anchor, {
			title: "Break the exchange",
			get count() {
				return get(set$1).length;
			},
			get error() {
				return read.error;
			},
			aside,
			children: ($$anchor, $$slotProps) => {
				var fragment_6 = root_2$1();
				var node_5 = sibling(first_child(fragment_6), 2);
				{
					let $0 = user_derived(() => read.error ? "The faults could not be read." : "Reading the faults …");
					Table(node_5, {
						caption: "Faults of the exchange",
						get columns() {
							return columns;
						},
						get rows() {
							return get(known);
						},
						id: (row) => row.name,
						get empty() {
							return get($0);
						},
						height: 300
					});
				}
				append($$anchor, fragment_6);
			},
			$$slots: {
				aside: true,
				default: true
			}
		});
	}
	pop();
}
delegate(["input"]);
// src/pages/System.svelte
var take = ($$anchor, row = noop) => {
	var fragment = comment();
	var node = first_child(fragment);
	var consequent = ($$anchor) => {
		Lever($$anchor, {
			words: "Take up",
			wish: () => acknowledge(row())
		});
	};
	if_block(node, ($$render) => {
		if (!row().acknowledged_by && !row().resolved_at) $$render(consequent);
	});
	append($$anchor, fragment);
};
var root = from_html(`<button type="button" class="small">Resolve</button>`);
var root_1 = from_html(`<button type="button" class="small">Accept</button>`);
var root_2 = from_html(`<!> <!>`, 1);
var root_3 = from_html(`<div class="figures svelte-7kogfr"><!> <!> <!> <!> <!> <!> <!></div>`);
var root_4 = from_html(`<p class="warn"> </p>`);
var root_5 = from_html(`<!> <p class="quiet">A page's token makes, changes and ends no keys: <code>trading-executor keys</code> does.</p>`, 1);
var root_6 = from_html(`<div class="grid"><!> <!> <!> <!> <!> <!> <!> <!> <!> <!> <!> <!></div> <!> <!>`, 1);
function System($$anchor, $$props) {
	push($$props, true);
	const evidence = ($$anchor, row = noop) => {
		var button = root();
		delegated("click", button, () => set(resolving, row()));
		append($$anchor, button);
	};
	const accept = ($$anchor, row = noop) => {
		var button_1 = root_1();
		delegated("click", button_1, () => set(accepting, row()));
		append($$anchor, button_1);
	};
	const askedLevers = ($$anchor, row = noop) => {
		var fragment_2 = root_2();
		var node_1 = first_child(fragment_2);
		Lever(node_1, {
			words: "Confirm",
			wish: () => decide(row().room, row().id, "confirm", row().what),
			onact: () => (approvals.again(), proposals.again())
		});
		var node_2 = sibling(node_1, 2);
		Lever(node_2, {
			words: "Refuse",
			wish: () => decide(row().room, row().id, "refuse", row().what),
			danger: true,
			onact: () => (approvals.again(), proposals.again())
		});
		append($$anchor, fragment_2);
	};
	const risk = polled("/api/v1/trading/risk-limits", 5);
	const raised = polled("/api/v1/alerts", 5, () => ({ query: { open_only: false } }));
	const keys = polled("/api/v1/keys", 10);
	const approvals = polled("/api/v1/approvals", 5);
	const proposals = polled("/api/v1/proposals", 5);
	const hooks = polled("/api/v1/hooks", 30);
	const status = user_derived(() => live.status);
	const alerts = user_derived(() => {
		const over = (raised.value?.alerts ?? []).filter((each) => each.resolved_at !== null);
		const open = live.alerts.filter((each) => !over.some(({ alert_id }) => alert_id === each.alert_id));
		return raised.value || open.length ? [...open, ...over] : null;
	});
	const unknown = user_derived(() => live.orders.filter((each) => each.status === "unknown"));
	const standing = user_derived(() => get(status)?.differences?.standing ?? []);
	const asked = user_derived(() => [...(approvals.value?.approvals ?? []).filter((each) => each.state === "pending").map((each) => ({
		room: "approvals",
		id: each.approval_id,
		what: `${words(each.act)} ${each.subject}`,
		...each
	})), ...(proposals.value?.proposals ?? []).filter((each) => each.state === "pending").map((each) => ({
		room: "proposals",
		id: each.proposal_id,
		what: `${words(each.act)} ${each.instrument_id}`,
		wanted: JSON.stringify(each.request),
		...each
	}))]);
	let resolving = state(null);
	let accepting = state(null);
	/** A scope that this session has not is no fault of the system's. */
	const fault = (read) => read.error.includes("scope") ? "" : read.error;
	const alertColumns = [
		{
			title: "Since",
			value: (row) => when(row.fired_at),
			hint: (row) => moment(row.fired_at)
		},
		{
			title: "Alert",
			value: (row) => `${words(row.rule)} ${row.subject}`,
			tone: (row) => row.resolved_at ? "quiet" : row.severity === "critical" ? "bad" : "warn"
		},
		{
			title: "",
			cell: take
		},
		{
			title: "What",
			value: (row) => row.what,
			hint: (row) => row.what
		},
		{
			title: "What to do",
			value: (row) => row.advice,
			hint: (row) => row.advice
		},
		{
			title: "Taken up by",
			value: (row) => row.acknowledged_by
		},
		{
			title: "Over",
			value: (row) => row.resolved_at ? when(row.resolved_at) : "no"
		}
	];
	const orderColumns = [
		{
			title: "Order",
			value: (row) => row.order_id
		},
		{
			title: "Instrument",
			value: (row) => row.instrument_id
		},
		{
			title: "Side",
			value: (row) => row.side
		},
		{
			title: "Size",
			number: true,
			value: (row) => shown(row.size)
		},
		{
			title: "Sent",
			value: (row) => when(row.sent_at)
		},
		{
			title: "",
			cell: evidence
		}
	];
	const differenceColumns = [
		{
			title: "Of",
			value: (row) => `${row.kind} ${row.subject}`
		},
		{
			title: "Our books",
			number: true,
			value: (row) => shown(row.ledger)
		},
		{
			title: "The exchange",
			number: true,
			value: (row) => shown(row.venue)
		},
		{
			title: "",
			cell: accept
		}
	];
	const keyColumns = [
		{
			title: "Key",
			value: (row) => row.name,
			hint: (row) => row.principal
		},
		{
			title: "State",
			value: (row) => row.state,
			tone: (row) => row.state === "active" ? "good" : "quiet"
		},
		{
			title: "May",
			value: (row) => row.scopes.join(", "),
			hint: (row) => row.scopes.join(", ")
		},
		{
			title: "An order",
			number: true,
			value: (row) => row.max_order_notional === null ? "any" : money(row.max_order_notional)
		},
		{
			title: "A day",
			number: true,
			value: (row) => row.max_daily_notional === null ? "any" : money(row.max_daily_notional)
		},
		{
			title: "Last used",
			value: (row) => row.used_at ? moment(row.used_at) : "never"
		},
		{
			title: "Expires",
			value: (row) => row.expires_at ? moment(row.expires_at) : "never"
		}
	];
	const askedColumns = [
		{
			title: "Asked",
			value: (row) => when(row.asked_at),
			hint: (row) => moment(row.asked_at)
		},
		{
			title: "By",
			value: (row) => row.asked_by
		},
		{
			title: "What",
			value: (row) => row.what,
			hint: (row) => row.wanted
		},
		{
			title: "Why",
			value: (row) => row.reason,
			hint: (row) => row.reason
		},
		{
			title: "Until",
			value: (row) => when(row.expires_at)
		},
		{
			title: "",
			cell: askedLevers
		}
	];
	const noticeColumns = [
		{
			title: "Rule",
			value: (row) => row.rule
		},
		{
			title: "Channel",
			value: (row) => row.channel
		},
		{
			title: "Waiting",
			number: true,
			value: (row) => String(row.waiting)
		},
		{
			title: "Failures",
			number: true,
			value: (row) => String(row.failures),
			tone: (row) => row.failures ? "warn" : ""
		},
		{
			title: "Last error",
			value: (row) => row.last_error,
			hint: (row) => row.last_error
		}
	];
	var fragment_3 = root_6();
	var div = first_child(fragment_3);
	var node_3 = child(div);
	Verdict(node_3, { get risk() {
		return risk;
	} });
	var node_4 = sibling(node_3, 2);
	var consequent_1 = ($$anchor) => {
		Panel($$anchor, {
			title: "Orders of unknown outcome",
			get count() {
				return get(unknown).length;
			},
			children: ($$anchor, $$slotProps) => {
				Table($$anchor, {
					caption: "Orders of unknown outcome",
					get columns() {
						return orderColumns;
					},
					get rows() {
						return get(unknown);
					},
					id: (row) => row.order_id,
					empty: ""
				});
			},
			$$slots: { default: true }
		});
	};
	if_block(node_4, ($$render) => {
		if (get(unknown).length) $$render(consequent_1);
	});
	var node_5 = sibling(node_4, 2);
	var consequent_2 = ($$anchor) => {
		Panel($$anchor, {
			title: "Waits for a second person",
			get count() {
				return get(asked).length;
			},
			children: ($$anchor, $$slotProps) => {
				Table($$anchor, {
					caption: "Waits for a second person",
					get columns() {
						return askedColumns;
					},
					get rows() {
						return get(asked);
					},
					id: (row) => row.id,
					empty: ""
				});
			},
			$$slots: { default: true }
		});
	};
	if_block(node_5, ($$render) => {
		if (get(asked).length) $$render(consequent_2);
	});
	var node_6 = sibling(node_5, 2);
	Panel(node_6, {
		title: "Alerts",
		get count() {
			return live.alerts.length;
		},
		get error() {
			return raised.error;
		},
		children: ($$anchor, $$slotProps) => {
			Table($$anchor, {
				caption: "Alerts",
				get columns() {
					return alertColumns;
				},
				get rows() {
					return get(alerts);
				},
				id: (row) => row.alert_id,
				empty: "None has been raised.",
				height: 300
			});
		},
		$$slots: { default: true }
	});
	var node_7 = sibling(node_6, 2);
	Panel(node_7, {
		title: "Differences from the exchange",
		class: "half",
		get count() {
			return get(standing).length;
		},
		children: ($$anchor, $$slotProps) => {
			{
				let $0 = user_derived(() => get(status)?.differences?.compared_seconds_ago == null ? "Nothing has been compared yet." : `None, as of ${span(get(status).differences.compared_seconds_ago)} ago.`);
				Table($$anchor, {
					caption: "Differences",
					get columns() {
						return differenceColumns;
					},
					get rows() {
						return get(standing);
					},
					id: (row) => `${row.kind} ${row.subject}`,
					get empty() {
						return get($0);
					}
				});
			}
		},
		$$slots: { default: true }
	});
	var node_8 = sibling(node_7, 2);
	Panel(node_8, {
		title: "Streams and the right to write",
		class: "half",
		children: ($$anchor, $$slotProps) => {
			var div_1 = root_3();
			var node_9 = child(div_1);
			each(node_9, 17, () => Object.entries(get(status)?.streams ?? {}), ([name, stream]) => name, ($$anchor, $$item) => {
				var $$array = user_derived(() => to_array(get($$item), 2));
				let name = () => get($$array)[0];
				let stream = () => get($$array)[1];
				{
					let $0 = user_derived(() => stream().up ? "up" : "down");
					let $1 = user_derived(() => stream().up ? "good" : "bad");
					let $2 = user_derived(() => stream().age_seconds === null ? "" : `heard ${span(stream().age_seconds)} ago`);
					Figure($$anchor, {
						get title() {
							return `${name() ?? ""} stream`;
						},
						get value() {
							return get($0);
						},
						get tone() {
							return get($1);
						},
						get note() {
							return get($2);
						}
					});
				}
			});
			var node_10 = sibling(node_9, 2);
			{
				let $0 = user_derived(() => get(status)?.lease == null ? "–" : span(get(status).lease.left_seconds));
				let $1 = user_derived(() => get(status)?.lease ? `epoch ${get(status).lease.epoch}` : "");
				let $2 = user_derived(() => get(status)?.lease?.owner);
				Figure(node_10, {
					title: "Lease",
					get value() {
						return get($0);
					},
					get note() {
						return get($1);
					},
					get exact() {
						return get($2);
					}
				});
			}
			var node_11 = sibling(node_10, 2);
			{
				let $0 = user_derived(() => span(get(status)?.loop_lag_seconds));
				Figure(node_11, {
					title: "Event loop's lag",
					get value() {
						return get($0);
					}
				});
			}
			var node_12 = sibling(node_11, 2);
			{
				let $0 = user_derived(() => offset(get(status)?.clock_offset_seconds));
				Figure(node_12, {
					title: "Exchange's clock",
					get value() {
						return get($0);
					}
				});
			}
			var node_13 = sibling(node_12, 2);
			{
				let $0 = user_derived(() => get(status)?.store_failed ? "takes nothing" : "writes");
				let $1 = user_derived(() => get(status)?.store_failed ? "bad" : "good");
				Figure(node_13, {
					title: "Database",
					get value() {
						return get($0);
					},
					get tone() {
						return get($1);
					}
				});
			}
			var node_14 = sibling(node_13, 2);
			{
				let $0 = user_derived(() => shown(String(get(status)?.journal_seq ?? "")));
				Figure(node_14, {
					title: "Journal",
					get value() {
						return get($0);
					}
				});
			}
			var node_15 = sibling(node_14, 2);
			{
				let $0 = user_derived(() => span(get(status)?.uptime_seconds));
				Figure(node_15, {
					title: "Up for",
					get value() {
						return get($0);
					}
				});
			}
			reset(div_1);
			append($$anchor, div_1);
		},
		$$slots: { default: true }
	});
	var node_16 = sibling(node_8, 2);
	Panel(node_16, {
		title: "Limits in force",
		class: "half",
		get error() {
			return risk.error;
		},
		children: ($$anchor, $$slotProps) => {
			{
				let $0 = user_derived(() => risk.value?.limits ?? null);
				Table($$anchor, {
					caption: "Limits",
					get rows() {
						return get($0);
					},
					id: (row) => `${row.name} ${row.of}`,
					empty: "None is in force.",
					columns: [
						{
							title: "Limit",
							value: (row) => title(row)
						},
						{
							title: "Of",
							value: (row) => row.of
						},
						{
							title: "Used",
							number: true,
							value: (row) => amount(row.used, row.unit)
						},
						{
							title: "Limit is",
							number: true,
							value: (row) => amount(row.limit, row.unit)
						}
					]
				});
			}
		},
		$$slots: { default: true }
	});
	var node_17 = sibling(node_16, 2);
	{
		let $0 = user_derived(() => get(status)?.notices?.length ?? null);
		Panel(node_17, {
			title: "Notices",
			class: "half",
			get count() {
				return get($0);
			},
			children: ($$anchor, $$slotProps) => {
				var fragment_12 = root_2();
				var node_18 = first_child(fragment_12);
				{
					let $0 = user_derived(() => get(status)?.notices ?? null);
					Table(node_18, {
						caption: "Notices",
						get columns() {
							return noticeColumns;
						},
						get rows() {
							return get($0);
						},
						id: (row) => `${row.rule} ${row.channel}`,
						empty: "No rule says who is told of what: docs/notifications.md shows how."
					});
				}
				var node_19 = sibling(node_18, 2);
				each(node_19, 17, () => get(status)?.closed ?? [], (each) => each.subject, ($$anchor, each) => {
					var p = root_4();
					var text = only_child(p);
					template_effect(() => set_text(text, `${get(each).subject ?? ""}: ${get(each).reason ?? ""}`));
					append($$anchor, p);
				});
				append($$anchor, fragment_12);
			},
			$$slots: { default: true }
		});
	}
	var node_20 = sibling(node_17, 2);
	{
		let $0 = user_derived(() => keys.value?.keys.length ?? null);
		Panel(node_20, {
			title: "Keys",
			get count() {
				return get($0);
			},
			get error() {
				return keys.error;
			},
			children: ($$anchor, $$slotProps) => {
				var fragment_13 = root_5();
				var node_21 = first_child(fragment_13);
				{
					let $0 = user_derived(() => keys.error ? [] : keys.value?.keys ?? null);
					let $1 = user_derived(() => keys.error ? "They could not be read." : "No named key has been made: trading-executor keys create.");
					Table(node_21, {
						caption: "Keys",
						get columns() {
							return keyColumns;
						},
						get rows() {
							return get($0);
						},
						id: (row) => row.key_id,
						get empty() {
							return get($1);
						}
					});
				}
				next(2);
				append($$anchor, fragment_13);
			},
			$$slots: { default: true }
		});
	}
	var node_22 = sibling(node_20, 2);
	{
		let $0 = user_derived(() => get(status)?.followed?.length ?? null);
		Panel(node_22, {
			title: "Markets followed",
			class: "half",
			get count() {
				return get($0);
			},
			children: ($$anchor, $$slotProps) => {
				{
					let $0 = user_derived(() => get(status)?.followed ?? null);
					Table($$anchor, {
						caption: "Markets",
						get rows() {
							return get($0);
						},
						id: (row) => row,
						empty: "None.",
						height: 240,
						columns: [{
							title: "Instrument",
							value: (row) => row
						}, {
							title: "Refused",
							value: (row) => get(status)?.refused_markets?.[row],
							tone: () => "warn"
						}]
					});
				}
			},
			$$slots: { default: true }
		});
	}
	var node_23 = sibling(node_22, 2);
	{
		let $0 = user_derived(() => hooks.value?.hooks.length ?? null);
		let $1 = user_derived(() => fault(hooks));
		Panel(node_23, {
			title: "Hooks",
			class: "half",
			get count() {
				return get($0);
			},
			get error() {
				return get($1);
			},
			children: ($$anchor, $$slotProps) => {
				{
					let $0 = user_derived(() => hooks.value?.hooks ?? []);
					let $1 = user_derived(() => hooks.value ? "None is declared: docs/signals.md shows how." : hooks.error ? "This key may not see them." : "Reading the hooks …");
					Table($$anchor, {
						caption: "Hooks",
						get rows() {
							return get($0);
						},
						id: (row) => row.name,
						get empty() {
							return get($1);
						},
						height: 240,
						columns: [{
							title: "Hook",
							value: (row) => row.name
						}]
					});
				}
			},
			$$slots: { default: true }
		});
	}
	var node_24 = sibling(node_23, 2);
	var consequent_3 = ($$anchor) => {
		Faults($$anchor, {});
	};
	if_block(node_24, ($$render) => {
		if (get(status)?.exchange === "okx" && get(status).environment === "simulated" && !live.readOnly) $$render(consequent_3);
	});
	reset(div);
	var node_25 = sibling(div, 2);
	var consequent_4 = ($$anchor) => {
		const order = user_derived(() => get(resolving));
		{
			let $0 = user_derived(() => get(order).side);
			let $1 = user_derived(() => shown(get(order).size));
			let $2 = user_derived(() => get(order).instrument_id);
			let $3 = user_derived(() => moment(get(order).sent_at));
			Evidence($$anchor, {
				title: "Resolve an order",
				ends: true,
				onclose: () => set(resolving, null),
				get what() {
					return `${get($0) ?? ""} ${get($1) ?? ""} ${get($2) ?? ""}, sent ${get($3) ?? ""}: say what became of it by the exchange's own record.`;
				},
				wish: ({ filled, ...told }) => resolveOrder(get(order), filled ? {
					...told,
					filled
				} : told)
			});
		}
	};
	if_block(node_25, ($$render) => {
		if (get(resolving)) $$render(consequent_4);
	});
	var node_26 = sibling(node_25, 2);
	var consequent_5 = ($$anchor) => {
		const found = user_derived(() => get(accepting));
		{
			let $0 = user_derived(() => get(found).kind);
			let $1 = user_derived(() => get(found).subject);
			let $2 = user_derived(() => shown(get(found).ledger));
			let $3 = user_derived(() => shown(get(found).venue));
			Evidence($$anchor, {
				title: "Accept a difference",
				onclose: () => set(accepting, null),
				get what() {
					return `${get($0) ?? ""} ${get($1) ?? ""}: our books say ${get($2) ?? ""}, the exchange ${get($3) ?? ""}. Accepted, the exchange's word counts.`;
				},
				wish: ({ by, why }) => acceptDifference(get(found).kind, get(found).subject, by, why)
			});
		}
	};
	if_block(node_26, ($$render) => {
		if (get(accepting)) $$render(consequent_5);
	});
	append($$anchor, fragment_3);
	pop();
}
delegate(["click"]);
export { System as default };
