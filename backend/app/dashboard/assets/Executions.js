import { append, bind_value, child, clsx, comment, delegate, delegated, each, event, first_child, from_html, get, if_block, key, next, noop, only_child, pop, proxy, push, remove_input_defaults, reset, set, set_attribute, set_class, set_style, set_text, set_value, sibling, state, template_effect, to_array, user_derived, user_effect } from "./svelte.js";
import { Curve, Download, ExecutionTable, Figure, Lever, Meter, Panel, Table, acts_, add, address, amendExecution, approximate, drawn, get as get$1, hasEnded, inMinutes, link, live, moment, money, pathOf, percent, polled, price, said, session, shown, sideTone, sign, signed, span, steer, when, words } from "./common.js";
import { Dialog } from "./app.js";
// src/parts/CompareExecutions.svelte
var root$3 = from_html(`<button type="button" class="small">Close</button>`);
var root_1$2 = from_html(`<th scope="col" class="svelte-kipino"><a> </a> <button type="button" class="small plain">×</button></th>`);
var root_2$2 = from_html(`<td class="number svelte-kipino"> </td>`);
var root_3$2 = from_html(`<tr><th scope="row" class="svelte-kipino"> </th><!></tr>`);
var root_4$2 = from_html(`<p class="quiet">Choose another one below to set beside it.</p>`);
var root_5$1 = from_html(`<div class="scroll svelte-kipino" tabindex="0" role="group" aria-label="Compared"><table class="svelte-kipino"><thead class="svelte-kipino"><tr><th scope="col" class="svelte-kipino"><span class="hidden">Figure</span></th><!></tr></thead><tbody class="svelte-kipino"></tbody></table></div> <!>`, 1);
function CompareExecutions($$anchor, $$props) {
	push($$props, true);
	/** Several executions beside each other: what each paid, how fast, by which orders. */
	let costs = state([]);
	let error = state("");
	user_effect(() => {
		if (session.locked) return;
		let over = false;
		const read = (id) => get$1("/api/v1/trading/tca/executions/{parent_id}", { at: { parent_id: id } });
		Promise.all($$props.ids.map(read)).then((found) => {
			if (!over) (($$value) => {
				var $$array = to_array($$value, 2);
				set(costs, $$array[0]);
				set(error, $$array[1], true);
			})([found, ""]);
		}, (failure) => {
			if (!over) set(error, said(failure), true);
		});
		return () => void (over = true);
	});
	const bps = (value) => value === null || value === void 0 ? "–" : signed(value, 2);
	const rows = [
		["Strategy", (cost) => cost.strategy ?? "–"],
		["Instrument", (cost) => cost.instrument_id],
		["Side", (cost) => cost.side],
		["Size", (cost) => shown(cost.size)],
		["Filled", (cost) => percent(cost.fill_rate)],
		["Average price", (cost) => price(cost.average_price)],
		["Against arrival, bps", (cost) => bps(cost.arrival_slippage_bps)],
		["Delay", (cost) => bps(cost.shortfall?.bps.delay)],
		["Spread", (cost) => bps(cost.shortfall?.bps.spread)],
		["Execution", (cost) => bps(cost.shortfall?.bps.execution)],
		["Opportunity", (cost) => bps(cost.shortfall?.bps.opportunity)],
		["Fees", (cost) => bps(cost.shortfall?.bps.fees)],
		["Shortfall, bps", (cost) => bps(cost.shortfall?.bps.total)],
		["Against VWAP, bps", (cost) => bps(cost.market?.vwap_without_own_slippage_bps)],
		["Participation", (cost) => percent(cost.market?.participation)],
		["Maker share", (cost) => percent(cost.maker_share)],
		["Orders", (cost) => String(cost.orders.length)],
		["Took", (cost) => span(cost.duration_seconds)]
	];
	const without = (id) => $$props.ids.filter((each) => each !== id);
	{
		const aside = ($$anchor) => {
			var button = root$3();
			delegated("click", button, () => address.set({ with: null }));
			append($$anchor, button);
		};
		Panel($$anchor, {
			title: "Compared",
			get count() {
				return $$props.ids.length;
			},
			get error() {
				return get(error);
			},
			aside,
			children: ($$anchor, $$slotProps) => {
				var fragment_1 = root_5$1();
				var div = first_child(fragment_1);
				var table = child(div);
				var thead = child(table);
				var tr = child(thead);
				var node = sibling(child(tr));
				each(node, 17, () => get(costs), (cost) => cost.id, ($$anchor, cost) => {
					var th = root_1$2();
					var a = child(th);
					var text = only_child(a, true);
					var button_1 = sibling(a, 2);
					reset(th);
					template_effect(($0, $1, $2) => {
						set_attribute(a, "href", $0);
						set_text(text, $1);
						set_attribute(button_1, "aria-label", `Without ${$2 ?? ""}`);
					}, [
						() => link(`/executions/${get(cost).id}`),
						() => get(cost).id.slice(0, 8),
						() => get(cost).id.slice(0, 8)
					]);
					delegated("click", button_1, () => address.set({ with: without(get(cost).id) }));
					append($$anchor, th);
				});
				reset(tr);
				reset(thead);
				var tbody = sibling(thead);
				each(tbody, 21, () => rows, ([title, value]) => title, ($$anchor, $$item) => {
					var $$array_1 = user_derived(() => to_array(get($$item), 2));
					let title = () => get($$array_1)[0];
					let value = () => get($$array_1)[1];
					var tr_1 = root_3$2();
					var th_1 = child(tr_1);
					var text_1 = only_child(th_1, true);
					var node_1 = sibling(th_1);
					each(node_1, 17, () => get(costs), (cost) => cost.id, ($$anchor, cost) => {
						var td = root_2$2();
						var text_2 = only_child(td, true);
						template_effect(($0) => set_text(text_2, $0), [() => value()(get(cost))]);
						append($$anchor, td);
					});
					reset(tr_1);
					template_effect(() => set_text(text_1, title()));
					append($$anchor, tr_1);
				});
				reset(tbody);
				reset(table);
				reset(div);
				var node_2 = sibling(div, 2);
				var consequent = ($$anchor) => {
					var p = root_4$2();
					append($$anchor, p);
				};
				if_block(node_2, ($$render) => {
					if ($$props.ids.length < 2) $$render(consequent);
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
delegate(["click"]);
// src/core/execution.ts
/** What is drawn of one execution: the market's price with its fills on it, and its schedule against what has filled. */
var seconds = (instant) => Date.parse(instant) / 1e3;
/** Values of several kinds over one axis of times: null where a kind says nothing. Of one instant the last one counts. */
function together(kinds) {
	const times = [...new Set(kinds.flatMap((kind) => kind.map(([at]) => at)))].sort((a, b) => a - b);
	return {
		times,
		lines: kinds.map((kind) => {
			const known = new Map(kind);
			return times.map((at) => known.get(at) ?? null);
		})
	};
}
/** What had filled after each fill, exactly; fills in the order of their times. */
function filledAfter(fills) {
	let filled = "0";
	return [...fills].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)).map(({ at, size }) => ({
		at,
		filled: filled = add(filled, size)
	}));
}
/** [the market's price, the fills' prices, the price at arrival]. */
function pricePath(candles, fills, arrival) {
	const market = candles.map((each) => [seconds(each.opened_at), approximate(each.open)]);
	const ours = fills.map((each) => [seconds(each.at), approximate(each.price)]);
	const all = [...market, ...ours].map(([at]) => at);
	return together([
		market,
		ours,
		arrival === null || !all.length ? [] : [Math.min(...all), Math.max(...all)].map((at) => [at, approximate(arrival)])
	]);
}
/** Of the report of what is over, else of how it stands, up to its end. */
function looksOf(report, running) {
	return report.length ? report : running.map(({ at, size }) => ({
		at,
		target: size
	}));
}
/** [what the schedule wants, what had filled], from nothing at its start. */
function schedulePath(start, looks, fills, now) {
	const wanted = looks.map((each) => [seconds(each.at), approximate(each.target)]);
	const done = filledAfter(fills).map((each) => [seconds(each.at), approximate(each.filled)]);
	const last = done.at(-1)?.[1] ?? 0;
	return together([wanted, [
		[seconds(start), 0],
		...done,
		[Math.max(seconds(now), done.at(-1)?.[0] ?? 0), last]
	]]);
}
/** The bar of candles with which so long a time is drawn by at most a few hundred. */
function barFor(spanSeconds) {
	return [
		["1m", 60],
		["5m", 300],
		["15m", 900],
		["1h", 3600],
		["4h", 14400]
	].find(([, length]) => spanSeconds / length <= 240)?.[0] ?? "1d";
}
// src/parts/AmendExecution.svelte
var root$2 = from_html(`<span class="bad"> </span>`);
var root_1$1 = from_html(`<label class="svelte-18rpprn"><span> </span> <input autocomplete="off" class="svelte-18rpprn"/> <!></label>`);
var root_2$1 = from_html(`<details><summary>Its parameters</summary><div class="fields svelte-18rpprn"></div></details>`);
var root_3$1 = from_html(`<p class="bad" role="alert"> </p>`);
var root_4$1 = from_html(`<form class="svelte-18rpprn"><label class="svelte-18rpprn"><span> </span><input name="size" inputmode="decimal" autocomplete="off"/><!></label> <label class="svelte-18rpprn"><span> </span><input name="price" inputmode="decimal" autocomplete="off"/><!></label> <label class="svelte-18rpprn"><span> </span><input name="minutes" inputmode="decimal" autocomplete="off"/><!></label> <label class="svelte-18rpprn"><span>Reason</span><input name="reason" maxlength="200" autocomplete="off"/></label> <!> <!> <div class="row"><span class="grow"></span><button type="button">Back</button><button type="submit" class="go"> </button></div></form>`);
function AmendExecution($$anchor, $$props) {
	push($$props, true);
	/** Change what a running execution is to do; what is left empty stays as it is. A refusal stands at its field. */
	const strategies = polled("/api/v1/trading/strategies", 3600);
	const parameters = user_derived(() => (strategies.value?.strategies.find((each) => each.name === $$props.execution.strategy)?.parameters ?? []).filter((each) => each.amendable));
	let size = state("");
	let price = state("");
	let minutes = state("");
	let reason = state("");
	let changed = state(proxy({}));
	let faults = state([]);
	let failed = state("");
	let sending = state(false);
	const config = user_derived(() => Object.fromEntries(Object.entries(get(changed)).filter(([, value]) => value.trim() !== "")));
	const nothing = user_derived(() => ![
		get(size),
		get(price),
		get(minutes)
	].some((each) => each.trim()) && !Object.keys(get(config)).length);
	const at = (field) => get(faults).filter((each) => each.field === field || each.field.endsWith(`.${field}`)).map((each) => each.rule).join("; ");
	const elsewhere = user_derived(() => get(faults).filter((each) => ![
		"size",
		"price",
		"end_at",
		...get(parameters).map((known) => known.name)
	].some((name) => each.field === name || each.field.endsWith(`.${name}`))));
	const now = (name) => {
		const value = $$props.execution.config[name];
		return value === null || value === void 0 ? "none" : String(value);
	};
	async function amend(event) {
		event.preventDefault();
		if (Number.isNaN(inMinutes(get(minutes)).getTime())) {
			set(faults, [{
				field: "end_at",
				value: get(minutes),
				rule: "must be a number of minutes"
			}]);
			return;
		}
		set(sending, true);
		const act = await acts_.perform(amendExecution($$props.execution, {
			size: get(size).trim(),
			price: get(price).trim(),
			minutes: get(minutes).trim(),
			config: get(config),
			reason: get(reason).trim()
		}));
		set(sending, false);
		set(faults, act.problem?.faults ?? []);
		set(failed, act.problem && !get(faults).length ? act.problem.message : "", true);
		if (!act.problem) $$props.onclose();
	}
	Dialog($$anchor, {
		get title() {
			return `Amend ${$$props.execution.strategy ?? ""} ${$$props.execution.side ?? ""} ${$$props.execution.instrument_id ?? ""}`;
		},
		wide: true,
		get onclose() {
			return $$props.onclose;
		},
		children: ($$anchor, $$slotProps) => {
			var form = root_4$1();
			var label = child(form);
			var span = child(label);
			var text = only_child(span);
			var input = sibling(span);
			remove_input_defaults(input);
			var node = sibling(input);
			var consequent = ($$anchor) => {
				var span_1 = root$2();
				var text_1 = only_child(span_1, true);
				template_effect(($0) => set_text(text_1, $0), [() => at("size")]);
				append($$anchor, span_1);
			};
			var d = user_derived(() => at("size"));
			if_block(node, ($$render) => {
				if (get(d)) $$render(consequent);
			});
			reset(label);
			var label_1 = sibling(label, 2);
			var span_2 = child(label_1);
			var text_2 = only_child(span_2);
			var input_1 = sibling(span_2);
			remove_input_defaults(input_1);
			var node_1 = sibling(input_1);
			var consequent_1 = ($$anchor) => {
				var span_3 = root$2();
				var text_3 = only_child(span_3, true);
				template_effect(($0) => set_text(text_3, $0), [() => at("price")]);
				append($$anchor, span_3);
			};
			var d_1 = user_derived(() => at("price"));
			if_block(node_1, ($$render) => {
				if (get(d_1)) $$render(consequent_1);
			});
			reset(label_1);
			var label_2 = sibling(label_1, 2);
			var span_4 = child(label_2);
			var text_4 = only_child(span_4);
			var input_2 = sibling(span_4);
			remove_input_defaults(input_2);
			var node_2 = sibling(input_2);
			var consequent_2 = ($$anchor) => {
				var span_5 = root$2();
				var text_5 = only_child(span_5, true);
				template_effect(($0) => set_text(text_5, $0), [() => at("end_at")]);
				append($$anchor, span_5);
			};
			var d_2 = user_derived(() => at("end_at"));
			if_block(node_2, ($$render) => {
				if (get(d_2)) $$render(consequent_2);
			});
			reset(label_2);
			var label_3 = sibling(label_2, 2);
			var input_3 = sibling(child(label_3));
			remove_input_defaults(input_3);
			reset(label_3);
			var node_3 = sibling(label_3, 2);
			var consequent_4 = ($$anchor) => {
				var details = root_2$1();
				var div = sibling(child(details));
				each(div, 21, () => get(parameters), (each) => each.name, ($$anchor, each) => {
					var label_4 = root_1$1();
					var span_6 = child(label_4);
					var text_6 = only_child(span_6);
					var input_4 = sibling(span_6, 2);
					remove_input_defaults(input_4);
					var node_4 = sibling(input_4, 2);
					var consequent_3 = ($$anchor) => {
						var span_7 = root$2();
						var text_7 = only_child(span_7, true);
						template_effect(($0) => set_text(text_7, $0), [() => at(get(each).name)]);
						append($$anchor, span_7);
					};
					var d_3 = user_derived(() => at(get(each).name));
					if_block(node_4, ($$render) => {
						if (get(d_3)) $$render(consequent_3);
					});
					reset(label_4);
					template_effect(($0, $1, $2) => {
						set_attribute(label_4, "title", `${get(each).help ?? ""}${get(each).allowed ? ` (${get(each).allowed})` : ""}`);
						set_text(text_6, `${$0 ?? ""}${get(each).unit ? `, ${get(each).unit}` : ""}`);
						set_attribute(input_4, "name", get(each).name);
						set_attribute(input_4, "placeholder", $1);
						set_value(input_4, get(changed)[get(each).name] ?? "");
						set_attribute(input_4, "aria-invalid", $2);
					}, [
						() => words(get(each).name),
						() => now(get(each).name),
						() => at(get(each).name) ? "true" : void 0
					]);
					delegated("input", input_4, (event) => set(changed, {
						...get(changed),
						[get(each).name]: event.currentTarget.value
					}, true));
					append($$anchor, label_4);
				});
				reset(div);
				reset(details);
				append($$anchor, details);
			};
			if_block(node_3, ($$render) => {
				if (get(parameters).length) $$render(consequent_4);
			});
			var node_5 = sibling(node_3, 2);
			var consequent_5 = ($$anchor) => {
				var p = root_3$1();
				var text_8 = only_child(p, true);
				template_effect(($0) => set_text(text_8, $0), [() => get(failed) || get(elsewhere).map((each) => `${each.field}: ${each.rule}`).join("; ")]);
				append($$anchor, p);
			};
			if_block(node_5, ($$render) => {
				if (get(failed) || get(elsewhere).length) $$render(consequent_5);
			});
			var div_1 = sibling(node_5, 2);
			var button = sibling(child(div_1));
			var button_1 = sibling(button);
			var text_9 = only_child(button_1, true);
			reset(div_1);
			reset(form);
			template_effect(($0, $1, $2, $3, $4, $5) => {
				set_text(text, `Size, now ${$0 ?? ""}`);
				set_attribute(input, "aria-invalid", $1);
				set_text(text_2, `Limit price, now ${$2 ?? ""}`);
				set_attribute(input_1, "aria-invalid", $3);
				set_text(text_4, `Ends in so many minutes, now ${$4 ?? ""}`);
				set_attribute(input_2, "aria-invalid", $5);
				button_1.disabled = get(nothing) || get(sending);
				set_text(text_9, get(sending) ? "…" : "Amend");
			}, [
				() => shown($$props.execution.size),
				() => at("size") ? "true" : void 0,
				() => shown($$props.execution.limit_price),
				() => at("price") ? "true" : void 0,
				() => $$props.execution.end_at ? moment($$props.execution.end_at) : "without an end",
				() => at("end_at") ? "true" : void 0
			]);
			event("submit", form, amend);
			bind_value(input, () => get(size), ($$value) => set(size, $$value));
			bind_value(input_1, () => get(price), ($$value) => set(price, $$value));
			bind_value(input_2, () => get(minutes), ($$value) => set(minutes, $$value));
			bind_value(input_3, () => get(reason), ($$value) => set(reason, $$value));
			delegated("click", button, function(...$$args) {
				$$props.onclose?.apply(this, $$args);
			});
			append($$anchor, form);
		},
		$$slots: { default: true }
	});
	pop();
}
delegate(["input", "click"]);
// src/parts/ExecutionView.svelte
var root$1 = from_html(`<span class="part svelte-8wnpmd" aria-hidden="true"><span></span></span>`);
var root_1 = from_html(`<p class="quiet"> <a>All executions</a></p>`);
var root_2 = from_html(`<button type="button" class="small">Amend</button>`);
var root_3 = from_html(`<!> <!> <!>`, 1);
var root_4 = from_html(`<a>Story</a> <a>Compare</a> <!>`, 1);
var root_5 = from_html(`<p><span class="quiet"> </span> </p>`);
var root_6 = from_html(`<!> <div class="figures svelte-8wnpmd"><!> <!> <!> <!> <!> <!> <!> <!> <!> <!> <!></div> <!>`, 1);
var root_7 = from_html(`<!> <p class="quiet">Grey: the market; dots: our fills; dashed: the mid at arrival.</p>`, 1);
var root_8 = from_html(`<p class="quiet"> </p>`);
var root_9 = from_html(`<!> <p class="quiet"> </p>`, 1);
var root_10 = from_html(`<p class="quiet">Nothing has filled yet.</p>`);
var root_11 = from_html(`<!> <!>`, 1);
var root_12 = from_html(`<div class="figures svelte-8wnpmd"><!> <!> <!> <!></div> <!>`, 1);
var root_13 = from_html(`<span><span class="quiet"> </span> </span>`);
var root_14 = from_html(`<span><span class="quiet">limit price</span> </span>`);
var root_15 = from_html(`<span><span class="quiet">of</span> </span>`);
var root_16 = from_html(`<p class="config svelte-8wnpmd"><!> <!><!></p> <code> </code>`, 1);
var root_17 = from_html(`<div class="grid"><!> <!> <!> <!> <!> <!> <!></div> <!>`, 1);
function ExecutionView($$anchor, $$props) {
	push($$props, true);
	const bar = ($$anchor, row = noop) => {
		var span_1 = root$1();
		var span_2 = child(span_1);
		let styles;
		reset(span_1);
		template_effect(($0, $1) => {
			set_class(span_2, 1, $0, "svelte-8wnpmd");
			styles = set_style(span_2, "", styles, { width: $1 });
		}, [() => clsx(costTone(row().bps) === "down" ? "dear" : "cheap"), () => `${(Math.abs(approximate(row().bps)) || 0) / get(widest) * 100}%`]);
		append($$anchor, span_1);
	};
	const COST = "/api/v1/trading/tca/executions/{parent_id}";
	const at = user_derived(() => ({ at: { parent_id: $$props.id } }));
	const read = polled("/api/v1/trading/executions/{parent_id}", 3, () => get(at));
	const progress = polled("/api/v1/trading/executions/{parent_id}/progress", 2, () => get(at));
	const cost = polled(COST, 4, () => get(at));
	const execution = user_derived(() => (live.executions ?? []).find((each) => each.parent_id === $$props.id) ?? read.value);
	const ended = user_derived(() => get(execution) !== null && hasEnded(get(execution)));
	const instrument = user_derived(() => get(execution)?.instrument_id ?? null);
	const startAt = user_derived(() => get(execution)?.start_at ?? null);
	const endAt = user_derived(() => get(ended) ? get(execution)?.updated_at ?? null : null);
	const candles = polled("/api/v1/trading/candles/{instrument}", 5, () => {
		if (!get(instrument) || !get(startAt)) return null;
		const bar = barFor((Date.parse(get(endAt) ?? (/* @__PURE__ */ new Date()).toISOString()) - Date.parse(get(startAt))) / 1e3);
		return {
			at: { instrument: get(instrument) },
			query: {
				bar,
				start_date: (/* @__PURE__ */ new Date(Date.parse(get(startAt)) - 3e5)).toISOString(),
				end_date: get(endAt) ? new Date(Date.parse(get(endAt)) + 3e5).toISOString() : null,
				limit: 300
			}
		};
	});
	const fills = user_derived(() => cost.value?.fills ?? []);
	const now = user_derived(() => get(endAt) ?? new Date(live.clock).toISOString());
	const path = user_derived(() => pricePath(candles.value?.candles ?? [], get(fills), progress.value?.arrival_price ?? null));
	const looks = user_derived(() => looksOf(cost.value?.schedule ?? [], progress.value?.schedule ?? []));
	const schedule = user_derived(() => get(execution) ? schedulePath(get(execution).start_at, get(looks), get(fills), get(now)) : null);
	const done = user_derived(() => get(execution) ? approximate(get(execution).filled_size) / approximate(get(execution).size) : 0);
	const due = user_derived(() => get(execution) && progress.value?.scheduled_size ? approximate(progress.value.scheduled_size) / approximate(get(execution).size) : null);
	const costTone = (bps) => [
		"up",
		"",
		"down"
	][sign(bps) + 1] ?? "";
	const bps = (value) => value === null || value === void 0 ? "–" : `${signed(value, 2)} bps`;
	let amending = state(false);
	const parts = user_derived(() => {
		const found = cost.value?.shortfall;
		if (!found) return [];
		return [
			"delay",
			"spread",
			"execution",
			"opportunity",
			"fees",
			"total"
		].map((name) => ({
			name,
			bps: found.bps[name],
			money: found.money[name]
		}));
	});
	const widest = user_derived(() => Math.max(...get(parts).map((each) => Math.abs(approximate(each.bps)) || 0), 1e-9));
	const childColumns = [
		{
			title: "Step",
			number: true,
			value: (row) => String(row.step)
		},
		{
			title: "Order",
			value: (row) => row.order_id,
			hint: (row) => row.order_id
		},
		{
			title: "Price",
			number: true,
			value: (row) => row.price === null ? "market" : shown(row.price)
		},
		{
			title: "Filled / size",
			number: true,
			value: (row) => `${shown(row.filled_size)} / ${shown(row.size)}`
		},
		{
			title: "Status",
			value: (row) => words(row.status)
		},
		{
			title: "Why",
			value: (row) => row.reason,
			hint: (row) => row.reason
		},
		{
			title: "Its end",
			value: (row) => row.ended,
			hint: (row) => row.ended
		}
	];
	const partColumns = [
		{
			title: "Part",
			value: (row) => row.name
		},
		{
			title: "bps",
			number: true,
			value: (row) => row.bps === null ? "not known" : signed(row.bps, 3),
			tone: (row) => costTone(row.bps)
		},
		{
			title: "",
			cell: bar
		},
		{
			title: "Money",
			number: true,
			value: (row) => row.money === null ? "not known" : money(row.money),
			hint: (row) => row.money
		}
	];
	const markColumns = [
		{
			title: "After a fill",
			value: (row) => span(row.horizon_ms / 1e3)
		},
		{
			title: "By",
			value: (row) => row.liquidity ?? ""
		},
		{
			title: "Fills",
			number: true,
			value: (row) => String(row.n)
		},
		{
			title: "Markout, bps",
			number: true,
			value: (row) => signed(row.markout_bps, 2)
		},
		{
			title: "After fees",
			number: true,
			value: (row) => row.net_bps === null ? "" : signed(row.net_bps, 2)
		}
	];
	var fragment = comment();
	var node = first_child(fragment);
	var consequent = ($$anchor) => {
		Panel($$anchor, {
			title: "Execution",
			get error() {
				return read.error;
			},
			children: ($$anchor, $$slotProps) => {
				var p = root_1();
				var text = child(p);
				var a = sibling(text);
				reset(p);
				template_effect(($0) => {
					set_text(text, `${read.error ? "There is nothing to show." : "Reading the execution …"} `);
					set_attribute(a, "href", $0);
				}, [() => link("/executions")]);
				append($$anchor, p);
			},
			$$slots: { default: true }
		});
	};
	var alternate_2 = ($$anchor) => {
		var fragment_2 = root_17();
		var div = first_child(fragment_2);
		var node_1 = child(div);
		{
			const aside = ($$anchor) => {
				var fragment_3 = root_4();
				var a_1 = first_child(fragment_3);
				var a_2 = sibling(a_1, 2);
				var node_2 = sibling(a_2, 2);
				var consequent_5 = ($$anchor) => {
					var fragment_4 = root_3();
					var node_3 = first_child(fragment_4);
					var consequent_1 = ($$anchor) => {
						Lever($$anchor, {
							words: "Resume",
							wish: () => steer(get(execution), "resume")
						});
					};
					var consequent_2 = ($$anchor) => {
						Lever($$anchor, {
							words: "Pause",
							wish: () => steer(get(execution), "pause")
						});
					};
					if_block(node_3, ($$render) => {
						if (get(execution).status === "paused" || get(execution).status === "suspended") $$render(consequent_1);
						else if (get(execution).status === "running") $$render(consequent_2, 1);
					});
					var node_4 = sibling(node_3, 2);
					var consequent_3 = ($$anchor) => {
						var button = root_2();
						delegated("click", button, () => set(amending, true));
						append($$anchor, button);
					};
					if_block(node_4, ($$render) => {
						if (!live.readOnly) $$render(consequent_3);
					});
					var node_5 = sibling(node_4, 2);
					var consequent_4 = ($$anchor) => {
						Lever($$anchor, {
							words: "End",
							wish: () => steer(get(execution), "cancel"),
							danger: true
						});
					};
					if_block(node_5, ($$render) => {
						if (get(execution).status !== "canceling") $$render(consequent_4);
					});
					append($$anchor, fragment_4);
				};
				if_block(node_2, ($$render) => {
					if (!get(ended)) $$render(consequent_5);
				});
				template_effect(($0, $1) => {
					set_attribute(a_1, "href", $0);
					set_attribute(a_2, "href", $1);
				}, [() => link("/history", { q: $$props.id }), () => link("/executions", { with: $$props.id })]);
				append($$anchor, fragment_3);
			};
			let $0 = user_derived(() => read.error || progress.error);
			Panel(node_1, {
				get title() {
					return `${get(execution).strategy ?? ""} ${get(execution).side ?? ""} ${get(execution).instrument_id ?? ""}`;
				},
				get error() {
					return get($0);
				},
				aside,
				children: ($$anchor, $$slotProps) => {
					var fragment_8 = root_6();
					var node_6 = first_child(fragment_8);
					{
						let $0 = user_derived(() => words(get(execution).status));
						let $1 = user_derived(() => get(execution).reason ? `: ${get(execution).reason}` : get(execution).waiting_for ? `: ${get(execution).waiting_for}` : "");
						let $2 = user_derived(() => shown(get(execution).filled_size));
						let $3 = user_derived(() => shown(get(execution).size));
						let $4 = user_derived(() => get(ended) ? null : get(due));
						Meter(node_6, {
							get title() {
								return `${get($0) ?? ""}${get($1) ?? ""}`;
							},
							get words() {
								return `${get($2) ?? ""} of ${get($3) ?? ""}`;
							},
							get share() {
								return get(done);
							},
							get mark() {
								return get($4);
							}
						});
					}
					var div_1 = sibling(node_6, 2);
					var node_7 = child(div_1);
					{
						let $0 = user_derived(() => sideTone(get(execution)));
						Figure(node_7, {
							title: "Side",
							get value() {
								return get(execution).side;
							},
							get tone() {
								return get($0);
							}
						});
					}
					var node_8 = sibling(node_7, 2);
					{
						let $0 = user_derived(() => price(progress.value?.average_price));
						let $1 = user_derived(() => progress.value?.average_price);
						Figure(node_8, {
							title: "Average price",
							get value() {
								return get($0);
							},
							get exact() {
								return get($1);
							}
						});
					}
					var node_9 = sibling(node_8, 2);
					{
						let $0 = user_derived(() => price(progress.value?.arrival_price));
						let $1 = user_derived(() => progress.value?.arrival_price);
						Figure(node_9, {
							title: "Mid at arrival",
							get value() {
								return get($0);
							},
							get exact() {
								return get($1);
							}
						});
					}
					var node_10 = sibling(node_9, 2);
					{
						let $0 = user_derived(() => bps(progress.value?.slippage_bps));
						let $1 = user_derived(() => costTone(progress.value?.slippage_bps));
						Figure(node_10, {
							title: "Against arrival",
							get value() {
								return get($0);
							},
							get tone() {
								return get($1);
							},
							note: "positive is a cost"
						});
					}
					var node_11 = sibling(node_10, 2);
					{
						let $0 = user_derived(() => bps(progress.value?.decision_slippage_bps));
						let $1 = user_derived(() => costTone(progress.value?.decision_slippage_bps));
						let $2 = user_derived(() => progress.value?.decision_price ? `at ${price(progress.value.decision_price)}` : "no price was said");
						Figure(node_11, {
							title: "Against the decision",
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
					var node_12 = sibling(node_11, 2);
					{
						let $0 = user_derived(() => progress.value?.ahead_size == null ? "–" : signed(progress.value.ahead_size, 18, 0));
						let $1 = user_derived(() => progress.value?.ahead_seconds == null ? "" : `${signed(progress.value.ahead_seconds, 0, 0)} s`);
						Figure(node_12, {
							title: "Ahead of its schedule",
							get value() {
								return get($0);
							},
							get note() {
								return get($1);
							}
						});
					}
					var node_13 = sibling(node_12, 2);
					{
						let $0 = user_derived(() => percent(progress.value?.participation));
						Figure(node_13, {
							title: "Participation",
							get value() {
								return get($0);
							}
						});
					}
					var node_14 = sibling(node_13, 2);
					{
						let $0 = user_derived(() => percent(progress.value?.maker_share));
						Figure(node_14, {
							title: "Maker share",
							get value() {
								return get($0);
							}
						});
					}
					var node_15 = sibling(node_14, 2);
					{
						let $0 = user_derived(() => Object.entries(progress.value?.fees ?? {}).map(([currency, fee]) => `${shown(fee, 6)} ${currency}`).join(", ") || "none");
						Figure(node_15, {
							title: "Fees",
							get value() {
								return get($0);
							}
						});
					}
					var node_16 = sibling(node_15, 2);
					{
						let $0 = user_derived(() => when(get(execution).start_at));
						let $1 = user_derived(() => moment(get(execution).start_at));
						Figure(node_16, {
							title: "Began",
							get value() {
								return get($0);
							},
							get exact() {
								return get($1);
							}
						});
					}
					var node_17 = sibling(node_16, 2);
					{
						let $0 = user_derived(() => get(ended) ? "Ended" : "Should end");
						let $1 = user_derived(() => when(get(ended) ? get(execution).updated_at : progress.value?.expected_end ?? get(execution).end_at));
						let $2 = user_derived(() => moment(get(ended) ? get(execution).updated_at : progress.value?.expected_end ?? get(execution).end_at));
						Figure(node_17, {
							get title() {
								return get($0);
							},
							get value() {
								return get($1);
							},
							get exact() {
								return get($2);
							}
						});
					}
					reset(div_1);
					var node_18 = sibling(div_1, 2);
					var consequent_6 = ($$anchor) => {
						var p_1 = root_5();
						var span_3 = child(p_1);
						var text_1 = only_child(span_3);
						var text_2 = sibling(span_3);
						reset(p_1);
						template_effect(($0) => {
							set_text(text_1, `Next${$0 ?? ""}:`);
							set_text(text_2, ` ${progress.value.next_act ?? ""}`);
						}, [() => progress.value.next_at ? `, at ${when(progress.value.next_at)}` : ""]);
						append($$anchor, p_1);
					};
					if_block(node_18, ($$render) => {
						if (!get(ended) && progress.value?.next_act) $$render(consequent_6);
					});
					append($$anchor, fragment_8);
				},
				$$slots: {
					aside: true,
					default: true
				}
			});
		}
		var node_19 = sibling(node_1, 2);
		Panel(node_19, {
			title: "Price",
			class: "half",
			get error() {
				return candles.error;
			},
			children: ($$anchor, $$slotProps) => {
				var fragment_9 = comment();
				var node_20 = first_child(fragment_9);
				var consequent_7 = ($$anchor) => {
					var fragment_10 = root_7();
					var node_21 = first_child(fragment_10);
					{
						let $0 = user_derived(() => [
							{
								title: "Market",
								colour: "quiet",
								values: get(path).lines[0] ?? []
							},
							{
								title: "Fills",
								colour: get(execution).side === "buy" ? "up" : "down",
								values: get(path).lines[1] ?? [],
								dots: true
							},
							{
								title: "Arrival",
								colour: "accent",
								values: get(path).lines[2] ?? [],
								dash: [4, 4]
							}
						]);
						Curve(node_21, {
							label: "The market's price, with the fills as dots and the mid at arrival",
							get times() {
								return get(path).times;
							},
							height: 200,
							get words() {
								return drawn;
							},
							get lines() {
								return get($0);
							}
						});
					}
					next(2);
					append($$anchor, fragment_10);
				};
				var alternate = ($$anchor) => {
					var p_2 = root_8();
					var text_3 = only_child(p_2, true);
					template_effect(() => set_text(text_3, candles.value ? "The exchange has no candle of that time." : "Reading the candles …"));
					append($$anchor, p_2);
				};
				if_block(node_20, ($$render) => {
					if (get(path).times.length) $$render(consequent_7);
					else $$render(alternate, -1);
				});
				append($$anchor, fragment_9);
			},
			$$slots: { default: true }
		});
		var node_22 = sibling(node_19, 2);
		Panel(node_22, {
			title: "Schedule against fills",
			class: "half",
			get error() {
				return cost.error;
			},
			children: ($$anchor, $$slotProps) => {
				var fragment_11 = comment();
				var node_23 = first_child(fragment_11);
				var consequent_8 = ($$anchor) => {
					var fragment_12 = root_9();
					var node_24 = first_child(fragment_12);
					{
						let $0 = user_derived(() => [{
							title: "Filled",
							colour: "accent",
							values: get(schedule).lines[1] ?? [],
							fill: true,
							stepped: true
						}, {
							title: "Scheduled",
							colour: "warn",
							values: get(schedule).lines[0] ?? [],
							dash: [4, 4]
						}]);
						Curve(node_24, {
							label: "What its schedule wanted, and what had filled",
							get times() {
								return get(schedule).times;
							},
							height: 200,
							get words() {
								return drawn;
							},
							get lines() {
								return get($0);
							}
						});
					}
					var p_3 = sibling(node_24, 2);
					var text_4 = only_child(p_3);
					template_effect(() => set_text(text_4, `Filled${get(looks).length ? `; dashed: what its schedule ${get(ended) ? "wanted" : "wants"} by then` : get(ended) ? "" : "; it goes by no schedule"}.`));
					append($$anchor, fragment_12);
				};
				var alternate_1 = ($$anchor) => {
					var p_4 = root_10();
					append($$anchor, p_4);
				};
				if_block(node_23, ($$render) => {
					if (get(schedule) && get(schedule).times.length > 1) $$render(consequent_8);
					else $$render(alternate_1, -1);
				});
				append($$anchor, fragment_11);
			},
			$$slots: { default: true }
		});
		var node_25 = sibling(node_22, 2);
		{
			const aside = ($$anchor) => {
				{
					let $0 = user_derived(() => pathOf(COST, get(at)));
					Download($$anchor, {
						words: "Save the report",
						get path() {
							return get($0);
						},
						kind: "text/html",
						get name() {
							return `cost-${$$props.id ?? ""}.html`;
						}
					});
				}
			};
			let $0 = user_derived(() => get(ended) ? "" : " so far");
			Panel(node_25, {
				get title() {
					return `What it costs${get($0) ?? ""}`;
				},
				class: "half",
				get error() {
					return cost.error;
				},
				aside,
				children: ($$anchor, $$slotProps) => {
					var fragment_14 = root_11();
					var node_26 = first_child(fragment_14);
					Table(node_26, {
						caption: "Implementation shortfall by part",
						get columns() {
							return partColumns;
						},
						get rows() {
							return get(parts);
						},
						id: (row) => row.name,
						empty: "Nothing has filled yet, so nothing has cost."
					});
					var node_27 = sibling(node_26, 2);
					var consequent_9 = ($$anchor) => {
						var p_5 = root_8();
						var text_5 = only_child(p_5);
						template_effect(($0) => set_text(text_5, `Not known: ${$0 ?? ""}`), [() => cost.value.missing.join("; ")]);
						append($$anchor, p_5);
					};
					if_block(node_27, ($$render) => {
						if (cost.value?.missing.length) $$render(consequent_9);
					});
					append($$anchor, fragment_14);
				},
				$$slots: {
					aside: true,
					default: true
				}
			});
		}
		var node_28 = sibling(node_25, 2);
		Panel(node_28, {
			title: "Against the market",
			class: "half",
			get error() {
				return cost.error;
			},
			children: ($$anchor, $$slotProps) => {
				var fragment_15 = root_12();
				var div_2 = first_child(fragment_15);
				var node_29 = child(div_2);
				{
					let $0 = user_derived(() => bps(cost.value?.market?.vwap_without_own_slippage_bps));
					let $1 = user_derived(() => costTone(cost.value?.market?.vwap_without_own_slippage_bps));
					Figure(node_29, {
						title: "VWAP without us",
						get value() {
							return get($0);
						},
						get tone() {
							return get($1);
						}
					});
				}
				var node_30 = sibling(node_29, 2);
				{
					let $0 = user_derived(() => bps(cost.value?.market?.twap_slippage_bps));
					let $1 = user_derived(() => costTone(cost.value?.market?.twap_slippage_bps));
					Figure(node_30, {
						title: "TWAP",
						get value() {
							return get($0);
						},
						get tone() {
							return get($1);
						}
					});
				}
				var node_31 = sibling(node_30, 2);
				{
					let $0 = user_derived(() => bps(cost.value?.effective_spread_bps));
					Figure(node_31, {
						title: "Effective spread",
						get value() {
							return get($0);
						}
					});
				}
				var node_32 = sibling(node_31, 2);
				{
					let $0 = user_derived(() => bps(cost.value?.estimate.walk_bps));
					let $1 = user_derived(() => cost.value?.estimate.surprise_bps == null ? "" : `came ${bps(cost.value.estimate.surprise_bps)} above it`);
					Figure(node_32, {
						title: "Estimate before",
						get value() {
							return get($0);
						},
						get note() {
							return get($1);
						}
					});
				}
				reset(div_2);
				var node_33 = sibling(div_2, 2);
				{
					let $0 = user_derived(() => cost.value?.after_fills ?? []);
					Table(node_33, {
						caption: "Markouts",
						get columns() {
							return markColumns;
						},
						get rows() {
							return get($0);
						},
						id: (row) => `${row.horizon_ms} ${row.liquidity}`,
						empty: "Marks come a tenth of a second to five minutes after a fill.",
						height: 190
					});
				}
				append($$anchor, fragment_15);
			},
			$$slots: { default: true }
		});
		var node_34 = sibling(node_28, 2);
		{
			let $0 = user_derived(() => progress.value?.children.length ?? null);
			Panel(node_34, {
				title: "Its orders",
				get count() {
					return get($0);
				},
				children: ($$anchor, $$slotProps) => {
					{
						let $0 = user_derived(() => [...progress.value?.children ?? []].reverse());
						Table($$anchor, {
							caption: "Its orders",
							get columns() {
								return childColumns;
							},
							get rows() {
								return get($0);
							},
							id: (row) => row.order_id,
							empty: "It has placed none yet.",
							onrow: (row) => address.go("/history", { q: row.order_id })
						});
					}
				},
				$$slots: { default: true }
			});
		}
		var node_35 = sibling(node_34, 2);
		Panel(node_35, {
			title: "Its configuration",
			children: ($$anchor, $$slotProps) => {
				var fragment_17 = root_16();
				var p_6 = first_child(fragment_17);
				var node_36 = child(p_6);
				each(node_36, 17, () => Object.entries(get(execution).config), ([name, value]) => name, ($$anchor, $$item) => {
					var $$array = user_derived(() => to_array(get($$item), 2));
					let name = () => get($$array)[0];
					let value = () => get($$array)[1];
					var fragment_18 = comment();
					var node_37 = first_child(fragment_18);
					var consequent_10 = ($$anchor) => {
						var span_4 = root_13();
						var span_5 = child(span_4);
						var text_6 = only_child(span_5, true);
						var text_7 = sibling(span_5);
						reset(span_4);
						template_effect(($0, $1) => {
							set_text(text_6, $0);
							set_text(text_7, ` ${$1 ?? ""}`);
						}, [() => words(name()), () => String(value())]);
						append($$anchor, span_4);
					};
					if_block(node_37, ($$render) => {
						if (value() !== null) $$render(consequent_10);
					});
					append($$anchor, fragment_18);
				});
				var node_38 = sibling(node_36, 2);
				var consequent_11 = ($$anchor) => {
					var span_6 = root_14();
					var text_8 = sibling(child(span_6));
					reset(span_6);
					template_effect(($0) => set_text(text_8, ` ${$0 ?? ""}`), [() => shown(get(execution).limit_price)]);
					append($$anchor, span_6);
				};
				if_block(node_38, ($$render) => {
					if (get(execution).limit_price) $$render(consequent_11);
				});
				var node_39 = sibling(node_38);
				var consequent_12 = ($$anchor) => {
					var span_7 = root_15();
					var text_9 = sibling(child(span_7));
					reset(span_7);
					template_effect(() => set_text(text_9, ` ${get(execution).strategy_id ?? ""}`));
					append($$anchor, span_7);
				};
				if_block(node_39, ($$render) => {
					if (get(execution).strategy_id) $$render(consequent_12);
				});
				reset(p_6);
				var code = sibling(p_6, 2);
				var text_10 = only_child(code, true);
				template_effect(() => set_text(text_10, get(execution).parent_id));
				append($$anchor, fragment_17);
			},
			$$slots: { default: true }
		});
		reset(div);
		var node_40 = sibling(div, 2);
		var consequent_13 = ($$anchor) => {
			AmendExecution($$anchor, {
				get execution() {
					return get(execution);
				},
				onclose: () => set(amending, false)
			});
		};
		if_block(node_40, ($$render) => {
			if (get(amending)) $$render(consequent_13);
		});
		append($$anchor, fragment_2);
	};
	if_block(node, ($$render) => {
		if (!get(execution)) $$render(consequent);
		else $$render(alternate_2, -1);
	});
	append($$anchor, fragment);
	pop();
}
delegate(["click"]);
// src/pages/Executions.svelte
var root = from_html(`<div class="grid"><!> <!> <!></div>`);
function Executions($$anchor, $$props) {
	push($$props, true);
	/** Every execution, the running ones by the stream, the ended ones as they were; one of them; several compared. */
	const COMPARED_MAX = 6;
	const all = polled("/api/v1/trading/executions", 5, () => ({ query: {
		open_only: false,
		limit: 500
	} }));
	const ended = user_derived(() => all.value?.executions.filter(hasEnded) ?? null);
	const one = user_derived(() => address.after("/executions")[0]);
	const compared = user_derived(() => [...new Set(address.params("with"))]);
	const chosen = (row) => get(compared).includes(row.parent_id);
	function lead(row) {
		if (!get(compared).length) address.go(`/executions/${row.parent_id}`);
		else if (chosen(row)) address.set({ with: get(compared).filter((each) => each !== row.parent_id) });
		else if (get(compared).length < COMPARED_MAX) address.set({ with: [...get(compared), row.parent_id] });
	}
	var fragment = comment();
	var node = first_child(fragment);
	var consequent = ($$anchor) => {
		var fragment_1 = comment();
		var node_1 = first_child(fragment_1);
		key(node_1, () => get(one), ($$anchor) => {
			ExecutionView($$anchor, { get id() {
				return get(one);
			} });
		});
		append($$anchor, fragment_1);
	};
	var alternate = ($$anchor) => {
		var div = root();
		var node_2 = child(div);
		var consequent_1 = ($$anchor) => {
			CompareExecutions($$anchor, { get ids() {
				return get(compared);
			} });
		};
		if_block(node_2, ($$render) => {
			if (get(compared).length) $$render(consequent_1);
		});
		var node_3 = sibling(node_2, 2);
		{
			let $0 = user_derived(() => live.executions?.length ?? null);
			Panel(node_3, {
				title: "Running",
				get count() {
					return get($0);
				},
				children: ($$anchor, $$slotProps) => {
					ExecutionTable($$anchor, {
						get executions() {
							return live.executions;
						},
						onrow: lead,
						chosen
					});
				},
				$$slots: { default: true }
			});
		}
		var node_4 = sibling(node_3, 2);
		{
			let $0 = user_derived(() => get(ended)?.length ?? null);
			Panel(node_4, {
				title: "Ended",
				get count() {
					return get($0);
				},
				get error() {
					return all.error;
				},
				children: ($$anchor, $$slotProps) => {
					ExecutionTable($$anchor, {
						get executions() {
							return get(ended);
						},
						height: 600,
						empty: "None has ended yet.",
						onrow: lead,
						chosen
					});
				},
				$$slots: { default: true }
			});
		}
		reset(div);
		append($$anchor, div);
	};
	if_block(node, ($$render) => {
		if (get(one)) $$render(consequent);
		else $$render(alternate, -1);
	});
	append($$anchor, fragment);
	pop();
}
export { Executions as default };
