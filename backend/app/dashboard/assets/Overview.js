import { append, child, comment, delegate, delegated, each, first_child, from_html, get, if_block, noop, only_child, pop, prop, push, reset, set, set_attribute, set_text, sibling, state, template_effect, to_array, untrack, user_derived, user_effect } from "./svelte.js";
import { Curve, ExecutionTable, Figure, FillTable, Lever, Meter, OrderTable, Panel, Reading, Table, Verdict, acknowledge, acts_, add, address, approximate, cancelAll, get as get$1, live, moment, money, offset, percent, polled, price, session, share, shown, sign, signed, span, strategy, subtract, title, told$1 as told, when } from "./common.js";
import { commands } from "./app.js";
// src/parts/PositionTable.svelte
function PositionTable($$anchor, $$props) {
	push($$props, true);
	/** Positions as they stand, each with its lever. */
	const height = prop($$props, "height", 3, 260);
	const tone = (text) => [
		"down",
		"",
		"up"
	][sign(text) + 1] ?? "";
	const columns = [
		{
			title: "Instrument",
			value: (row) => row.position_side === "net" ? row.instrument_id : `${row.instrument_id} ${row.position_side}`,
			hint: (row) => row.trade_mode
		},
		{
			title: "Size",
			number: true,
			value: (row) => shown(row.size),
			tone: (row) => tone(row.size)
		},
		{
			title: "Entry",
			number: true,
			value: (row) => price(row.entry_price),
			hint: (row) => row.entry_price
		},
		{
			title: "Mark",
			number: true,
			value: (row) => price(row.mark_price),
			hint: (row) => row.marked_at && `of ${moment(row.marked_at)}`
		},
		{
			title: "Worth",
			number: true,
			value: (row) => money(row.notional),
			hint: (row) => row.notional
		},
		{
			title: "Unrealised",
			number: true,
			value: (row) => signed(row.unrealised_pnl),
			tone: (row) => tone(row.unrealised_pnl),
			hint: (row) => row.unrealised_pnl
		},
		{
			title: "Realised",
			number: true,
			value: (row) => signed(row.realised_pnl),
			tone: (row) => tone(row.realised_pnl),
			hint: (row) => row.realised_pnl
		},
		{
			title: "Net",
			number: true,
			value: (row) => signed(row.net_pnl),
			tone: (row) => tone(row.net_pnl),
			hint: (row) => row.net_pnl
		},
		{
			title: "In",
			value: (row) => row.pnl_currency
		}
	];
	Table($$anchor, {
		caption: "Positions",
		get columns() {
			return columns;
		},
		get rows() {
			return $$props.positions;
		},
		id: (row) => `${row.instrument_id} ${row.position_side} ${row.trade_mode}`,
		get height() {
			return height();
		},
		empty: "No positions.",
		onrow: (row) => address.go("/trade", { instrument: row.instrument_id })
	});
	pop();
}
// src/parts/StrategyTable.svelte
function StrategyTable($$anchor, $$props) {
	push($$props, true);
	const levers = ($$anchor, row = noop) => {
		{
			let $0 = user_derived(() => runs(row()) ? "Stop" : "Start");
			Lever($$anchor, {
				get words() {
					return get($0);
				},
				wish: () => strategy(row().strategy.strategy_id, runs(row()) ? "stop" : "start")
			});
		}
	};
	const runs = (row) => row.strategy.standing === "starting" || row.strategy.standing === "running";
	const why = (row) => row.strategy.reason || row.strategy.last_failure || row.strategy.last_refusal;
	const standing = (row) => row.strategy.standing === "failed" ? "bad" : runs(row) ? "" : "warn";
	const columns = [
		{
			title: "Strategy",
			value: (row) => row.strategy.strategy_id
		},
		{
			title: "Standing",
			value: (row) => row.strategy.standing,
			tone: standing
		},
		{
			title: "Why",
			value: why,
			hint: why
		},
		{
			title: "Holds",
			value: (row) => Object.entries(row.strategy.held).map(([of, size]) => `${shown(size)} ${of}`).join(", ")
		},
		{
			title: "At risk / budget",
			number: true,
			value: (row) => `${shown(row.strategy.at_risk, 2)} / ${shown(row.strategy.budget, 2)}`
		},
		{
			title: "Open",
			number: true,
			value: (row) => String(row.strategy.open_orders + row.strategy.open_executions)
		},
		{
			title: "Trips",
			number: true,
			value: (row) => String(row.performance.total_trades)
		},
		{
			title: "Net profit",
			number: true,
			value: (row) => signed(row.performance.net_profit),
			tone: (row) => sign(row.performance.net_profit) < 0 ? "down" : ""
		},
		{
			title: "",
			cell: levers
		}
	];
	Table($$anchor, {
		caption: "Strategies",
		get columns() {
			return columns;
		},
		get rows() {
			return $$props.strategies;
		},
		id: (row) => row.strategy.strategy_id,
		empty: "No strategies."
	});
	pop();
}
// src/pages/Overview.svelte
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
		if (!row().acknowledged_by) $$render(consequent);
	});
	append($$anchor, fragment);
};
var root = from_html(`<div role="group" aria-label="The curve's time"><button class="plain small svelte-1lmp6mx">now</button><button class="plain small svelte-1lmp6mx">by day</button></div>`);
var root_1 = from_html(`<p class="warn" role="status"> </p>`);
var root_2 = from_html(`<p class="quiet blank svelte-1lmp6mx"> </p>`);
var root_3 = from_html(`<div class="figures svelte-1lmp6mx"><!> <!> <!> <!> <!> <!></div> <!>`, 1);
var root_4 = from_html(`<p class="quiet">Reading the limits …</p>`);
var root_5 = from_html(`<p class="quiet worst svelte-1lmp6mx"><span> </span><span> </span></p>`);
var root_6 = from_html(`<!> <!>`, 1);
var root_7 = from_html(`<div class="figures svelte-1lmp6mx"><!> <!> <!> <!> <!> <!> <!> <!></div>`);
var root_8 = from_html(`<div class="grid"><!> <!> <!> <!> <!> <!> <!> <!> <!> <!> <!> <!></div>`);
function Overview($$anchor, $$props) {
	push($$props, true);
	/** One glance: whether all is well, what the account is worth and risks, what is under way. */
	const OPEN_SHOWN = 12;
	const risk = polled("/api/v1/trading/risk-limits", 4);
	const performance = polled("/api/v1/trading/performance", 5, () => ({ seconds: 180 }));
	const own = polled("/api/v1/strategies", 5);
	const account = user_derived(() => live.account);
	const status = user_derived(() => live.status);
	const day = user_derived(() => get(account) ? subtract(subtract(get(account).equity, get(account).day_start_equity), get(account).moved_today) : null);
	const dayShare = user_derived(() => get(account) && sign(get(account).day_start_equity) > 0 ? approximate(get(day)) / approximate(get(account).day_start_equity) : null);
	const tone = (text) => [
		"down",
		"",
		"up"
	][sign(text) + 1] ?? "";
	const places = user_derived(() => get(account) && approximate(get(account).equity) < 10 ? 8 : 2);
	const limits = user_derived(() => (risk.value?.limits ?? []).filter((limit) => limit.used !== null || limit.why !== null));
	/** As it was heard since this page was opened, beside what the day began with. */
	const curve = user_derived(() => {
		const start = get(account) ? approximate(add(get(account).day_start_equity, get(account).moved_today)) : null;
		return {
			times: live.curve.map((each) => each.at / 1e3),
			lines: [{
				title: "Equity",
				colour: "accent",
				values: live.curve.map((each) => approximate(each.equity)),
				fill: true
			}, {
				title: "At the day's start",
				colour: "quiet",
				values: live.curve.map(() => start),
				dash: [4, 4]
			}]
		};
	});
	/** Day by day, as far back as the account's records go: read while it is looked at, for it folds the whole history. */
	let byDay = state(false);
	const sheet = polled("/api/v1/trading/performance/tear-sheet", 60, () => get(byDay) ? { seconds: 180 } : null);
	const daily = user_derived(() => ({
		times: (sheet.value?.days ?? []).map((each) => Date.parse(each.day) / 1e3),
		lines: [{
			title: "Equity",
			colour: "accent",
			values: (sheet.value?.days ?? []).map((each) => approximate(each.equity)),
			fill: true
		}]
	}));
	let scheduled = state({});
	let strategies = state([]);
	const schedules = new Reading(async () => {
		const open = (live.executions ?? []).slice(0, OPEN_SHOWN);
		const read = (id) => get$1("/api/v1/trading/executions/{parent_id}/progress", { at: { parent_id: id } }).catch(() => null);
		const found = await Promise.all(open.map((each) => read(each.parent_id)));
		return Object.fromEntries(found.filter((each) => each !== null).map((each) => [each.parent_id, each.scheduled_size]));
	}, ({ value }) => set(scheduled, value ?? {}));
	user_effect(() => {
		const read = () => void (session.locked || schedules.again());
		const timer = setInterval(read, 3e3);
		untrack(read);
		return () => clearInterval(timer);
	});
	user_effect(() => {
		const names = (own.value?.strategies ?? []).slice(0, OPEN_SHOWN).map((each) => each.strategy_id);
		let over = false;
		Promise.all(names.map((name) => get$1("/api/v1/strategies/{name}", { at: { name } }).catch(() => null))).then((found) => {
			if (!over) set(strategies, found.filter((each) => each !== null));
		});
		return () => void (over = true);
	});
	user_effect(() => commands.add([{
		title: "Cancel all orders",
		run: () => void acts_.perform(cancelAll())
	}]));
	const equityWords = (value) => shown(String(Math.round(value * 100) / 100), 2);
	const alertColumns = [
		{
			title: "Since",
			value: (row) => when(row.fired_at)
		},
		{
			title: "Alert",
			value: (row) => `${row.rule} ${row.subject}`,
			tone: (row) => row.severity === "critical" ? "bad" : "warn"
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
		}
	];
	const eventColumns = [
		{
			title: "Seq",
			number: true,
			value: (row) => String(row.seq)
		},
		{
			title: "Time",
			value: (row) => when(row.at)
		},
		{
			title: "What",
			value: (row) => row.kind
		},
		{
			title: "On whose word",
			value: (row) => row.principal
		},
		{
			title: "Of",
			value: (row) => row.of
		}
	];
	var div = root_8();
	var node_1 = child(div);
	Verdict(node_1, { get risk() {
		return risk;
	} });
	var node_2 = sibling(node_1, 2);
	{
		const aside = ($$anchor) => {
			var div_1 = root();
			var button = child(div_1);
			var button_1 = sibling(button);
			reset(div_1);
			template_effect(() => {
				set_attribute(button, "aria-pressed", !get(byDay));
				set_attribute(button_1, "aria-pressed", get(byDay));
			});
			delegated("click", button, () => set(byDay, false));
			delegated("click", button_1, () => set(byDay, true));
			append($$anchor, div_1);
		};
		Panel(node_2, {
			title: "Account",
			class: "most",
			get error() {
				return performance.error;
			},
			aside,
			children: ($$anchor, $$slotProps) => {
				var fragment_2 = root_3();
				var div_2 = first_child(fragment_2);
				var node_3 = child(div_2);
				{
					let $0 = user_derived(() => get(account)?.valuation_currency ?? "");
					let $1 = user_derived(() => shown(get(account)?.equity, get(places), get(places) === 2 ? 2 : 0));
					let $2 = user_derived(() => get(account)?.equity);
					Figure(node_3, {
						get title() {
							return `Equity, ${get($0) ?? ""}`;
						},
						get value() {
							return get($1);
						},
						get exact() {
							return get($2);
						}
					});
				}
				var node_4 = sibling(node_3, 2);
				{
					let $0 = user_derived(() => signed(get(day), get(places)));
					let $1 = user_derived(() => tone(get(day)));
					let $2 = user_derived(() => get(dayShare) === null ? "" : percent(get(dayShare)));
					Figure(node_4, {
						title: "Today",
						get value() {
							return get($0);
						},
						get tone() {
							return get($1);
						},
						get exact() {
							return get(day);
						},
						get note() {
							return get($2);
						}
					});
				}
				var node_5 = sibling(node_4, 2);
				{
					let $0 = user_derived(() => signed(performance.value?.unrealized_pnl));
					let $1 = user_derived(() => tone(performance.value?.unrealized_pnl));
					let $2 = user_derived(() => performance.value?.unrealized_pnl);
					Figure(node_5, {
						title: "Unrealised",
						get value() {
							return get($0);
						},
						get tone() {
							return get($1);
						},
						get exact() {
							return get($2);
						}
					});
				}
				var node_6 = sibling(node_5, 2);
				{
					let $0 = user_derived(() => signed(performance.value?.net_profit));
					let $1 = user_derived(() => tone(performance.value?.net_profit));
					let $2 = user_derived(() => performance.value?.net_profit);
					Figure(node_6, {
						title: "Net profit",
						get value() {
							return get($0);
						},
						get tone() {
							return get($1);
						},
						get exact() {
							return get($2);
						}
					});
				}
				var node_7 = sibling(node_6, 2);
				var consequent_1 = ($$anchor) => {
					{
						let $0 = user_derived(() => get(account).unvalued.join(", "));
						Figure($$anchor, {
							title: "Without a price",
							get value() {
								return get($0);
							},
							tone: "warn",
							note: "not in the equity"
						});
					}
				};
				if_block(node_7, ($$render) => {
					if (get(account)?.unvalued.length) $$render(consequent_1);
				});
				var node_8 = sibling(node_7, 2);
				var consequent_2 = ($$anchor) => {
					{
						let $0 = user_derived(() => get(account).stale.join(", "));
						Figure($$anchor, {
							title: "By an old price",
							get value() {
								return get($0);
							},
							tone: "warn"
						});
					}
				};
				if_block(node_8, ($$render) => {
					if (get(account)?.stale.length) $$render(consequent_2);
				});
				reset(div_2);
				var node_9 = sibling(div_2, 2);
				var consequent_3 = ($$anchor) => {
					Curve($$anchor, {
						label: "Equity since this page was opened, beside the day's start",
						get times() {
							return get(curve).times;
						},
						get lines() {
							return get(curve).lines;
						},
						height: 140,
						words: equityWords
					});
				};
				var consequent_4 = ($$anchor) => {
					var p = root_1();
					var text_1 = only_child(p, true);
					template_effect(() => set_text(text_1, sheet.error));
					append($$anchor, p);
				};
				var consequent_5 = ($$anchor) => {
					Curve($$anchor, {
						label: "Equity by day",
						get times() {
							return get(daily).times;
						},
						get lines() {
							return get(daily).lines;
						},
						height: 140,
						words: equityWords,
						days: true
					});
				};
				var alternate = ($$anchor) => {
					var p_1 = root_2();
					var text_2 = only_child(p_1, true);
					template_effect(() => set_text(text_2, sheet.value ? "There is one day on record so far: a curve by day begins tomorrow." : "Reading the days …"));
					append($$anchor, p_1);
				};
				if_block(node_9, ($$render) => {
					if (!get(byDay)) $$render(consequent_3);
					else if (sheet.error) $$render(consequent_4, 1);
					else if (get(daily).times.length > 1) $$render(consequent_5, 2);
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
	var node_10 = sibling(node_2, 2);
	Panel(node_10, {
		title: "Limits",
		class: "third",
		get error() {
			return risk.error;
		},
		children: ($$anchor, $$slotProps) => {
			var fragment_7 = root_6();
			var node_11 = first_child(fragment_7);
			each(node_11, 17, () => get(limits), (limit) => limit.name, ($$anchor, limit) => {
				{
					let $0 = user_derived(() => title(get(limit)));
					let $1 = user_derived(() => told(get(limit)));
					let $2 = user_derived(() => share(get(limit)));
					Meter($$anchor, {
						get title() {
							return get($0);
						},
						get words() {
							return get($1);
						},
						get share() {
							return get($2);
						},
						limit: true
					});
				}
			}, ($$anchor) => {
				var p_2 = root_4();
				append($$anchor, p_2);
			});
			var node_12 = sibling(node_11, 2);
			each(node_12, 17, () => risk.value?.positions ?? [], (position) => position.position, ($$anchor, position) => {
				var p_3 = root_5();
				var span_1 = child(p_3);
				var text_3 = only_child(span_1);
				var span_2 = sibling(span_1);
				var text_4 = only_child(span_2);
				reset(p_3);
				template_effect(($0, $1) => {
					set_text(text_3, `${get(position).position ?? ""} if all its orders fill`);
					set_text(text_4, `${$0 ?? ""} · ${$1 ?? ""}`);
				}, [() => money(get(position).worth), () => percent(get(position).of_equity, 1)]);
				append($$anchor, p_3);
			});
			append($$anchor, fragment_7);
		},
		$$slots: { default: true }
	});
	var node_13 = sibling(node_10, 2);
	var consequent_6 = ($$anchor) => {
		Panel($$anchor, {
			title: "Alerts",
			get count() {
				return live.alerts.length;
			},
			children: ($$anchor, $$slotProps) => {
				Table($$anchor, {
					caption: "Alerts",
					get columns() {
						return alertColumns;
					},
					get rows() {
						return live.alerts;
					},
					id: (row) => row.alert_id,
					empty: ""
				});
			},
			$$slots: { default: true }
		});
	};
	if_block(node_13, ($$render) => {
		if (live.alerts.length) $$render(consequent_6);
	});
	var node_14 = sibling(node_13, 2);
	var consequent_7 = ($$anchor) => {
		Panel($$anchor, {
			title: "Executions",
			get count() {
				return live.executions.length;
			},
			children: ($$anchor, $$slotProps) => {
				ExecutionTable($$anchor, {
					get executions() {
						return live.executions;
					},
					get scheduled() {
						return get(scheduled);
					}
				});
			},
			$$slots: { default: true }
		});
	};
	if_block(node_14, ($$render) => {
		if (live.executions?.length) $$render(consequent_7);
	});
	var node_15 = sibling(node_14, 2);
	{
		let $0 = user_derived(() => live.positions?.length ?? null);
		Panel(node_15, {
			title: "Positions",
			class: "half",
			get count() {
				return get($0);
			},
			children: ($$anchor, $$slotProps) => {
				PositionTable($$anchor, { get positions() {
					return live.positions;
				} });
			},
			$$slots: { default: true }
		});
	}
	var node_16 = sibling(node_15, 2);
	{
		const aside = ($$anchor) => {
			var fragment_14 = comment();
			var node_17 = first_child(fragment_14);
			var consequent_8 = ($$anchor) => {
				Lever($$anchor, {
					words: "Cancel all",
					wish: () => cancelAll(),
					danger: true
				});
			};
			if_block(node_17, ($$render) => {
				if (live.orders.length) $$render(consequent_8);
			});
			append($$anchor, fragment_14);
		};
		let $0 = user_derived(() => live.known(live.orders)?.length ?? null);
		Panel(node_16, {
			title: "Open orders",
			class: "half",
			get count() {
				return get($0);
			},
			aside,
			children: ($$anchor, $$slotProps) => {
				{
					let $0 = user_derived(() => live.known(live.orders));
					OrderTable($$anchor, { get orders() {
						return get($0);
					} });
				}
			},
			$$slots: {
				aside: true,
				default: true
			}
		});
	}
	var node_18 = sibling(node_16, 2);
	var consequent_9 = ($$anchor) => {
		Panel($$anchor, {
			title: "Strategies",
			get count() {
				return get(strategies).length;
			},
			get error() {
				return own.error;
			},
			children: ($$anchor, $$slotProps) => {
				StrategyTable($$anchor, { get strategies() {
					return get(strategies);
				} });
			},
			$$slots: { default: true }
		});
	};
	if_block(node_18, ($$render) => {
		if (get(strategies).length) $$render(consequent_9);
	});
	var node_19 = sibling(node_18, 2);
	Panel(node_19, {
		title: "Last fills",
		class: "half",
		children: ($$anchor, $$slotProps) => {
			{
				let $0 = user_derived(() => live.known(live.fills));
				FillTable($$anchor, { get fills() {
					return get($0);
				} });
			}
		},
		$$slots: { default: true }
	});
	var node_20 = sibling(node_19, 2);
	Panel(node_20, {
		title: "Events",
		class: "half",
		children: ($$anchor, $$slotProps) => {
			{
				let $0 = user_derived(() => live.known([...live.events].reverse()));
				Table($$anchor, {
					caption: "Events",
					get columns() {
						return eventColumns;
					},
					get rows() {
						return get($0);
					},
					id: (row) => String(row.seq),
					empty: "Nothing has happened since this page was opened.",
					height: 300
				});
			}
		},
		$$slots: { default: true }
	});
	var node_21 = sibling(node_20, 2);
	Panel(node_21, {
		title: "Performance",
		class: "half",
		get error() {
			return performance.error;
		},
		children: ($$anchor, $$slotProps) => {
			var div_3 = root_7();
			var node_22 = child(div_3);
			{
				let $0 = user_derived(() => shown(String(performance.value?.total_trades ?? "")));
				Figure(node_22, {
					title: "Round trips",
					get value() {
						return get($0);
					}
				});
			}
			var node_23 = sibling(node_22, 2);
			{
				let $0 = user_derived(() => percent(performance.value?.win_rate));
				Figure(node_23, {
					title: "Win rate",
					get value() {
						return get($0);
					}
				});
			}
			var node_24 = sibling(node_23, 2);
			{
				let $0 = user_derived(() => performance.value?.profit_factor?.toFixed(2) ?? "–");
				Figure(node_24, {
					title: "Profit factor",
					get value() {
						return get($0);
					}
				});
			}
			var node_25 = sibling(node_24, 2);
			{
				let $0 = user_derived(() => performance.value?.sharpe_ratio?.toFixed(2) ?? "–");
				Figure(node_25, {
					title: "Sharpe",
					get value() {
						return get($0);
					}
				});
			}
			var node_26 = sibling(node_25, 2);
			{
				let $0 = user_derived(() => percent(performance.value?.max_drawdown));
				Figure(node_26, {
					title: "Max drawdown",
					get value() {
						return get($0);
					}
				});
			}
			var node_27 = sibling(node_26, 2);
			{
				let $0 = user_derived(() => money(performance.value?.total_fees));
				let $1 = user_derived(() => performance.value?.total_fees);
				Figure(node_27, {
					title: "Fees",
					get value() {
						return get($0);
					},
					get exact() {
						return get($1);
					}
				});
			}
			var node_28 = sibling(node_27, 2);
			{
				let $0 = user_derived(() => money(performance.value?.total_funding));
				let $1 = user_derived(() => performance.value?.total_funding);
				Figure(node_28, {
					title: "Funding",
					get value() {
						return get($0);
					},
					get exact() {
						return get($1);
					}
				});
			}
			var node_29 = sibling(node_28, 2);
			{
				let $0 = user_derived(() => money(performance.value?.total_volume));
				let $1 = user_derived(() => performance.value?.total_volume);
				Figure(node_29, {
					title: "Volume",
					get value() {
						return get($0);
					},
					get exact() {
						return get($1);
					}
				});
			}
			reset(div_3);
			append($$anchor, div_3);
		},
		$$slots: { default: true }
	});
	var node_30 = sibling(node_21, 2);
	Panel(node_30, {
		title: "Streams and latency",
		class: "half",
		children: ($$anchor, $$slotProps) => {
			var div_4 = root_7();
			var node_31 = child(div_4);
			each(node_31, 17, () => Object.entries(get(status)?.streams ?? {}), ([name, stream]) => name, ($$anchor, $$item) => {
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
			var node_32 = sibling(node_31, 2);
			{
				let $0 = user_derived(() => live.link.phase === "live" ? "live" : live.link.phase);
				let $1 = user_derived(() => live.link.phase === "live" ? "good" : "bad");
				let $2 = user_derived(() => when(live.link.since));
				Figure(node_32, {
					title: "This page",
					get value() {
						return get($0);
					},
					get tone() {
						return get($1);
					},
					get note() {
						return `since ${get($2) ?? ""}`;
					}
				});
			}
			var node_33 = sibling(node_32, 2);
			{
				let $0 = user_derived(() => span(get(status)?.loop_lag_seconds));
				Figure(node_33, {
					title: "Event loop's lag",
					get value() {
						return get($0);
					}
				});
			}
			var node_34 = sibling(node_33, 2);
			{
				let $0 = user_derived(() => offset(get(status)?.clock_offset_seconds));
				Figure(node_34, {
					title: "Exchange's clock",
					get value() {
						return get($0);
					}
				});
			}
			var node_35 = sibling(node_34, 2);
			{
				let $0 = user_derived(() => get(status)?.lease?.left_seconds == null ? "–" : span(get(status).lease.left_seconds));
				let $1 = user_derived(() => get(status)?.lease?.epoch ? `epoch ${get(status).lease.epoch}` : "");
				Figure(node_35, {
					title: "Lease",
					get value() {
						return get($0);
					},
					get note() {
						return get($1);
					}
				});
			}
			var node_36 = sibling(node_35, 2);
			{
				let $0 = user_derived(() => String(get(status)?.unknown_orders ?? "–"));
				let $1 = user_derived(() => get(status)?.unknown_orders ? "warn" : "");
				Figure(node_36, {
					title: "Unknown orders",
					get value() {
						return get($0);
					},
					get tone() {
						return get($1);
					}
				});
			}
			var node_37 = sibling(node_36, 2);
			{
				let $0 = user_derived(() => shown(String(get(status)?.journal_seq ?? "")));
				Figure(node_37, {
					title: "Journal",
					get value() {
						return get($0);
					}
				});
			}
			var node_38 = sibling(node_37, 2);
			{
				let $0 = user_derived(() => span(get(status)?.uptime_seconds));
				Figure(node_38, {
					title: "Up for",
					get value() {
						return get($0);
					}
				});
			}
			reset(div_4);
			append($$anchor, div_4);
		},
		$$slots: { default: true }
	});
	reset(div);
	append($$anchor, div);
	pop();
}
delegate(["click"]);
export { Overview as default };
