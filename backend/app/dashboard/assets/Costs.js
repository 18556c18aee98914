import { append, child, comment, delegate, delegated, each, first_child, from_html, get, if_block, init_select, next, noop, only_child, pop, push, reset, select_option, set_attribute, set_style, set_text, sibling, template_effect, to_array, user_derived } from "./svelte.js";
import { Download, Panel, Table, address, approximate, hasEnded, link, moment, money, pathOf, percent, polled, shown, sideTone, sign, signed, words } from "./common.js";
import { Filters } from "./Filters.js";
// src/core/costs.ts
/** What is shown of the costs of many orders: which figures, where a spread is drawn, which executions are of a group. Pure. */
var GROUPINGS = {
	strategy: "execution strategy",
	label: "own strategy",
	instrument: "instrument",
	side: "side",
	size: "size",
	day: "day",
	exchange: "exchange",
	arm: "arm of a wheel"
};
var isGrouping = (name) => Object.hasOwn(GROUPINGS, name);
/** From the least to the most of all spreads, zero among them: what they are drawn over. */
function reach(spreads) {
	const all = spreads.flatMap((each) => [
		each.p5,
		each.p95,
		each.mean
	].map(approximate));
	const [low, high] = [Math.min(0, ...all), Math.max(0, ...all)];
	return low === high ? [low - 1, high + 1] : [low, high];
}
/** Where a value stands between them, as a percentage. */
var place = (value, [low, high]) => (Number(value) - low) / (high - low) * 100;
/** How a figure is called, and its unit: markouts are a benefit, all else in bps a cost. */
function figure(name) {
	return name.endsWith("_bps") ? {
		title: words(name.slice(0, -4)),
		unit: "bps"
	} : {
		title: words(name),
		unit: "share"
	};
}
/** Whether an execution that ended is of a group; null where an execution does not say of which one it is. */
function isOf(by, group, execution) {
	switch (by) {
		case "strategy": return execution.strategy === group;
		case "label": return execution.strategy_id === group;
		case "instrument": return execution.instrument_id === group;
		case "side": return execution.side === group;
		case "day": return execution.updated_at.slice(0, 10) === group;
		case "arm": return execution.arm !== null && `${execution.strategy_id}: ${execution.arm}` === group;
		case "exchange": return true;
		case "size": return null;
	}
}
// src/parts/Spread.svelte
var root$1 = from_html(`<span class="spread svelte-9ob5ff" aria-hidden="true"><i class="zero svelte-9ob5ff"></i> <i class="whole svelte-9ob5ff"></i> <i class="half svelte-9ob5ff"></i> <i class="median svelte-9ob5ff"></i> <i class="mean svelte-9ob5ff"></i></span>`);
function Spread($$anchor, $$props) {
	push($$props, true);
	/** How a figure is spread over the orders of a group: p5 to p95, the middle half, the median, and the mean as a dot. */
	const at = (value) => place(value, $$props.over);
	var span = root$1();
	var i = child(span);
	let styles;
	var i_1 = sibling(i, 2);
	let styles_1;
	var i_2 = sibling(i_1, 2);
	let styles_2;
	var i_3 = sibling(i_2, 2);
	let styles_3;
	var i_4 = sibling(i_3, 2);
	let styles_4;
	reset(span);
	template_effect(($0, $1, $2, $3, $4, $5, $6) => {
		styles = set_style(i, "", styles, { left: $0 });
		styles_1 = set_style(i_1, "", styles_1, {
			left: $1,
			width: $2
		});
		styles_2 = set_style(i_2, "", styles_2, {
			left: $3,
			width: $4
		});
		styles_3 = set_style(i_3, "", styles_3, { left: $5 });
		styles_4 = set_style(i_4, "", styles_4, { left: $6 });
	}, [
		() => `${at(0) ?? ""}%`,
		() => `${at($$props.of.p5) ?? ""}%`,
		() => `${at($$props.of.p95) - at($$props.of.p5)}%`,
		() => `${at($$props.of.p25) ?? ""}%`,
		() => `${at($$props.of.p75) - at($$props.of.p25)}%`,
		() => `${at($$props.of.median) ?? ""}%`,
		() => `${at($$props.of.mean) ?? ""}%`
	]);
	append($$anchor, span);
	pop();
}
// src/pages/history/Costs.svelte
var report_of = ($$anchor, row = noop) => {
	var a = root();
	var text = only_child(a, true);
	template_effect(($0, $1) => {
		set_attribute(a, "href", $0);
		set_text(text, $1);
	}, [() => link(`/executions/${row().parent_id}`), () => row().parent_id.slice(0, 8)]);
	append($$anchor, a);
};
var root = from_html(`<a> </a>`);
var root_1 = from_html(`<option> </option>`);
var root_2 = from_html(`<label>By <select></select></label>`);
var root_3 = from_html(`<p class="quiet">Of what ended in the period, against the mid at its decision, fees included; positive is a cost, in basis points of what was ordered. The mean is by notional (the dot); p5 to p95, the middle half and the median count each order once. An interval takes the orders of one day for one draw. Press a group for all of it.</p>`);
var root_4 = from_html(`<p class="warn"> </p>`);
var root_5 = from_html(`<!> <!> <!>`, 1);
var root_6 = from_html(`<button type="button" class="small">Close</button>`);
var root_7 = from_html(`<!> <p class="quiet">Costs are positive; of a markout more is better.</p>`, 1);
var root_8 = from_html(`<!> <p class="quiet">What came = intercept + slope × estimate, against the arrival: right on the whole is a slope of 1.</p>`, 1);
var root_9 = from_html(`<a>All executions</a>`);
var root_10 = from_html(`<p class="quiet">Which ones it is made of an execution does not say: its size here is what it was worth as it was decided.</p>`);
var root_11 = from_html(`<p class="quiet"></p>`);
var root_12 = from_html(`<!> <!>`, 1);
var root_13 = from_html(`<div class="grid"><!> <!> <!> <!></div>`);
function Costs($$anchor, $$props) {
	push($$props, true);
	const spread = ($$anchor, row = noop) => {
		const of = user_derived(() => whole(row()));
		var fragment = comment();
		var node = first_child(fragment);
		var consequent = ($$anchor) => {
			Spread($$anchor, {
				get of() {
					return get(of);
				},
				get over() {
					return get(over);
				}
			});
		};
		if_block(node, ($$render) => {
			if (get(of)) $$render(consequent);
		});
		append($$anchor, fragment);
	};
	const LIMIT = 500;
	const asked = user_derived(() => address.param("by") ?? "strategy");
	const by = user_derived(() => isGrouping(get(asked)) ? get(asked) : "strategy");
	const from = user_derived(() => address.param("from"));
	const to = user_derived(() => address.param("to"));
	const instrument = user_derived(() => address.param("instrument"));
	const PATH = "/api/v1/trading/tca/report";
	const query = user_derived(() => ({
		query: {
			by: get(by),
			start_date: get(from),
			end_date: get(to),
			instrument_id: get(instrument)
		},
		seconds: 180
	}));
	const report = polled(PATH, 30, () => get(query));
	const found = user_derived(() => report.value);
	const key = (row) => `${row.group ?? ""} ${row.currency}`;
	const name = (row) => row.group ?? "none";
	const chosen = user_derived(() => (get(found)?.groups ?? []).find((each) => key(each) === address.param("group")) ?? null);
	const whole = (row) => row.figures.find((each) => each.figure === "total_bps")?.of ?? null;
	const over = user_derived(() => reach((get(found)?.groups ?? []).flatMap((each) => whole(each) ?? [])));
	const trusted = (of) => of.interval ? `${bps(of.interval.low)} to ${bps(of.interval.high)}` : of.why;
	const read = polled("/api/v1/trading/executions", 30, () => get(chosen) && get(by) !== "size" ? { query: {
		open_only: false,
		limit: LIMIT
	} } : null);
	const executions = user_derived(() => {
		const group = get(chosen);
		if (!group) return [];
		const within = (each) => hasEnded(each) && (!get(from) || Date.parse(each.updated_at) >= Date.parse(get(from))) && (!get(to) || Date.parse(each.updated_at) < Date.parse(get(to))) && (!get(instrument) || each.instrument_id === get(instrument));
		return (read.value?.executions ?? []).filter((each) => within(each) && isOf(get(by), group.group, each));
	});
	function bps(value) {
		if (value === null || value === void 0) return "not known";
		return typeof value === "number" ? signed(value.toFixed(2)) : signed(value);
	}
	const costs = (value) => [
		"up",
		"",
		"down"
	][sign(value) + 1] ?? "";
	const told = (row, value) => figure(row.figure).unit === "bps" ? bps(value) : percent(value, 1);
	/** Costs in a coin are small numbers. */
	const amount = (value) => Math.abs(approximate(value)) < 1 ? shown(value, 6) : money(value);
	const groupColumns = user_derived(() => [
		{
			title: `By ${GROUPINGS[get(by)]}`,
			value: name
		},
		{
			title: "Mean, bps",
			number: true,
			value: (row) => bps(whole(row)?.mean),
			hint: (row) => whole(row)?.mean,
			tone: (row) => costs(whole(row)?.mean)
		},
		{
			title: "95 % for the mean",
			value: (row) => {
				const of = whole(row);
				return of ? trusted(of) : "no whole cost is known";
			},
			tone: (row) => whole(row)?.interval ? "" : "quiet"
		},
		{
			title: "Median",
			number: true,
			value: (row) => bps(whole(row)?.median)
		},
		{
			title: "",
			cell: spread
		},
		{
			title: "p5 to p95",
			number: true,
			value: (row) => {
				const of = whole(row);
				return of ? `${bps(of.p5)} to ${bps(of.p95)}` : "";
			}
		},
		{
			title: "Orders",
			number: true,
			value: (row) => shown(String(row.orders))
		},
		{
			title: "Days",
			number: true,
			value: (row) => String(whole(row)?.days ?? "")
		},
		{
			title: "Unmeasured",
			number: true,
			value: (row) => row.unmeasured ? shown(String(row.unmeasured)) : "none",
			tone: (row) => row.unmeasured ? "warn" : ""
		},
		{
			title: "Ordered",
			number: true,
			value: (row) => `${amount(row.notional)} ${row.currency}`,
			hint: (row) => row.notional
		},
		{
			title: "Cost",
			number: true,
			value: (row) => `${amount(row.cost)} ${row.currency}`,
			hint: (row) => row.cost,
			tone: (row) => costs(row.cost)
		}
	]);
	const figureColumns = [
		{
			title: "Figure",
			value: (row) => figure(row.figure).title
		},
		{
			title: "Mean",
			number: true,
			value: (row) => told(row, row.of.mean),
			hint: (row) => row.of.mean
		},
		{
			title: "Unit",
			value: (row) => figure(row.figure).unit === "bps" ? "bps" : "of one"
		},
		{
			title: "95 % for the mean",
			value: (row) => row.of.interval ? `${told(row, row.of.interval.low)} to ${told(row, row.of.interval.high)}` : row.of.why,
			tone: (row) => row.of.interval ? "" : "quiet"
		},
		{
			title: "Median",
			number: true,
			value: (row) => told(row, row.of.median)
		},
		{
			title: "Middle half",
			number: true,
			value: (row) => `${told(row, row.of.p25)} to ${told(row, row.of.p75)}`
		},
		{
			title: "p5 to p95",
			number: true,
			value: (row) => `${told(row, row.of.p5)} to ${told(row, row.of.p95)}`
		},
		{
			title: "n",
			number: true,
			value: (row) => String(row.of.n)
		},
		{
			title: "Days",
			number: true,
			value: (row) => String(row.of.days)
		},
		{
			title: "Weighed by",
			value: (row) => `${row.weight} notional`
		}
	];
	const calibrationColumns = [
		{
			title: "Estimate",
			value: (row) => words(row.estimate)
		},
		{
			title: "n",
			number: true,
			value: (row) => String(row.n)
		},
		{
			title: "Slope",
			number: true,
			value: (row) => row.slope?.toFixed(3) ?? "not known"
		},
		{
			title: "Intercept, bps",
			number: true,
			value: (row) => bps(row.intercept)
		},
		{
			title: "Why not",
			value: (row) => row.why || " "
		}
	];
	const pairColumns = [
		{
			title: "Wheel",
			value: (row) => row.wheel
		},
		{
			title: "Arms",
			value: (row) => `${row.first} less ${row.second}`
		},
		{
			title: "Difference, bps",
			number: true,
			value: (row) => bps(row.difference_bps)
		},
		{
			title: "95 %, of all looks and pairs",
			value: (row) => row.interval ? `${bps(row.interval.low)} to ${bps(row.interval.high)}` : "none"
		},
		{
			title: "Days",
			number: true,
			value: (row) => String(row.days)
		},
		{
			title: "Cheaper",
			value: (row) => row.cheaper ?? "not said",
			tone: (row) => row.cheaper ? "good" : "quiet"
		},
		{
			title: "Why not",
			value: (row) => row.why || " ",
			hint: (row) => row.why
		}
	];
	const executionColumns = [
		{
			title: "Report",
			cell: report_of
		},
		{
			title: "Last change",
			value: (row) => moment(row.updated_at)
		},
		{
			title: "Strategy",
			value: (row) => row.strategy
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
			title: "Filled / size",
			number: true,
			value: (row) => `${shown(row.filled_size)} / ${shown(row.size)}`
		},
		{
			title: "Status",
			value: (row) => words(row.status)
		}
	];
	const choose = (row) => address.set({ group: key(row) === address.param("group") ? null : key(row) });
	var div = root_13();
	var node_1 = child(div);
	Filters(node_1, {
		strategies: false,
		children: ($$anchor, $$slotProps) => {
			var label = root_2();
			var select = sibling(child(label));
			each(select, 21, () => Object.entries(GROUPINGS), ([each, said]) => each, ($$anchor, $$item) => {
				var $$array = user_derived(() => to_array(get($$item), 2));
				let each = () => get($$array)[0];
				let said = () => get($$array)[1];
				var option = root_1();
				var text_1 = only_child(option, true);
				var option_value = {};
				template_effect(() => {
					set_text(text_1, said());
					if (option_value !== (option_value = each())) option.value = (option.__value = option_value) ?? "";
				});
				append($$anchor, option);
			});
			reset(select);
			var select_value;
			init_select(select);
			reset(label);
			template_effect(() => {
				if (select_value !== (select_value = get(by))) select.value = (select.__value = select_value) ?? "", select_option(select, select_value);
			});
			delegated("change", select, (event) => address.set({
				by: event.currentTarget.value,
				group: null
			}));
			append($$anchor, label);
		},
		$$slots: { default: true }
	});
	var node_2 = sibling(node_1, 2);
	{
		const aside = ($$anchor) => {
			var fragment_2 = comment();
			var node_3 = first_child(fragment_2);
			var consequent_1 = ($$anchor) => {
				{
					let $0 = user_derived(() => pathOf(PATH, get(query)));
					Download($$anchor, {
						words: "Save as a page",
						get path() {
							return get($0);
						},
						kind: "text/html",
						get name() {
							return `costs-by-${get(by) ?? ""}.html`;
						}
					});
				}
			};
			if_block(node_3, ($$render) => {
				if (get(found)?.groups.length) $$render(consequent_1);
			});
			append($$anchor, fragment_2);
		};
		let $0 = user_derived(() => get(found)?.orders ?? null);
		Panel(node_2, {
			title: "Whole cost",
			get count() {
				return get($0);
			},
			get error() {
				return report.error;
			},
			aside,
			children: ($$anchor, $$slotProps) => {
				var fragment_4 = root_5();
				var node_4 = first_child(fragment_4);
				{
					let $0 = user_derived(() => get(found)?.groups ?? []);
					let $1 = user_derived(() => get(found)?.unlisted.length ? "What ended in this period cannot be told." : get(found) ? "No order of the market ended in this period." : report.error ? "There is nothing to show: change the period or the filters." : "Reading what ended in the period …");
					Table(node_4, {
						get caption() {
							return `Whole cost by ${GROUPINGS[get(by)] ?? ""}`;
						},
						get columns() {
							return get(groupColumns);
						},
						get rows() {
							return get($0);
						},
						id: key,
						onrow: choose,
						chosen: (row) => row === get(chosen),
						get empty() {
							return get($1);
						}
					});
				}
				var node_5 = sibling(node_4, 2);
				var consequent_2 = ($$anchor) => {
					var p = root_3();
					append($$anchor, p);
				};
				if_block(node_5, ($$render) => {
					if (get(found)?.groups.length) $$render(consequent_2);
				});
				var node_6 = sibling(node_5, 2);
				each(node_6, 17, () => get(found)?.unlisted ?? [], (each) => each.instrument_id, ($$anchor, each) => {
					var p_1 = root_4();
					var text_2 = only_child(p_1);
					template_effect(($0) => set_text(text_2, `Not known: what ${$0 ?? ""} orders of ${get(each).instrument_id ?? ""} cost, which is not listed any more.`), [() => shown(String(get(each).orders))]);
					append($$anchor, p_1);
				});
				append($$anchor, fragment_4);
			},
			$$slots: {
				aside: true,
				default: true
			}
		});
	}
	var node_7 = sibling(node_2, 2);
	var consequent_3 = ($$anchor) => {
		Panel($$anchor, {
			title: "Arms against each other",
			children: ($$anchor, $$slotProps) => {
				Table($$anchor, {
					caption: "Arms against each other",
					get columns() {
						return pairColumns;
					},
					get rows() {
						return get(found).comparisons;
					},
					id: (row) => `${row.wheel} ${row.currency} ${row.first} ${row.second}`,
					empty: ""
				});
			},
			$$slots: { default: true }
		});
	};
	if_block(node_7, ($$render) => {
		if (get(found)?.comparisons.length) $$render(consequent_3);
	});
	var node_8 = sibling(node_7, 2);
	var consequent_7 = ($$anchor) => {
		var fragment_7 = root_5();
		var node_9 = first_child(fragment_7);
		{
			const aside = ($$anchor) => {
				var button = root_6();
				delegated("click", button, () => address.set({ group: null }));
				append($$anchor, button);
			};
			let $0 = user_derived(() => name(get(chosen)));
			let $1 = user_derived(() => get(chosen).currency);
			Panel(node_9, {
				get title() {
					return `Every figure of ${get($0) ?? ""}, ${get($1) ?? ""}`;
				},
				get count() {
					return get(chosen).figures.length;
				},
				aside,
				children: ($$anchor, $$slotProps) => {
					var fragment_8 = root_7();
					var node_10 = first_child(fragment_8);
					{
						let $0 = user_derived(() => name(get(chosen)));
						Table(node_10, {
							get caption() {
								return `Every figure of ${get($0) ?? ""}`;
							},
							get columns() {
								return figureColumns;
							},
							get rows() {
								return get(chosen).figures;
							},
							id: (row) => `${row.figure} ${row.weight}`,
							empty: "Nothing of it could be measured.",
							height: 520
						});
					}
					next(2);
					append($$anchor, fragment_8);
				},
				$$slots: {
					aside: true,
					default: true
				}
			});
		}
		var node_11 = sibling(node_9, 2);
		var consequent_4 = ($$anchor) => {
			Panel($$anchor, {
				title: "What was estimated, and what came",
				children: ($$anchor, $$slotProps) => {
					var fragment_10 = root_8();
					var node_12 = first_child(fragment_10);
					Table(node_12, {
						caption: "What was estimated, and what came",
						get columns() {
							return calibrationColumns;
						},
						get rows() {
							return get(chosen).calibration;
						},
						id: (row) => row.estimate,
						empty: ""
					});
					next(2);
					append($$anchor, fragment_10);
				},
				$$slots: { default: true }
			});
		};
		if_block(node_11, ($$render) => {
			if (get(chosen).calibration.length) $$render(consequent_4);
		});
		var node_13 = sibling(node_11, 2);
		var consequent_5 = ($$anchor) => {
			{
				const aside = ($$anchor) => {
					var a_1 = root_9();
					template_effect(($0) => set_attribute(a_1, "href", $0), [() => link("/executions")]);
					append($$anchor, a_1);
				};
				Panel($$anchor, {
					title: "Its executions",
					aside,
					children: ($$anchor, $$slotProps) => {
						var p_2 = root_10();
						append($$anchor, p_2);
					},
					$$slots: {
						aside: true,
						default: true
					}
				});
			}
		};
		var alternate = ($$anchor) => {
			{
				let $0 = user_derived(() => read.value ? get(executions).length : null);
				Panel($$anchor, {
					title: "Its executions",
					get count() {
						return get($0);
					},
					get error() {
						return read.error;
					},
					children: ($$anchor, $$slotProps) => {
						var fragment_13 = root_12();
						var node_14 = first_child(fragment_13);
						{
							let $0 = user_derived(() => read.value ? "None: it is made of orders without one." : read.error ? "There is nothing to show." : "Reading the executions …");
							Table(node_14, {
								caption: "Its executions",
								get columns() {
									return executionColumns;
								},
								get rows() {
									return get(executions);
								},
								id: (row) => row.parent_id,
								height: 360,
								onrow: (row) => address.go(`/executions/${row.parent_id}`),
								get empty() {
									return get($0);
								}
							});
						}
						var node_15 = sibling(node_14, 2);
						var consequent_6 = ($$anchor) => {
							var p_3 = root_11();
							p_3.textContent = "Looked for among the newest 500 executions.";
							append($$anchor, p_3);
						};
						if_block(node_15, ($$render) => {
							if ((read.value?.executions.length ?? 0) >= LIMIT) $$render(consequent_6);
						});
						append($$anchor, fragment_13);
					},
					$$slots: { default: true }
				});
			}
		};
		if_block(node_13, ($$render) => {
			if (get(by) === "size") $$render(consequent_5);
			else $$render(alternate, -1);
		});
		append($$anchor, fragment_7);
	};
	if_block(node_8, ($$render) => {
		if (get(chosen)) $$render(consequent_7);
	});
	reset(div);
	append($$anchor, div);
	pop();
}
delegate(["change", "click"]);
export { Costs as default };
