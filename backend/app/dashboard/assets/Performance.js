import { append, child, clsx, comment, delegate, delegated, each, first_child, from_html, get, if_block, init_select, next, noop, only_child, pop, push, reset, select_option, set_attribute, set_class, set_style, set_text, sibling, template_effect, user_derived } from "./svelte.js";
import { Curve, Download, Figure, Panel, Table, address, approximate, byYear, daySeconds, link, moment, pathOf, percent, polled, shown, sign, signed, span, underWater } from "./common.js";
import { Filters } from "./Filters.js";
// src/pages/history/Performance.svelte
var root = from_html(`<span class="bar svelte-1ahrz4p" aria-hidden="true"><span></span></span>`);
var root_1 = from_html(`<p class="quiet"> </p>`);
var root_2 = from_html(`<div class="figures svelte-1ahrz4p"><!> <!> <!> <!> <!> <!> <!> <!> <!> <!></div>`);
var root_3 = from_html(`<div class="figures svelte-1ahrz4p"><!> <!> <!> <!> <!> <!> <!> <!></div>`);
var root_4 = from_html(`<div class="figures svelte-1ahrz4p"><!> <!> <!> <!> <!> <!> <!> <!> <!></div>`);
var root_5 = from_html(`<!> <p class="quiet">What the period began with and has earned since; money moved in or out is not in it.</p>`, 1);
var root_6 = from_html(`<!> <p class="quiet">Of what one unit became, by the closes of the days (UTC); the falls below are of every moment on record.</p>`, 1);
var root_7 = from_html(`<p class="quiet">It takes two days.</p>`);
var root_8 = from_html(`<option> </option>`);
var root_9 = from_html(`<label class="svelte-1ahrz4p">By <select></select></label>`);
var root_10 = from_html(`<label class="svelte-1ahrz4p">Days <select></select></label>`);
var root_11 = from_html(`<!> <p class="quiet">Sharpe ratio.</p> <!> <p class="quiet">Volatility a year.</p>`, 1);
var root_12 = from_html(`<a>What their orders cost</a>`);
var root_13 = from_html(`<!> <p class="quiet">Together they are the whole. Press one to see it alone.</p>`, 1);
var root_14 = from_html(`<p> </p>`);
var root_15 = from_html(`<!> <!>`, 1);
var root_16 = from_html(`<!> <!> <!> <!> <!> <!> <!> <!> <!> <!>`, 1);
var root_17 = from_html(`<div class="grid"><!> <!></div>`);
function Performance($$anchor, $$props) {
	push($$props, true);
	const bar = ($$anchor, row = noop) => {
		var span_1 = root();
		var span_2 = child(span_1);
		let styles;
		reset(span_1);
		template_effect(($0, $1) => {
			set_class(span_2, 1, $0, "svelte-1ahrz4p");
			styles = set_style(span_2, "", styles, { width: $1 });
		}, [() => clsx(sign(row().net_profit) < 0 ? "lost" : "won"), () => `${Math.abs(approximate(row().net_profit)) / get(widest) * 100}%`]);
		append($$anchor, span_1);
	};
	const MONTHS = [
		"Jan",
		"Feb",
		"Mar",
		"Apr",
		"May",
		"Jun",
		"Jul",
		"Aug",
		"Sep",
		"Oct",
		"Nov",
		"Dec"
	];
	const by = user_derived(() => address.param("by") ?? "month");
	const rolled = user_derived(() => address.param("rolling") ?? "30");
	const PATH = "/api/v1/trading/performance/tear-sheet";
	const asked = user_derived(() => ({
		query: {
			start_date: address.param("from"),
			end_date: address.param("to"),
			instrument_id: address.param("instrument"),
			strategy_id: address.param("strategy"),
			period: get(by),
			rolling_days: get(rolled)
		},
		seconds: 180
	}));
	const sheet = polled(PATH, 60, () => get(asked));
	const found = user_derived(() => sheet.value);
	const metrics = user_derived(() => get(found)?.metrics ?? null);
	const currency = user_derived(() => get(metrics)?.valuation_currency ?? "");
	const days = user_derived(() => get(found)?.days ?? []);
	const times = user_derived(() => get(days).map((each) => daySeconds(each.day)));
	const years = user_derived(() => get(by) === "month" ? byYear(get(found)?.periods ?? []) : []);
	const places = user_derived(() => get(metrics) && approximate(get(metrics).ending_equity) < 10 ? 8 : 2);
	const amount = (value) => shown(value, get(places), get(places) === 2 ? 2 : 0);
	const earned = (value) => signed(value, get(places), get(places) === 2 ? 2 : 0);
	const ratio = (value) => value === null || value === void 0 ? "–" : value.toFixed(2).replace("-", "−");
	const gain = (value) => [
		"down",
		"",
		"up"
	][sign(value) + 1] ?? "";
	const change = (value) => !value ? "" : value < 0 ? "down" : "up";
	const minute = (instant) => moment(instant).slice(0, 16);
	const held = (row) => row.strategy_id ?? "no strategy: by hand, of before, funding";
	const widest = user_derived(() => Math.max(...(get(found)?.strategies ?? []).map((each) => Math.abs(approximate(each.net_profit))), 1e-9));
	const yearColumns = [
		{
			title: "Year",
			value: (row) => row.year
		},
		...MONTHS.map((title, at) => ({
			title,
			number: true,
			value: (row) => row.months[at] === void 0 ? " " : percent(row.months[at]),
			tone: (row) => change(row.months[at])
		})),
		{
			title: "Whole",
			number: true,
			value: (row) => percent(row.whole),
			tone: (row) => change(row.whole)
		}
	];
	const periodColumns = [
		{
			title: "Period",
			value: (row) => row.name
		},
		{
			title: "Days",
			value: (row) => row.first_day === row.last_day ? row.first_day : `${row.first_day} to ${row.last_day}`
		},
		{
			title: "Return",
			number: true,
			value: (row) => percent(row.change),
			tone: (row) => change(row.change)
		},
		{
			title: "Earned",
			number: true,
			value: (row) => earned(row.profit),
			hint: (row) => row.profit,
			tone: (row) => gain(row.profit)
		}
	];
	const fallColumns = [
		{
			title: "Depth",
			number: true,
			value: (row) => percent(row.change),
			tone: () => "down"
		},
		{
			title: "Peak",
			value: (row) => minute(row.peak_at),
			hint: (row) => moment(row.peak_at)
		},
		{
			title: "Lowest",
			value: (row) => minute(row.trough_at),
			hint: (row) => moment(row.trough_at)
		},
		{
			title: "Recovered",
			value: (row) => row.recovered_at ? minute(row.recovered_at) : "not yet",
			hint: (row) => row.recovered_at && moment(row.recovered_at)
		},
		{
			title: "Below for",
			number: true,
			value: (row) => span(row.duration_seconds)
		}
	];
	const partColumns = [
		{
			title: "Strategy",
			value: held
		},
		{
			title: "Net profit",
			number: true,
			value: (row) => earned(row.net_profit),
			hint: (row) => row.net_profit,
			tone: (row) => gain(row.net_profit)
		},
		{
			title: "",
			cell: bar
		},
		{
			title: "Unrealised",
			number: true,
			value: (row) => row.unrealized_pnl === null ? "not known" : earned(row.unrealized_pnl),
			hint: (row) => row.unrealized_pnl
		},
		{
			title: "Fees",
			number: true,
			value: (row) => amount(row.total_fees),
			hint: (row) => row.total_fees
		},
		{
			title: "Volume",
			number: true,
			value: (row) => amount(row.total_volume),
			hint: (row) => row.total_volume
		},
		{
			title: "Trips",
			number: true,
			value: (row) => row.total_trades === null ? "" : String(row.total_trades)
		},
		{
			title: "Won",
			number: true,
			value: (row) => percent(row.win_rate)
		},
		{
			title: "Profit factor",
			number: true,
			value: (row) => ratio(row.profit_factor)
		}
	];
	var div = root_17();
	var node = child(div);
	Filters(node, {});
	var node_1 = sibling(node, 2);
	var consequent = ($$anchor) => {
		Panel($$anchor, {
			title: "Performance",
			get error() {
				return sheet.error;
			},
			children: ($$anchor, $$slotProps) => {
				var p = root_1();
				var text = only_child(p, true);
				template_effect(() => set_text(text, sheet.error ? "There is nothing to show: change the period or the filters." : "Reading the period, which folds every trade of it …"));
				append($$anchor, p);
			},
			$$slots: { default: true }
		});
	};
	var alternate_4 = ($$anchor) => {
		var fragment_1 = root_16();
		var node_2 = first_child(fragment_1);
		{
			const aside = ($$anchor) => {
				{
					let $0 = user_derived(() => pathOf(PATH, get(asked)));
					Download($$anchor, {
						words: "Save the tear sheet",
						get path() {
							return get($0);
						},
						kind: "text/html",
						name: "tear-sheet.html"
					});
				}
			};
			Panel(node_2, {
				title: "Return and risk",
				class: "half",
				get error() {
					return sheet.error;
				},
				aside,
				children: ($$anchor, $$slotProps) => {
					var div_1 = root_2();
					var node_3 = child(div_1);
					{
						let $0 = user_derived(() => percent(get(metrics).total_return));
						let $1 = user_derived(() => change(get(metrics).total_return));
						Figure(node_3, {
							title: "Return",
							get value() {
								return get($0);
							},
							get tone() {
								return get($1);
							},
							note: "money moved in or out left out"
						});
					}
					var node_4 = sibling(node_3, 2);
					{
						let $0 = user_derived(() => percent(get(metrics).cagr));
						let $1 = user_derived(() => change(get(metrics).cagr));
						Figure(node_4, {
							title: "Growth a year",
							get value() {
								return get($0);
							},
							get tone() {
								return get($1);
							}
						});
					}
					var node_5 = sibling(node_4, 2);
					{
						let $0 = user_derived(() => percent(get(metrics).volatility));
						Figure(node_5, {
							title: "Volatility a year",
							get value() {
								return get($0);
							}
						});
					}
					var node_6 = sibling(node_5, 2);
					{
						let $0 = user_derived(() => percent(get(metrics).max_drawdown));
						let $1 = user_derived(() => change(get(metrics).max_drawdown));
						let $2 = user_derived(() => get(metrics).max_drawdown_duration_seconds ? `below for ${span(get(metrics).max_drawdown_duration_seconds)}` : "");
						Figure(node_6, {
							title: "Deepest fall",
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
					var node_7 = sibling(node_6, 2);
					{
						let $0 = user_derived(() => ratio(get(metrics).sharpe_ratio));
						let $1 = user_derived(() => get(metrics).sharpe_standard_error === null ? "" : `± ${ratio(get(metrics).sharpe_standard_error)}, of ${get(metrics).days} days`);
						Figure(node_7, {
							title: "Sharpe",
							get value() {
								return get($0);
							},
							get note() {
								return get($1);
							}
						});
					}
					var node_8 = sibling(node_7, 2);
					{
						let $0 = user_derived(() => percent(get(metrics).probabilistic_sharpe_ratio, 1));
						Figure(node_8, {
							title: "True Sharpe above 0",
							get value() {
								return get($0);
							},
							note: "probability"
						});
					}
					var node_9 = sibling(node_8, 2);
					{
						let $0 = user_derived(() => ratio(get(metrics).sortino_ratio));
						Figure(node_9, {
							title: "Sortino",
							get value() {
								return get($0);
							}
						});
					}
					var node_10 = sibling(node_9, 2);
					{
						let $0 = user_derived(() => ratio(get(metrics).calmar_ratio));
						Figure(node_10, {
							title: "Calmar",
							get value() {
								return get($0);
							}
						});
					}
					var node_11 = sibling(node_10, 2);
					{
						let $0 = user_derived(() => percent(get(metrics).value_at_risk));
						let $1 = user_derived(() => get(metrics).value_at_risk === null ? "" : "one in twenty is worse");
						Figure(node_11, {
							title: "A bad day",
							get value() {
								return get($0);
							},
							get note() {
								return get($1);
							}
						});
					}
					var node_12 = sibling(node_11, 2);
					{
						let $0 = user_derived(() => percent(get(metrics).conditional_value_at_risk));
						Figure(node_12, {
							title: "Mean of those",
							get value() {
								return get($0);
							}
						});
					}
					reset(div_1);
					append($$anchor, div_1);
				},
				$$slots: {
					aside: true,
					default: true
				}
			});
		}
		var node_13 = sibling(node_2, 2);
		Panel(node_13, {
			get title() {
				return `Money, ${get(currency) ?? ""}`;
			},
			class: "half",
			get error() {
				return sheet.error;
			},
			children: ($$anchor, $$slotProps) => {
				var div_2 = root_3();
				var node_14 = child(div_2);
				{
					let $0 = user_derived(() => earned(get(metrics).net_profit));
					let $1 = user_derived(() => gain(get(metrics).net_profit));
					Figure(node_14, {
						title: "Net profit",
						get value() {
							return get($0);
						},
						get tone() {
							return get($1);
						},
						get exact() {
							return get(metrics).net_profit;
						}
					});
				}
				var node_15 = sibling(node_14, 2);
				{
					let $0 = user_derived(() => earned(get(metrics).unrealized_pnl));
					let $1 = user_derived(() => gain(get(metrics).unrealized_pnl));
					Figure(node_15, {
						title: "Unrealised",
						get value() {
							return get($0);
						},
						get tone() {
							return get($1);
						},
						get exact() {
							return get(metrics).unrealized_pnl;
						}
					});
				}
				var node_16 = sibling(node_15, 2);
				{
					let $0 = user_derived(() => amount(get(metrics).total_fees));
					Figure(node_16, {
						title: "Fees",
						get value() {
							return get($0);
						},
						get exact() {
							return get(metrics).total_fees;
						}
					});
				}
				var node_17 = sibling(node_16, 2);
				{
					let $0 = user_derived(() => earned(get(metrics).total_funding));
					Figure(node_17, {
						title: "Funding",
						get value() {
							return get($0);
						},
						get exact() {
							return get(metrics).total_funding;
						}
					});
				}
				var node_18 = sibling(node_17, 2);
				{
					let $0 = user_derived(() => amount(get(metrics).starting_equity));
					Figure(node_18, {
						title: "Equity at the start",
						get value() {
							return get($0);
						},
						get exact() {
							return get(metrics).starting_equity;
						}
					});
				}
				var node_19 = sibling(node_18, 2);
				{
					let $0 = user_derived(() => amount(get(metrics).ending_equity));
					Figure(node_19, {
						title: "Equity at the end",
						get value() {
							return get($0);
						},
						get exact() {
							return get(metrics).ending_equity;
						},
						note: "of the start, and earned since"
					});
				}
				var node_20 = sibling(node_19, 2);
				{
					let $0 = user_derived(() => amount(get(metrics).total_volume));
					let $1 = user_derived(() => `${shown(String(get(metrics).fill_count))} fills`);
					Figure(node_20, {
						title: "Volume",
						get value() {
							return get($0);
						},
						get exact() {
							return get(metrics).total_volume;
						},
						get note() {
							return get($1);
						}
					});
				}
				var node_21 = sibling(node_20, 2);
				{
					let $0 = user_derived(() => get(metrics).turnover === null ? "–" : `${ratio(get(metrics).turnover)} ×`);
					Figure(node_21, {
						title: "Turnover",
						get value() {
							return get($0);
						},
						note: "volume for mean equity"
					});
				}
				reset(div_2);
				append($$anchor, div_2);
			},
			$$slots: { default: true }
		});
		var node_22 = sibling(node_13, 2);
		Panel(node_22, {
			title: "Round trips",
			get error() {
				return sheet.error;
			},
			children: ($$anchor, $$slotProps) => {
				var div_3 = root_4();
				var node_23 = child(div_3);
				{
					let $0 = user_derived(() => shown(String(get(metrics).total_trades)));
					let $1 = user_derived(() => get(metrics).open_trips ? `${get(metrics).open_trips} still open` : "");
					Figure(node_23, {
						title: "Closed",
						get value() {
							return get($0);
						},
						get note() {
							return get($1);
						}
					});
				}
				var node_24 = sibling(node_23, 2);
				{
					let $0 = user_derived(() => percent(get(metrics).win_rate));
					let $1 = user_derived(() => `${get(metrics).winning_trades} won, ${get(metrics).losing_trades} lost${get(metrics).scratch_trades ? `, ${get(metrics).scratch_trades} even` : ""}`);
					Figure(node_24, {
						title: "Won",
						get value() {
							return get($0);
						},
						get note() {
							return get($1);
						}
					});
				}
				var node_25 = sibling(node_24, 2);
				{
					let $0 = user_derived(() => ratio(get(metrics).profit_factor));
					Figure(node_25, {
						title: "Profit factor",
						get value() {
							return get($0);
						}
					});
				}
				var node_26 = sibling(node_25, 2);
				{
					let $0 = user_derived(() => ratio(get(metrics).payoff_ratio));
					Figure(node_26, {
						title: "Payoff",
						get value() {
							return get($0);
						},
						note: "mean win for mean loss"
					});
				}
				var node_27 = sibling(node_26, 2);
				{
					let $0 = user_derived(() => earned(get(metrics).expectancy));
					let $1 = user_derived(() => get(metrics).r_multiple === null ? "a trip" : `a trip; ${ratio(get(metrics).r_multiple)} of a mean loss`);
					Figure(node_27, {
						get title() {
							return `Expectancy, ${get(currency) ?? ""}`;
						},
						get value() {
							return get($0);
						},
						get exact() {
							return get(metrics).expectancy;
						},
						get note() {
							return get($1);
						}
					});
				}
				var node_28 = sibling(node_27, 2);
				{
					let $0 = user_derived(() => `${earned(get(metrics).average_win)} / ${earned(get(metrics).average_loss)}`);
					Figure(node_28, {
						title: "Mean win / loss",
						get value() {
							return get($0);
						}
					});
				}
				var node_29 = sibling(node_28, 2);
				{
					let $0 = user_derived(() => `${earned(get(metrics).largest_win)} / ${earned(get(metrics).largest_loss)}`);
					Figure(node_29, {
						title: "Largest win / loss",
						get value() {
							return get($0);
						}
					});
				}
				var node_30 = sibling(node_29, 2);
				{
					let $0 = user_derived(() => span(get(metrics).average_trade_seconds));
					Figure(node_30, {
						title: "A trip takes",
						get value() {
							return get($0);
						},
						note: "on average"
					});
				}
				var node_31 = sibling(node_30, 2);
				{
					let $0 = user_derived(() => percent(get(metrics).exposure_time, 1));
					Figure(node_31, {
						title: "Something held",
						get value() {
							return get($0);
						},
						note: "of the time"
					});
				}
				reset(div_3);
				append($$anchor, div_3);
			},
			$$slots: { default: true }
		});
		var node_32 = sibling(node_22, 2);
		Panel(node_32, {
			get title() {
				return `Equity by day, ${get(currency) ?? ""}`;
			},
			class: "half",
			get error() {
				return sheet.error;
			},
			children: ($$anchor, $$slotProps) => {
				var fragment_3 = comment();
				var node_33 = first_child(fragment_3);
				var consequent_1 = ($$anchor) => {
					var fragment_4 = root_5();
					var node_34 = first_child(fragment_4);
					{
						let $0 = user_derived(() => [{
							title: "Equity",
							colour: "accent",
							values: get(days).map((each) => approximate(each.equity)),
							fill: true
						}]);
						Curve(node_34, {
							label: "Equity at the close of each day",
							get times() {
								return get(times);
							},
							height: 200,
							days: true,
							words: (value) => shown(String(value), 2),
							get lines() {
								return get($0);
							}
						});
					}
					next(2);
					append($$anchor, fragment_4);
				};
				var alternate = ($$anchor) => {
					var p_1 = root_1();
					var text_1 = only_child(p_1, true);
					template_effect(() => set_text(text_1, get(days).length ? "There is one day in it: a curve takes two." : "There is no day in it."));
					append($$anchor, p_1);
				};
				if_block(node_33, ($$render) => {
					if (get(days).length > 1) $$render(consequent_1);
					else $$render(alternate, -1);
				});
				append($$anchor, fragment_3);
			},
			$$slots: { default: true }
		});
		var node_35 = sibling(node_32, 2);
		Panel(node_35, {
			title: "Below the highest so far",
			class: "half",
			get error() {
				return sheet.error;
			},
			children: ($$anchor, $$slotProps) => {
				var fragment_5 = comment();
				var node_36 = first_child(fragment_5);
				var consequent_2 = ($$anchor) => {
					var fragment_6 = root_6();
					var node_37 = first_child(fragment_6);
					{
						let $0 = user_derived(() => [{
							title: "Below",
							colour: "down",
							values: underWater(get(days)),
							fill: true
						}]);
						Curve(node_37, {
							label: "How far each day's close is below the highest so far",
							get times() {
								return get(times);
							},
							height: 200,
							days: true,
							words: (value) => percent(value, 1),
							get lines() {
								return get($0);
							}
						});
					}
					next(2);
					append($$anchor, fragment_6);
				};
				var alternate_1 = ($$anchor) => {
					var p_2 = root_7();
					append($$anchor, p_2);
				};
				if_block(node_36, ($$render) => {
					if (get(days).length > 1) $$render(consequent_2);
					else $$render(alternate_1, -1);
				});
				append($$anchor, fragment_5);
			},
			$$slots: { default: true }
		});
		var node_38 = sibling(node_35, 2);
		{
			const aside = ($$anchor) => {
				var label = root_9();
				var select = sibling(child(label));
				each(select, 20, () => [
					"day",
					"week",
					"month",
					"quarter",
					"year"
				], (each) => each, ($$anchor, each) => {
					var option = root_8();
					var text_2 = only_child(option, true);
					var option_value = {};
					template_effect(() => {
						set_text(text_2, each);
						if (option_value !== (option_value = each)) option.__value = option_value;
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
				delegated("change", select, (event) => address.set({ by: event.currentTarget.value }));
				append($$anchor, label);
			};
			Panel(node_38, {
				get title() {
					return `By ${get(by) ?? ""}`;
				},
				get error() {
					return sheet.error;
				},
				aside,
				children: ($$anchor, $$slotProps) => {
					var fragment_7 = comment();
					var node_39 = first_child(fragment_7);
					var consequent_3 = ($$anchor) => {
						Table($$anchor, {
							caption: "Return by month",
							get columns() {
								return yearColumns;
							},
							get rows() {
								return get(years);
							},
							id: (row) => row.year,
							empty: "There is no day in it."
						});
					};
					var alternate_2 = ($$anchor) => {
						{
							let $0 = user_derived(() => [...get(found).periods].reverse());
							Table($$anchor, {
								get caption() {
									return `Return by ${get(by) ?? ""}`;
								},
								get columns() {
									return periodColumns;
								},
								get rows() {
									return get($0);
								},
								id: (row) => row.name,
								empty: "There is no day in it.",
								height: 300
							});
						}
					};
					if_block(node_39, ($$render) => {
						if (get(by) === "month") $$render(consequent_3);
						else $$render(alternate_2, -1);
					});
					append($$anchor, fragment_7);
				},
				$$slots: {
					aside: true,
					default: true
				}
			});
		}
		var node_40 = sibling(node_38, 2);
		Panel(node_40, {
			title: "Deepest falls",
			class: "half",
			get count() {
				return get(found).drawdowns.length;
			},
			get error() {
				return sheet.error;
			},
			children: ($$anchor, $$slotProps) => {
				Table($$anchor, {
					caption: "Deepest falls",
					get columns() {
						return fallColumns;
					},
					get rows() {
						return get(found).drawdowns;
					},
					id: (row) => row.peak_at,
					empty: "It was never below its highest.",
					height: 300
				});
			},
			$$slots: { default: true }
		});
		var node_41 = sibling(node_40, 2);
		{
			const aside = ($$anchor) => {
				var label_1 = root_10();
				var select_1 = sibling(child(label_1));
				each(select_1, 20, () => [
					"7",
					"30",
					"90",
					"365"
				], (each) => each, ($$anchor, each) => {
					var option_1 = root_8();
					var text_3 = only_child(option_1, true);
					var option_1_value = {};
					template_effect(() => {
						set_text(text_3, each);
						if (option_1_value !== (option_1_value = each)) option_1.__value = option_1_value;
					});
					append($$anchor, option_1);
				});
				reset(select_1);
				var select_1_value;
				init_select(select_1);
				reset(label_1);
				template_effect(() => {
					if (select_1_value !== (select_1_value = get(rolled))) select_1.value = (select_1.__value = select_1_value) ?? "", select_option(select_1, select_1_value);
				});
				delegated("change", select_1, (event) => address.set({ rolling: event.currentTarget.value }));
				append($$anchor, label_1);
			};
			Panel(node_41, {
				get title() {
					return `Of ${get(found).rolling_days ?? ""} days up to each`;
				},
				class: "half",
				get error() {
					return sheet.error;
				},
				aside,
				children: ($$anchor, $$slotProps) => {
					var fragment_11 = comment();
					var node_42 = first_child(fragment_11);
					var consequent_4 = ($$anchor) => {
						const at = user_derived(() => get(found).rolling.map((each) => daySeconds(each.day)));
						var fragment_12 = root_11();
						var node_43 = first_child(fragment_12);
						{
							let $0 = user_derived(() => [{
								title: "Sharpe",
								colour: "accent",
								values: get(found).rolling.map((each) => each.sharpe_ratio)
							}]);
							Curve(node_43, {
								label: "Sharpe ratio of the days up to each",
								get times() {
									return get(at);
								},
								height: 120,
								days: true,
								words: (value) => ratio(value),
								get lines() {
									return get($0);
								}
							});
						}
						var node_44 = sibling(node_43, 4);
						{
							let $0 = user_derived(() => [{
								title: "Volatility",
								colour: "warn",
								values: get(found).rolling.map((each) => each.volatility)
							}]);
							Curve(node_44, {
								label: "Volatility a year of the days up to each",
								get times() {
									return get(at);
								},
								height: 120,
								days: true,
								words: (value) => percent(value, 0),
								get lines() {
									return get($0);
								}
							});
						}
						next(2);
						append($$anchor, fragment_12);
					};
					var alternate_3 = ($$anchor) => {
						var p_3 = root_1();
						var text_4 = only_child(p_3);
						template_effect(() => set_text(text_4, `It takes ${get(found).rolling_days + 1} days, and there ${get(days).length === 1 ? "is 1" : `are ${get(days).length}`}.`));
						append($$anchor, p_3);
					};
					if_block(node_42, ($$render) => {
						if (get(found).rolling.length > 1) $$render(consequent_4);
						else $$render(alternate_3, -1);
					});
					append($$anchor, fragment_11);
				},
				$$slots: {
					aside: true,
					default: true
				}
			});
		}
		var node_45 = sibling(node_41, 2);
		var consequent_5 = ($$anchor) => {
			{
				const aside = ($$anchor) => {
					var a = root_12();
					template_effect(($0) => set_attribute(a, "href", $0), [() => link("/history/costs", { by: "label" })]);
					append($$anchor, a);
				};
				Panel($$anchor, {
					get title() {
						return `Each strategy's part, ${get(currency) ?? ""}`;
					},
					get error() {
						return sheet.error;
					},
					aside,
					children: ($$anchor, $$slotProps) => {
						var fragment_14 = root_13();
						var node_46 = first_child(fragment_14);
						Table(node_46, {
							caption: "Each strategy's part",
							get columns() {
								return partColumns;
							},
							get rows() {
								return get(found).strategies;
							},
							id: (row) => row.strategy_id ?? "",
							empty: "",
							onrow: (row) => row.strategy_id !== null && address.set({ strategy: row.strategy_id })
						});
						next(2);
						append($$anchor, fragment_14);
					},
					$$slots: {
						aside: true,
						default: true
					}
				});
			}
		};
		if_block(node_45, ($$render) => {
			if (get(found).strategies.length) $$render(consequent_5);
		});
		var node_47 = sibling(node_45, 2);
		var consequent_6 = ($$anchor) => {
			Panel($$anchor, {
				title: "What to know",
				children: ($$anchor, $$slotProps) => {
					var fragment_16 = root_15();
					var node_48 = first_child(fragment_16);
					each(node_48, 16, () => get(found).missing, (each) => each, ($$anchor, each) => {
						var p_4 = root_1();
						var text_5 = only_child(p_4);
						template_effect(() => set_text(text_5, `None of ${each ?? ""}.`));
						append($$anchor, p_4);
					});
					var node_49 = sibling(node_48, 2);
					each(node_49, 16, () => get(metrics).notes, (each) => each, ($$anchor, each) => {
						var p_5 = root_14();
						var text_6 = only_child(p_5, true);
						template_effect(() => set_text(text_6, each));
						append($$anchor, p_5);
					});
					append($$anchor, fragment_16);
				},
				$$slots: { default: true }
			});
		};
		if_block(node_47, ($$render) => {
			if (get(found).missing.length || get(metrics).notes.length) $$render(consequent_6);
		});
		append($$anchor, fragment_1);
	};
	if_block(node_1, ($$render) => {
		if (!get(found) || !get(metrics)) $$render(consequent);
		else $$render(alternate_4, -1);
	});
	reset(div);
	append($$anchor, div);
	pop();
}
delegate(["change"]);
export { Performance as default };
