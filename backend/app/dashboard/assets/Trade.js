import { append, bind_checked, bind_select_value, bind_this, bind_value, child, clsx, comment, delegate, delegated, each, event, first_child, from_html, get, if_block, index, init_select, key, next, noop, only_child, pop, prop, proxy, push, remove_input_defaults, reset, select_option, set, set_attribute, set_class, set_style, set_text, set_value, sibling, state, template_effect, text, to_array, untrack, user_derived, user_effect } from "./svelte.js";
import { Curve, ExecutionTable, FillTable, Lever, OrderTable, Panel, Problem, Table, absolute, acts_, add, address, amount$1 as amount, approximate, ask, cancelAll, cancelOrder, compare, divide, flatten, followBook, get as get$1, isDecimal, isMultiple, isOver, live, look, moment, money, multiply, percent, placesOf, polled, price, round, said, session, shown, sideTone, sign, signed, span, time, toField, toStep, when, words } from "./common.js";
import { Dialog, Hold, commands } from "./app.js";
import { Nr, Qe, ji, le } from "./prices.js";
// src/parts/Amend.svelte
var root$9 = from_html(`<span class="bad" role="alert"> </span>`);
var root_1$8 = from_html(`<label class="svelte-9jmd1"> <input name="price" inputmode="decimal" autocomplete="off"/></label> <!>`, 1);
var root_2$5 = from_html(`<form novalidate="" class="svelte-9jmd1"><!> <label class="svelte-9jmd1"> <input name="size" inputmode="decimal" autocomplete="off"/></label> <!> <div class="row"><button type="button" class="danger">Cancel the order</button><span class="grow"></span> <button type="button">Back</button><button class="go">Amend</button></div></form>`);
function Amend($$anchor, $$props) {
	push($$props, true);
	/** A new price or size for an open order. */
	/** Where it was dragged to. */
	const before = untrack(() => ({
		price: $$props.order.price,
		size: $$props.order.size,
		wanted: $$props.to ?? $$props.order.price ?? ""
	}));
	let price = state(proxy(before.wanted));
	let size = state(proxy(before.size));
	const wrong = (text, step) => {
		if (!isDecimal(text) || sign(text) <= 0) return "must be a number above 0";
		return isMultiple(text, step) ? "" : `must be a multiple of ${step}: ${toStep(text, step)} is`;
	};
	const now = user_derived(() => live.order($$props.order.order_id) ?? $$props.order);
	const faults = user_derived(() => ({
		price: before.price === null ? "" : wrong(get(price), $$props.instrument.tick),
		size: wrong(get(size), $$props.instrument.lot) || (compare(get(size), get(now).filled_size) <= 0 ? `${shown(get(now).filled_size)} of it is filled already` : "")
	}));
	const changes = user_derived(() => ({
		...before.price !== null && !get(faults).price && compare(get(price), before.price) !== 0 ? { price: get(price).trim() } : {},
		...!get(faults).size && compare(get(size), before.size) !== 0 ? { size: get(size).trim() } : {}
	}));
	const ready = user_derived(() => !get(faults).price && !get(faults).size && Object.keys(get(changes)).length > 0);
	function send(event) {
		event.preventDefault();
		if (!get(ready)) return;
		const { order_id: id, side, instrument_id: market } = $$props.order;
		const wanted = { ...get(changes) };
		acts_.perform({
			title: `Amend ${side} ${market}${wanted.price ? ` to ${shown(wanted.price)}` : ""}${wanted.size ? `, size ${shown(wanted.size)}` : ""}`,
			method: "PATCH",
			path: `/api/v1/trading/orders/${encodeURIComponent(id)}`,
			body: wanted,
			subject: id,
			until: () => {
				const shownNow = live.order(id);
				return live.ended(id) || shownNow !== void 0 && (!wanted.price || compare(shownNow.price ?? "0", wanted.price) === 0) && (!wanted.size || compare(shownNow.size, wanted.size) === 0);
			}
		});
		$$props.onclose();
	}
	function cancel() {
		acts_.perform(cancelOrder($$props.order));
		$$props.onclose();
	}
	{
		let $0 = user_derived(() => $$props.order.side);
		let $1 = user_derived(() => shown($$props.order.size));
		let $2 = user_derived(() => $$props.order.instrument_id);
		Dialog($$anchor, {
			get title() {
				return `Amend ${get($0) ?? ""} ${get($1) ?? ""} ${get($2) ?? ""}`;
			},
			get onclose() {
				return $$props.onclose;
			},
			children: ($$anchor, $$slotProps) => {
				var form = root_2$5();
				var node = child(form);
				var consequent_1 = ($$anchor) => {
					var fragment_1 = root_1$8();
					var label = first_child(fragment_1);
					var text_1 = child(label);
					var input = sibling(text_1);
					remove_input_defaults(input);
					reset(label);
					var node_1 = sibling(label, 2);
					var consequent = ($$anchor) => {
						var span = root$9();
						var text_2 = only_child(span, true);
						template_effect(() => set_text(text_2, get(faults).price));
						append($$anchor, span);
					};
					if_block(node_1, ($$render) => {
						if (get(faults).price) $$render(consequent);
					});
					template_effect(($0) => {
						set_text(text_1, `Price (now ${$0 ?? ""}) `);
						set_attribute(input, "aria-invalid", get(faults).price ? "true" : void 0);
					}, [() => shown(get(now).price)]);
					bind_value(input, () => get(price), ($$value) => set(price, $$value));
					append($$anchor, fragment_1);
				};
				if_block(node, ($$render) => {
					if (before.price !== null) $$render(consequent_1);
				});
				var label_1 = sibling(node, 2);
				var text_3 = child(label_1);
				var input_1 = sibling(text_3);
				remove_input_defaults(input_1);
				reset(label_1);
				var node_2 = sibling(label_1, 2);
				var consequent_2 = ($$anchor) => {
					var span_1 = root$9();
					var text_4 = only_child(span_1, true);
					template_effect(() => set_text(text_4, get(faults).size));
					append($$anchor, span_1);
				};
				if_block(node_2, ($$render) => {
					if (get(faults).size) $$render(consequent_2);
				});
				var div = sibling(node_2, 2);
				var button = child(div);
				var button_1 = sibling(button, 3);
				var button_2 = sibling(button_1);
				reset(div);
				reset(form);
				template_effect(($0) => {
					set_text(text_3, `Size in all, filled part included (filled ${$0 ?? ""}) `);
					set_attribute(input_1, "aria-invalid", get(faults).size ? "true" : void 0);
					button_2.disabled = !get(ready);
				}, [() => shown(get(now).filled_size)]);
				event("submit", form, send);
				bind_value(input_1, () => get(size), ($$value) => set(size, $$value));
				delegated("click", button, cancel);
				delegated("click", button_1, function(...$$args) {
					$$props.onclose?.apply(this, $$args);
				});
				append($$anchor, form);
			},
			$$slots: { default: true }
		});
	}
	pop();
}
delegate(["click"]);
// src/parts/Book.svelte
var root$8 = from_html(`<li><button class="plain svelte-tzs99l" title="Into the ticket"><span> </span><span class="svelte-tzs99l"> </span><span class="quiet svelte-tzs99l"> </span> <i></i></button></li>`);
var root_1$7 = from_html(`<ul class="svelte-tzs99l"></ul>`);
var root_2$4 = from_html(`<div class="book"><div class="head quiet svelte-tzs99l"><span>Price</span><span>Size</span><span>Sum</span></div> <!></div>`);
function Book($$anchor, $$props) {
	push($$props, true);
	/** The best levels of each side, with how much stands up to each; a level's price goes into the ticket. A level stays where it is
	*  whatever its price becomes: a keyboard's focus does not vanish with it. */
	/** At what prices orders of ours rest. */
	/** All prices have as many digits as it. */
	const levels = prop($$props, "levels", 3, 10);
	function summed(rows) {
		let sum = "0";
		return rows.slice(0, levels()).map(([price = "", size = "0"]) => ({
			price,
			size,
			sum: sum = add(sum, size)
		}));
	}
	const sides = user_derived(() => [{
		name: "asks",
		tone: "down",
		rows: summed($$props.asks).reverse()
	}, {
		name: "bids",
		tone: "up",
		rows: summed($$props.bids)
	}]);
	const priced = user_derived(() => (price) => shown(price, 18, placesOf($$props.tick)));
	const wide = user_derived(() => Math.max(...get(sides).flatMap((side) => side.rows.map((row) => get(priced)(row.price).length)), 0) + 1);
	const most = user_derived(() => Math.max(approximate(get(sides)[0]?.rows[0]?.sum), approximate(get(sides)[1]?.rows.at(-1)?.sum), 0) || 1);
	var div = root_2$4();
	let styles;
	var node = sibling(child(div), 2);
	each(node, 17, () => get(sides), (side) => side.name, ($$anchor, side) => {
		var ul = root_1$7();
		each(ul, 21, () => get(side).rows, index, ($$anchor, row) => {
			var li = root$8();
			var button = child(li);
			var span = child(button);
			var text = only_child(span);
			var span_1 = sibling(span);
			var text_1 = only_child(span_1, true);
			var span_2 = sibling(span_1);
			var text_2 = only_child(span_2, true);
			var i = sibling(span_2, 2);
			let styles_1;
			reset(button);
			reset(li);
			template_effect(($0, $1, $2, $3, $4) => {
				set_class(span, 1, clsx(get(side).tone), "svelte-tzs99l");
				set_text(text, `${$0 ?? ""} ${$1 ?? ""}`);
				set_attribute(span_1, "title", get(row).size);
				set_text(text_1, $2);
				set_attribute(span_2, "title", get(row).sum);
				set_text(text_2, $3);
				set_class(i, 1, clsx(get(side).tone), "svelte-tzs99l");
				styles_1 = set_style(i, "", styles_1, { width: $4 });
			}, [
				() => $$props.own.has(get(row).price) ? "●" : "",
				() => get(priced)(get(row).price),
				() => amount(get(row).size),
				() => amount(get(row).sum),
				() => `${approximate(get(row).sum) / get(most) * 100}%`
			]);
			delegated("click", button, () => $$props.onprice(get(row).price));
			append($$anchor, li);
		});
		reset(ul);
		template_effect(() => set_attribute(ul, "aria-label", get(side).name === "asks" ? "Asks" : "Bids"));
		append($$anchor, ul);
	});
	reset(div);
	template_effect(() => styles = set_style(div, "", styles, { "--price": `${get(wide) ?? ""}ch` }));
	append($$anchor, div);
	pop();
}
delegate(["click"]);
// src/parts/Depth.svelte
var root$7 = from_html(`<svg preserveAspectRatio="none" role="img" class="svelte-1ky5zqr"><path class="bids svelte-1ky5zqr"></path><path class="asks svelte-1ky5zqr"></path></svg> <div class="row quiet svelte-1ky5zqr"><span> </span><span class="grow"></span><span> </span></div>`, 1);
var root_1$6 = from_html(`<p class="quiet">No depth is known.</p>`);
function Depth($$anchor, $$props) {
	push($$props, true);
	/** How much stands on each side, by how far from the middle. */
	const WIDE = 300;
	const HIGH = 80;
	function summed(rows) {
		let sum = "0";
		return rows.map(([price = "0", size = "0"]) => ({
			price: approximate(price),
			sum: approximate(sum = add(sum, size)),
			words: sum
		}));
	}
	const left = user_derived(() => summed($$props.bids));
	const right = user_derived(() => summed($$props.asks));
	const low = user_derived(() => get(left).at(-1)?.price ?? 0);
	const high = user_derived(() => get(right).at(-1)?.price ?? 1);
	const most = user_derived(() => Math.max(get(left).at(-1)?.sum ?? 0, get(right).at(-1)?.sum ?? 0) || 1);
	const x = (price) => (price - get(low)) / (get(high) - get(low) || 1) * WIDE;
	const y = (sum) => HIGH - sum / get(most) * 76;
	function path(points) {
		if (!points.length) return "";
		return `${points.map((point, at) => `${at ? `H${x(point.price)}` : `M${x(point.price)},${HIGH}`}V${y(point.sum)}`).join("")}V${HIGH}Z`;
	}
	var fragment = comment();
	var node = first_child(fragment);
	var consequent = ($$anchor) => {
		var fragment_1 = root$7();
		var svg = first_child(fragment_1);
		set_attribute(svg, "viewBox", "0 0 300 80");
		var path_1 = child(svg);
		var path_2 = sibling(path_1);
		reset(svg);
		var div = sibling(svg, 2);
		var span = child(div);
		var text = only_child(span);
		var span_1 = sibling(span, 2);
		var text_1 = only_child(span_1);
		reset(div);
		template_effect(($0, $1, $2, $3, $4, $5) => {
			set_attribute(svg, "aria-label", `Depth: ${$0 ?? ""} bid, ${$1 ?? ""} asked`);
			set_attribute(path_1, "d", $2);
			set_attribute(path_2, "d", $3);
			set_text(text, `${$4 ?? ""} bid`);
			set_text(text_1, `${$5 ?? ""} asked`);
		}, [
			() => get(left).at(-1)?.words,
			() => get(right).at(-1)?.words,
			() => path(get(left)),
			() => path(get(right)),
			() => amount(get(left).at(-1)?.words ?? "0"),
			() => amount(get(right).at(-1)?.words ?? "0")
		]);
		append($$anchor, fragment_1);
	};
	var alternate = ($$anchor) => {
		var p = root_1$6();
		append($$anchor, p);
	};
	if_block(node, ($$render) => {
		if (get(left).length && get(right).length) $$render(consequent);
		else $$render(alternate, -1);
	});
	append($$anchor, fragment);
	pop();
}
// src/parts/Flatten.svelte
var root$6 = from_html(`<p class="bad" role="alert"> </p>`);
var root_1$5 = from_html(`<li> </li>`);
var root_2$3 = from_html(`<li class="quiet">There is nothing to close.</li>`);
var root_3$3 = from_html(`<li class="quiet"> </li>`);
var root_4$3 = from_html(`<ul class="svelte-1eapqle"><!> <!></ul>`);
var root_5$3 = from_html(`<p class="quiet">Reading what would be closed …</p>`);
var root_6$3 = from_html(`<p> </p> <!> <!> <div class="row"><span class="grow"></span><button type="button">Back</button> <!></div>`, 1);
function Flatten($$anchor, $$props) {
	push($$props, true);
	/** What a flatten would close now and what it would leave; held to confirm. */
	const plan = polled("/api/v1/trading/positions/flatten", 3, () => ({ query: { instrument_id: $$props.instrumentId } }));
	const closing = user_derived(() => plan.value?.closing ?? []);
	function held() {
		const wish = flatten($$props.instrumentId);
		$$props.onclose();
		acts_.perform(wish);
	}
	{
		let $0 = user_derived(() => $$props.instrumentId ? `Close the position in ${$$props.instrumentId}` : "Flatten everything");
		Dialog($$anchor, {
			get title() {
				return get($0);
			},
			get onclose() {
				return $$props.onclose;
			},
			wide: true,
			children: ($$anchor, $$slotProps) => {
				var fragment_1 = root_6$3();
				var p = first_child(fragment_1);
				var text$1 = only_child(p);
				var node = sibling(p, 2);
				var consequent = ($$anchor) => {
					var p_1 = root$6();
					var text_1 = only_child(p_1, true);
					template_effect(() => set_text(text_1, plan.error));
					append($$anchor, p_1);
				};
				if_block(node, ($$render) => {
					if (plan.error) $$render(consequent);
				});
				var node_1 = sibling(node, 2);
				var consequent_1 = ($$anchor) => {
					var ul = root_4$3();
					var node_2 = child(ul);
					each(node_2, 17, () => get(closing), (each) => `${each.instrument_id} ${each.position_side}`, ($$anchor, each) => {
						var li = root_1$5();
						var text_2 = only_child(li);
						template_effect(($0, $1) => set_text(text_2, `${get(each).side ?? ""} ${$0 ?? ""} ${get(each).instrument_id ?? ""}${$1 ?? ""}`), [() => shown(get(each).size), () => get(each).value ? `, worth ${money(get(each).value)} ${get(each).value_currency}` : ""]);
						append($$anchor, li);
					}, ($$anchor) => {
						var li_1 = root_2$3();
						append($$anchor, li_1);
					});
					var node_3 = sibling(node_2, 2);
					each(node_3, 17, () => plan.value.left_out, (each) => `${each.instrument_id} ${each.position_side}`, ($$anchor, each) => {
						var li_2 = root_3$3();
						var text_3 = only_child(li_2);
						template_effect(($0) => set_text(text_3, `left: ${$0 ?? ""} ${get(each).instrument_id ?? ""}, ${get(each).reason ?? ""}`), [() => shown(get(each).size)]);
						append($$anchor, li_2);
					});
					reset(ul);
					append($$anchor, ul);
				};
				var alternate = ($$anchor) => {
					var p_2 = root_5$3();
					append($$anchor, p_2);
				};
				if_block(node_1, ($$render) => {
					if (plan.value) $$render(consequent_1);
					else $$render(alternate, -1);
				});
				var div = sibling(node_1, 2);
				var button = sibling(child(div));
				var node_4 = sibling(button, 2);
				{
					let $0 = user_derived(() => !plan.value || !get(closing).length);
					Hold(node_4, {
						onheld: held,
						get disabled() {
							return get($0);
						},
						children: ($$anchor, $$slotProps) => {
							next();
							var text_4 = text();
							template_effect(() => set_text(text_4, `Hold to close ${$$props.instrumentId ? "it" : "all"}`));
							append($$anchor, text_4);
						},
						$$slots: { default: true }
					});
				}
				reset(div);
				template_effect(() => set_text(text$1, `${$$props.instrumentId ? "Its open orders are cancelled, then it is" : "Every open order is cancelled, then every position is"} closed at the market, in pieces where it is large.`));
				delegated("click", button, function(...$$args) {
					$$props.onclose?.apply(this, $$args);
				});
				append($$anchor, fragment_1);
			},
			$$slots: { default: true }
		});
	}
	pop();
}
delegate(["click"]);
// src/parts/Prices.svelte
var root$5 = from_html(`<button title="Drag to a new price, or press to write one"> </button>`);
var root_1$4 = from_html(`<div class="prices svelte-u6lqgy"><div class="chart svelte-u6lqgy" role="img" aria-label="Candles with our orders, fills and average price"></div> <!></div> <p class="quiet note svelte-u6lqgy">Charts by <a href="https://www.tradingview.com/" target="_blank" rel="noopener noreferrer" class="svelte-u6lqgy">TradingView</a> Lightweight Charts</p>`, 1);
function Prices($$anchor, $$props) {
	push($$props, true);
	/** Candles, with our orders, fills and average price drawn on them. An order's handle is dragged to a new price. */
	/** Of what is held, what it was got for. */
	const height = prop($$props, "height", 3, 340);
	let place;
	let chart = null;
	let series = null;
	let markers = null;
	let lines = [];
	let made = state(0);
	let moved = state(0);
	let dragged = state(null);
	/** They are told of ten times a second, and seldom change. */
	const held = user_derived(() => JSON.stringify($$props.averages));
	const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
	const day = (instant) => toField((/* @__PURE__ */ new Date(instant * 1e3)).toISOString()).slice(0, 10);
	const at = (text) => Math.floor(Date.parse(text) / 1e3);
	user_effect(() => {
		look.dark, look.utc, $$props.tick;
		untrack(draw);
		return () => {
			chart?.remove();
			chart = series = markers = null;
			lines = [];
		};
	});
	function draw() {
		const grid = { color: colour("line") };
		const told = (each, mark) => mark < ji.Time ? day(Number(each)) : time(Number(each) * 1e3).slice(0, 5);
		chart = le(place, {
			autoSize: true,
			layout: {
				background: { color: "transparent" },
				textColor: colour("quiet"),
				fontSize: 11,
				attributionLogo: false
			},
			grid: {
				vertLines: grid,
				horzLines: grid
			},
			rightPriceScale: { borderColor: colour("line") },
			timeScale: {
				borderColor: colour("line"),
				timeVisible: true,
				secondsVisible: false,
				tickMarkFormatter: $$props.seconds < 86400 ? told : void 0
			},
			localization: { timeFormatter: (each) => `${day(Number(each))} ${time(Number(each) * 1e3)}` }
		});
		const [up, down] = [colour("up"), colour("down")];
		const precision = placesOf($$props.tick);
		series = chart.addSeries(Qe, {
			upColor: up,
			borderUpColor: up,
			wickUpColor: up,
			downColor: down,
			borderDownColor: down,
			wickDownColor: down,
			priceFormat: {
				type: "price",
				precision,
				minMove: approximate($$props.tick)
			}
		});
		markers = Nr(series, []);
		chart.timeScale().subscribeVisibleLogicalRangeChange(() => set(moved, get(moved) + 1));
		set(made, get(made) + 1);
	}
	user_effect(() => {
		get(made);
		const rows = $$props.candles.map((each) => ({
			time: at(each.opened_at),
			open: approximate(each.open),
			high: approximate(each.high),
			low: approximate(each.low),
			close: approximate(each.close)
		}));
		series?.setData(rows);
		untrack(() => set(moved, get(moved) + 1));
	});
	user_effect(() => {
		get(made);
		const found = /* @__PURE__ */ new Map();
		for (const fill of $$props.fills) {
			const bar = Math.floor(at(fill.traded_at) / $$props.seconds) * $$props.seconds;
			const [shape, name] = fill.side === "buy" ? ["arrowUp", "up"] : ["arrowDown", "down"];
			found.set(`${bar} ${fill.side}`, {
				time: bar,
				position: "atPriceMiddle",
				price: approximate(fill.price),
				shape,
				color: colour(name)
			});
		}
		markers?.setMarkers([...found.values()].sort((a, b) => Number(a.time) - Number(b.time)));
	});
	user_effect(() => {
		get(made);
		for (const line of lines) series?.removePriceLine(line);
		const wanted = $$props.orders.filter((order) => order.price !== null).map((order) => ({
			price: order.price,
			name: order.side === "buy" ? "up" : "down",
			title: `${order.side} ${shown(order.remaining_size)}`,
			lineStyle: 2
		}));
		get(held);
		for (const { price, title } of untrack(() => $$props.averages)) wanted.push({
			price,
			name: "accent",
			title,
			lineStyle: 2
		});
		lines = wanted.flatMap(({ price, name, title, lineStyle }) => series?.createPriceLine({
			price: approximate(price),
			color: colour(name),
			lineWidth: 1,
			lineStyle,
			title,
			axisLabelVisible: true
		}) ?? []);
		untrack(() => set(moved, get(moved) + 1));
	});
	const handles = user_derived(() => {
		get(made), get(moved), $$props.candles;
		return $$props.orders.filter((order) => order.price !== null && !order.cancel_requested).map((order) => ({
			order,
			y: get(dragged)?.order.order_id === order.order_id ? get(dragged).y : series?.priceToCoordinate(approximate(order.price))
		})).filter((each) => typeof each.y === "number" && (each.order.order_id === get(dragged)?.order.order_id || each.y >= 0 && each.y <= height()));
	});
	const target = (y) => {
		const price = series?.coordinateToPrice(y) ?? 0;
		return toStep(round(price.toFixed(Math.min(18, placesOf($$props.tick) + 2)), placesOf($$props.tick)), $$props.tick);
	};
	function begin(event, order, y) {
		event.currentTarget.setPointerCapture(event.pointerId);
		set(dragged, {
			order,
			y
		}, true);
	}
	function drag(event) {
		if (!get(dragged)) return;
		set(dragged, {
			order: get(dragged).order,
			y: event.clientY - place.getBoundingClientRect().top
		}, true);
	}
	function drop() {
		const ended = get(dragged);
		set(dragged, null);
		if (!ended) return;
		const stood = series?.priceToCoordinate(approximate(ended.order.price)) ?? ended.y;
		$$props.onmove?.(ended.order, Math.abs(stood - ended.y) > 2 ? target(ended.y) : ended.order.price);
	}
	var fragment = root_1$4();
	var div = first_child(fragment);
	let styles;
	var div_1 = child(div);
	bind_this(div_1, ($$value) => place = $$value, () => place);
	var node = sibling(div_1, 2);
	var consequent = ($$anchor) => {
		var fragment_1 = comment();
		var node_1 = first_child(fragment_1);
		each(node_1, 17, () => get(handles), ({ order, y }) => order.order_id, ($$anchor, $$item) => {
			let order = () => get($$item).order;
			let y = () => get($$item).y;
			var button = root$5();
			let styles_1;
			var text_1 = only_child(button);
			template_effect(($0, $1) => {
				set_class(button, 1, `handle ${order().side === "buy" ? "up" : "down"}`, "svelte-u6lqgy");
				styles_1 = set_style(button, "", styles_1, { top: `${y() - 10}px` });
				set_text(text_1, `⇕ ${order().side ?? ""} ${$0 ?? ""} @ ${$1 ?? ""}`);
			}, [() => shown(order().remaining_size), () => shown(get(dragged)?.order.order_id === order().order_id ? target(y()) : order().price)]);
			delegated("pointerdown", button, (event) => begin(event, order(), y()));
			delegated("pointermove", button, drag);
			delegated("pointerup", button, drop);
			event("pointercancel", button, () => set(dragged, null));
			delegated("keydown", button, (event) => event.key === "Enter" && $$props.onmove(order(), order().price));
			append($$anchor, button);
		});
		append($$anchor, fragment_1);
	};
	if_block(node, ($$render) => {
		if ($$props.onmove) $$render(consequent);
	});
	reset(div);
	next(2);
	template_effect(() => styles = set_style(div, "", styles, { height: `${height() ?? ""}px` }));
	append($$anchor, fragment);
	pop();
}
delegate([
	"pointerdown",
	"pointermove",
	"pointerup",
	"keydown"
]);
// src/parts/Tape.svelte
var root$4 = from_html(`<span class="warn">not current</span>`);
var root_1$3 = from_html(`<div><!></div>`);
function Tape($$anchor, $$props) {
	push($$props, true);
	/** What the public traded of one market, newest first. */
	const SHOWN = 60;
	const read = polled("/api/v1/trading/market-trades/{instrument}", 1, () => ({
		at: { instrument: $$props.instrumentId },
		query: { limit: SHOWN }
	}));
	/** An exchange may tell of a trade without an id. */
	const rows = user_derived(() => (read.value?.trades ?? []).map((each, at) => ({
		...each,
		key: each.trade_id || `${each.exchange_at} ${at}`
	})));
	const columns = [
		{
			title: "Time",
			value: (row) => when(row.exchange_at),
			hint: (row) => moment(row.exchange_at)
		},
		{
			title: "Price",
			number: true,
			value: (row) => shown(row.price, 18, placesOf($$props.tick)),
			tone: sideTone,
			hint: (row) => `the ${row.side === "buy" ? "buyer" : "seller"} took`
		},
		{
			title: "Size",
			number: true,
			value: (row) => amount(row.size),
			hint: (row) => row.size
		}
	];
	{
		const aside = ($$anchor) => {
			var fragment_1 = comment();
			var node = first_child(fragment_1);
			var consequent = ($$anchor) => {
				var span = root$4();
				append($$anchor, span);
			};
			if_block(node, ($$render) => {
				if (read.old) $$render(consequent);
			});
			append($$anchor, fragment_1);
		};
		Panel($$anchor, {
			title: "Trades of the market",
			get error() {
				return read.error;
			},
			aside,
			children: ($$anchor, $$slotProps) => {
				var div = root_1$3();
				let classes;
				var node_1 = child(div);
				{
					let $0 = user_derived(() => !read.value ? "Reading the trades …" : read.value.followed ? "Nothing was traded since this market is followed." : "This market is not followed yet.");
					Table(node_1, {
						caption: "Trades of the market",
						get columns() {
							return columns;
						},
						get rows() {
							return get(rows);
						},
						id: (row) => row.key,
						height: 220,
						get empty() {
							return get($0);
						}
					});
				}
				reset(div);
				template_effect(() => classes = set_class(div, 1, "svelte-1ofl5gc", null, classes, { stale: read.old }));
				append($$anchor, div);
			},
			$$slots: {
				aside: true,
				default: true
			}
		});
	}
	pop();
}
// src/core/ticket.ts
/** The sides that a position may have in this account's mode, as its leverages tell; all, where they are not known. */
function sidesOf({ leverages }) {
	const known = [
		"net",
		"long",
		"short"
	].filter((side) => leverages.some((each) => each.position_side === side));
	return known.length ? known : [
		"net",
		"long",
		"short"
	];
}
var PRICED = /* @__PURE__ */ new Set([
	"limit",
	"post_only",
	"ioc",
	"fok",
	"stop_limit",
	"take_profit_limit"
]);
var TRIGGERED = /* @__PURE__ */ new Set([
	"stop",
	"stop_limit",
	"take_profit",
	"take_profit_limit"
]);
var ORDER_KINDS = [
	"market",
	"limit",
	"post_only",
	"ioc",
	"fok",
	"stop",
	"stop_limit",
	"take_profit",
	"take_profit_limit",
	"trailing_stop",
	"oco"
];
var BRACKETED = /* @__PURE__ */ new Set(["market", "limit"]);
/** The fields beside side and size that a kind of order takes: exits are a take-profit and a stop-loss, which get out again what a
*  bracket got in, and which are all of an oco. A strategy's limit price may be left out. */
function fieldsOf(ticket) {
	if (ticket.strategy) return {
		price: "may",
		trigger: false,
		distance: false,
		exits: "no"
	};
	return {
		price: PRICED.has(ticket.kind) ? "needed" : "no",
		trigger: TRIGGERED.has(ticket.kind),
		distance: ticket.kind === "trailing_stop",
		exits: ticket.kind === "oco" ? "needed" : BRACKETED.has(ticket.kind) ? "may" : "no"
	};
}
function faultsOf(ticket, instrument) {
	const found = {};
	const say = (field, rule) => void (found[field] ??= []).push(rule);
	const positive = (field, value) => {
		if (isDecimal(value) && sign(value) > 0) return true;
		say(field, value.trim() ? "must be a number above 0, as 0.5" : "is needed");
		return false;
	};
	const onTick = (field, value, needed) => {
		if (!value.trim() && !needed) return;
		if (positive(field, value) && !isMultiple(value, instrument.tick)) say(field, `must be a multiple of the tick ${instrument.tick}: ${toStep(value, instrument.tick)} is`);
	};
	if (positive("size", ticket.size)) {
		if (!isMultiple(ticket.size, instrument.lot)) say("size", `must be a multiple of the lot ${instrument.lot}: ${toStep(ticket.size, instrument.lot)} is`);
		if (compare(ticket.size, instrument.min_size) < 0) say("size", `the smallest is ${instrument.min_size}`);
		const most = ticket.kind === "market" ? instrument.max_market_size : instrument.max_limit_size;
		if (!ticket.strategy && most && compare(ticket.size, most) > 0) say("size", `the largest is ${most}`);
	}
	const takes = fieldsOf(ticket);
	if (takes.price !== "no") onTick("price", ticket.price, takes.price === "needed");
	if (takes.trigger) onTick("trigger_price", ticket.trigger_price, true);
	if (takes.distance && positive("distance_pct", ticket.distance_pct) && compare(ticket.distance_pct, "1") >= 0) say("distance_pct", "must be below 1: 0.01 is one percent");
	if (takes.exits !== "no") {
		const both = takes.exits === "needed";
		onTick("take_profit", ticket.take_profit, both);
		onTick("stop_loss", ticket.stop_loss, both);
		const sold = ticket.side === "sell" === both;
		if (isDecimal(ticket.take_profit) && isDecimal(ticket.stop_loss) && compare(ticket.take_profit, ticket.stop_loss) * (sold ? 1 : -1) <= 0) say("take_profit", `must be ${sold ? "above" : "below"} the stop loss`);
	}
	return found;
}
/** The body of the order, or of the execution and of its preview. */
function bodyOf(ticket, parameters) {
	const takes = fieldsOf(ticket);
	const body = {
		instrument_id: ticket.instrument_id,
		side: ticket.side,
		size: ticket.size.trim(),
		trade_mode: ticket.trade_mode
	};
	if (ticket.position_side !== "net") body["position_side"] = ticket.position_side;
	if (ticket.reduce_only) body["reduce_only"] = true;
	if (ticket.strategy) {
		body["strategy"] = ticket.kind;
		body["order_type"] = ticket.price.trim() ? "limit" : "market";
		const said = parameters.filter((each) => (ticket.config[each.name] ?? "").trim() !== "");
		body["config"] = Object.fromEntries(said.map((each) => [each.name, valueOf(each, ticket.config[each.name])]));
	} else body["order_type"] = ticket.kind;
	if (takes.price !== "no" && ticket.price.trim()) body["price"] = ticket.price.trim();
	if (takes.trigger) body["trigger_price"] = ticket.trigger_price.trim();
	if (takes.distance) body["distance_pct"] = ticket.distance_pct.trim();
	if (takes.exits !== "no" && ticket.take_profit.trim()) body["take_profit"] = ticket.take_profit.trim();
	if (takes.exits !== "no" && ticket.stop_loss.trim()) body["stop_loss"] = ticket.stop_loss.trim();
	return body;
}
/** As its kind is written in JSON; what cannot be one is sent as it is, for the server to say so. */
function valueOf({ kind }, said) {
	const text = said.trim();
	if (kind === "integer" && /^[+-]?\d+$/.test(text)) return Number(text);
	if (kind === "boolean" && (text === "true" || text === "false")) return text === "true";
	if ([
		"number",
		"string",
		"integer",
		"boolean"
	].includes(kind)) return text;
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}
/** What the server's preview is asked about: an order's cost is that of the strategy that is the same order. null: it has
*  no preview, because when it fires is not known. */
function previewOf(ticket, parameters) {
	if (ticket.strategy) return bodyOf(ticket, parameters);
	if (ticket.kind === "market") return bodyOf({
		...ticket,
		kind: "market",
		strategy: true,
		config: {},
		price: ""
	}, []);
	if (!PRICED.has(ticket.kind) || TRIGGERED.has(ticket.kind)) return null;
	return {
		...bodyOf({
			...ticket,
			kind: "limit",
			strategy: true,
			config: {}
		}, []),
		config: {
			fallback_to_market: false,
			post_only: ticket.kind === "post_only"
		}
	};
}
/** What it is worth at a price, in the currency that it is quoted in; for an inverse contract a size is worth itself. */
function worth(size, price, instrument) {
	const contracts = multiply(size, instrument.contract_value);
	return instrument.inverse ? contracts : multiply(contracts, price);
}
/** As the server reckons it, which knows what of the position is on which side; before it has, what the order adds to what there
*  may be. null where there is no price of the quote currency in the account's. */
function worstCase(value, ticket, instrument, risk, account, preview = null) {
	const spot = instrument.kind === "spot";
	const key = spot ? instrument.base : `${instrument.instrument_id}/${ticket.position_side}/${ticket.trade_mode}`;
	const before = risk.positions.find((each) => each.position === key)?.worth ?? "0";
	const reduces = preview ? preview.at_worst === null : ticket.reduce_only || spot && ticket.side === "sell";
	const rate = instrument.quote === risk.currency || instrument.inverse && risk.currency === "USD" ? "1" : account.balances[instrument.quote]?.price;
	const sum = reduces ? before : preview ? preview.at_worst?.worth : rate ? add(absolute(before), multiply(value, rate)) : null;
	if (sum === null || sum === void 0) return null;
	const share = sign(risk.equity) > 0 ? divide(sum, risk.equity, 8) : null;
	const limit = risk.limits.find((each) => each.name === "max_position_value_pct")?.limit ?? null;
	return {
		value: sum,
		share,
		limit,
		over: share !== null && limit !== null && compare(share, limit) > 0
	};
}
/** What there is for it: of the quote currency over the price to buy spot, of the base to sell it. */
function mostOf(part, side, price, instrument, account) {
	if (instrument.kind !== "spot") return null;
	const have = account.balances[side === "buy" ? instrument.quote : instrument.base]?.available;
	if (!have || sign(have) <= 0) return null;
	const fee = instrument.fees?.taker ?? "0";
	const all = side === "sell" ? have : sign(price) > 0 ? divide(have, multiply(price, add("1", absolute(fee))), 18) : null;
	return all === null ? null : toStep(multiply(all, part), instrument.lot);
}
// src/parts/Config.svelte
var root$3 = from_html(`<small> </small>`);
var root_1$2 = from_html(`<option> </option>`);
var root_2$2 = from_html(`<select class="svelte-boci5q"><option> </option><!></select>`);
var root_3$2 = from_html(`<input autocomplete="off" class="svelte-boci5q"/>`);
var root_4$2 = from_html(`<span class="bad"> </span>`);
var root_5$2 = from_html(`<label class="svelte-boci5q"><span> <!></span> <!> <!></label>`);
var root_6$2 = from_html(`<details><summary class="svelte-boci5q">More settings</summary><div class="fields svelte-boci5q"></div></details>`);
var root_7$2 = from_html(`<div class="fields svelte-boci5q"></div> <!>`, 1);
function Config($$anchor, $$props) {
	push($$props, true);
	const field = ($$anchor, each$1 = noop) => {
		var label = root_5$2();
		var span = child(label);
		var text = child(span, true);
		var node = sibling(text);
		var consequent = ($$anchor) => {
			var small = root$3();
			var text_1 = only_child(small);
			template_effect(() => set_text(text_1, `, ${each$1().unit ?? ""}`));
			append($$anchor, small);
		};
		if_block(node, ($$render) => {
			if (each$1().unit) $$render(consequent);
		});
		reset(span);
		var node_1 = sibling(span, 2);
		var consequent_1 = ($$anchor) => {
			var select = root_2$2();
			var option = child(select);
			var text_2 = only_child(option);
			option.value = option.__value = "";
			var node_2 = sibling(option);
			each(node_2, 16, () => choices(each$1()), (choice) => choice, ($$anchor, choice) => {
				var option_1 = root_1$2();
				var text_3 = only_child(option_1, true);
				var option_1_value = {};
				template_effect(($0) => {
					set_text(text_3, $0);
					if (option_1_value !== (option_1_value = choice)) option_1.value = (option_1.__value = option_1_value) ?? "";
				}, [() => words(choice)]);
				append($$anchor, option_1);
			});
			reset(select);
			var select_value;
			init_select(select);
			template_effect(($0) => {
				set_attribute(select, "name", each$1().name);
				set_text(text_2, `${$0 ?? ""} (default)`);
				if (select_value !== (select_value = config()[each$1().name] ?? "")) select.value = (select.__value = select_value) ?? "", select_option(select, select_value);
			}, [() => words(standard(each$1()))]);
			delegated("change", select, (event) => config({
				...config(),
				[each$1().name]: event.currentTarget.value
			}));
			append($$anchor, select);
		};
		var d = user_derived(() => choices(each$1()).length);
		var alternate = ($$anchor) => {
			var input = root_3$2();
			remove_input_defaults(input);
			template_effect(($0) => {
				set_attribute(input, "name", each$1().name);
				set_attribute(input, "placeholder", $0);
				set_value(input, config()[each$1().name] ?? "");
				set_attribute(input, "aria-invalid", $$props.faults[each$1().name] ? "true" : void 0);
			}, [() => standard(each$1())]);
			delegated("input", input, (event) => config({
				...config(),
				[each$1().name]: event.currentTarget.value
			}));
			append($$anchor, input);
		};
		if_block(node_1, ($$render) => {
			if (get(d)) $$render(consequent_1);
			else $$render(alternate, -1);
		});
		var node_3 = sibling(node_1, 2);
		var consequent_2 = ($$anchor) => {
			var span_1 = root_4$2();
			var text_4 = only_child(span_1, true);
			template_effect(($0) => set_text(text_4, $0), [() => $$props.faults[each$1().name]?.join("; ")]);
			append($$anchor, span_1);
		};
		if_block(node_3, ($$render) => {
			if ($$props.faults[each$1().name]) $$render(consequent_2);
		});
		reset(label);
		template_effect(($0) => {
			set_attribute(label, "title", `${each$1().help ?? ""}${each$1().allowed ? ` (${each$1().allowed})` : ""}`);
			set_text(text, $0);
		}, [() => words(each$1().name)]);
		append($$anchor, label);
	};
	let config = prop($$props, "config", 15);
	const COMMON = /* @__PURE__ */ new Set([
		"max_slippage_pct",
		"max_book_age",
		"on_restart",
		"min_clip",
		"max_clip",
		"reprice_ticks",
		"min_rest",
		"participation_window",
		"extend_seconds"
	]);
	const first = user_derived(() => $$props.parameters.filter((each) => !COMMON.has(each.name)));
	const rest = user_derived(() => $$props.parameters.filter((each) => COMMON.has(each.name)));
	const choices = (each) => each.kind === "boolean" ? ["true", "false"] : each.kind === "string" ? each.allowed.split(", ").filter(Boolean) : [];
	const standard = (each) => each.default === null || each.default === void 0 ? "none" : typeof each.default === "object" ? JSON.stringify(each.default) : String(each.default);
	var fragment = root_7$2();
	var div = first_child(fragment);
	each(div, 21, () => get(first), (each) => each.name, ($$anchor, each) => {
		field($$anchor, () => get(each));
	});
	reset(div);
	var node_4 = sibling(div, 2);
	var consequent_3 = ($$anchor) => {
		var details = root_6$2();
		var div_1 = sibling(child(details));
		each(div_1, 21, () => get(rest), (each) => each.name, ($$anchor, each) => {
			field($$anchor, () => get(each));
		});
		reset(div_1);
		reset(details);
		append($$anchor, details);
	};
	if_block(node_4, ($$render) => {
		if (get(rest).length) $$render(consequent_3);
	});
	append($$anchor, fragment);
	pop();
}
delegate(["change", "input"]);
// src/parts/Schedule.svelte
var root$2 = from_html(`<section aria-label="Schedule" class="svelte-o8n9p9"><b>What it would do</b> <p class="quiet"> </p> <!> <!></section>`);
function Schedule($$anchor, $$props) {
	push($$props, true);
	/** What an execution would do: its planned orders, as a curve of what is done by when and as rows. */
	const timed = user_derived(() => $$props.preview.children.filter((each) => each.at !== null));
	const curve = user_derived(() => {
		let sum = "0";
		const times = [Date.parse($$props.preview.start_at) / 1e3, ...get(timed).map((each) => Date.parse(each.at) / 1e3)];
		const values = [0, ...get(timed).map((each) => approximate(sum = add(sum, each.size)))];
		if ($$props.preview.end_at) {
			times.push(Math.max(times.at(-1) ?? 0, Date.parse($$props.preview.end_at) / 1e3));
			values.push(values.at(-1) ?? 0);
		}
		return {
			times,
			values
		};
	});
	const rows = user_derived(() => $$props.preview.children.map((each, at) => ({
		...each,
		at: each.at,
		number: at
	})));
	const columns = [
		{
			title: "At",
			value: (row) => row.at ? when(row.at) : "when due",
			hint: (row) => row.at ? moment(row.at) : row.reason
		},
		{
			title: "Size",
			number: true,
			value: (row) => shown(row.size)
		},
		{
			title: "Price",
			number: true,
			value: (row) => price(row.price)
		},
		{
			title: "Why",
			value: (row) => row.reason,
			hint: (row) => row.reason
		}
	];
	var section = root$2();
	var p = sibling(child(section), 2);
	var text = only_child(p, true);
	var node = sibling(p, 2);
	var consequent = ($$anchor) => {
		{
			let $0 = user_derived(() => [{
				title: "Planned",
				colour: "accent",
				values: get(curve).values,
				stepped: true,
				fill: true
			}]);
			Curve($$anchor, {
				label: "Planned size by time",
				get times() {
					return get(curve).times;
				},
				get lines() {
					return get($0);
				},
				height: 110,
				words: (value) => String(Number(value.toPrecision(6)))
			});
		}
	};
	if_block(node, ($$render) => {
		if (get(timed).length > 1) $$render(consequent);
	});
	var node_1 = sibling(node, 2);
	Table(node_1, {
		caption: "Planned orders",
		get columns() {
			return columns;
		},
		get rows() {
			return get(rows);
		},
		id: (row) => String(row.number),
		empty: "Its orders follow the market; none is planned by time.",
		height: 160
	});
	reset(section);
	template_effect(() => set_text(text, $$props.preview.next_act));
	append($$anchor, section);
	pop();
}
// src/parts/Ticket.svelte
var root$1 = from_html(`<span class="bad"> </span>`);
var root_1$1 = from_html(`<label class="svelte-86p4hc"> <input inputmode="decimal" autocomplete="off" class="svelte-86p4hc"/> <!></label>`);
var root_2$1 = from_html(`<!> <!>`, 1);
var root_3$1 = from_html(`<option> </option>`);
var root_4$1 = from_html(`<span class="quiet"> </span>`);
var root_5$1 = from_html(`<button type="button" class="small"> </button>`);
var root_6$1 = from_html(`<div class="row parts" role="group" aria-label="Part of what there is"></div>`);
var root_7$1 = from_html(`<details class="svelte-86p4hc"><summary class="svelte-86p4hc">Take profit, stop loss</summary><!></details>`);
var root_8$1 = from_html(`<div class="pair svelte-86p4hc"><label class="svelte-86p4hc">Margin <select class="svelte-86p4hc"></select></label> <label class="svelte-86p4hc">Position <select name="position_side" class="svelte-86p4hc"></select></label></div> <label class="choice svelte-86p4hc"><input type="checkbox" class="svelte-86p4hc"/> Only reduce the position</label>`, 1);
var root_9$1 = from_html(`<li> </li>`);
var root_10$1 = from_html(`<ul class="bad svelte-86p4hc" role="alert"></ul>`);
var root_11$1 = from_html(`<p class="bad" role="alert"> </p>`);
var root_12$1 = from_html(`<p class="warn">This session only looks: sending asks for a key that may trade.</p>`);
var root_13$1 = from_html(`<p class="warn"> </p>`);
var root_14$1 = from_html(`<dt class="svelte-86p4hc">By the square root</dt><dd class="svelte-86p4hc"> </dd>`, 1);
var root_15 = from_html(`<dt class="svelte-86p4hc">By the power law</dt><dd class="svelte-86p4hc"> </dd>`, 1);
var root_16 = from_html(`<dt class="svelte-86p4hc">Expected price</dt><dd class="svelte-86p4hc"> </dd> <dt class="svelte-86p4hc">Expected cost</dt><dd class="svelte-86p4hc"> </dd> <!> <!>`, 1);
var root_17 = from_html(`<form novalidate="" aria-label="Order ticket" class="svelte-86p4hc"><div class="sides svelte-86p4hc" role="group" aria-label="Side"><button type="button">Buy</button> <button type="button">Sell</button></div> <label class="svelte-86p4hc">Type <select name="kind" class="svelte-86p4hc"><optgroup label="Orders"></optgroup><optgroup label="Executions"></optgroup></select> <!></label> <!> <!> <!> <!> <!> <!> <!> <!> <button> </button> <!> <!> <!> <!> <dl class="svelte-86p4hc"><dt class="svelte-86p4hc">Worth</dt><dd class="svelte-86p4hc"> </dd> <dt class="svelte-86p4hc">Worst case</dt> <dd> </dd> <dt class="svelte-86p4hc">Fees, at most</dt><dd class="svelte-86p4hc"> </dd> <!></dl> <!></form>`);
function Ticket($$anchor, $$props) {
	push($$props, true);
	const field = ($$anchor, name = noop, title = noop, get$2 = noop, set = noop, hint = noop) => {
		var label = root_1$1();
		var text_1 = child(label);
		var input = sibling(text_1);
		remove_input_defaults(input);
		var node = sibling(input, 2);
		var consequent = ($$anchor) => {
			var span = root$1();
			var text_2 = only_child(span, true);
			template_effect(($0) => {
				set_attribute(span, "id", `why-${name() ?? ""}`);
				set_text(text_2, $0);
			}, [() => get(told)[name()].join("; ")]);
			append($$anchor, span);
		};
		if_block(node, ($$render) => {
			if (get(told)[name()]) $$render(consequent);
		});
		reset(label);
		template_effect(($0) => {
			set_text(text_1, `${title() ?? ""} `);
			set_attribute(input, "name", name());
			set_attribute(input, "placeholder", hint());
			set_value(input, $0);
			set_attribute(input, "aria-invalid", get(told)[name()] ? "true" : void 0);
			set_attribute(input, "aria-describedby", get(told)[name()] ? `why-${name()}` : void 0);
		}, [() => get$2()()]);
		delegated("input", input, (event) => set()(event.currentTarget.value));
		append($$anchor, label);
	};
	const exits = ($$anchor) => {
		const hint = user_derived(() => get(takes).exits === "needed" ? "" : "none");
		var fragment = root_2$1();
		var node_1 = first_child(fragment);
		field(node_1, () => "take_profit", () => `Take profit at, ${$$props.instrument.quote}`, () => () => get(takeProfit), () => (text) => set(takeProfit, text, true), () => get(hint));
		var node_2 = sibling(node_1, 2);
		field(node_2, () => "stop_loss", () => `Stop loss at, ${$$props.instrument.quote}`, () => () => get(stopLoss), () => (text) => set(stopLoss, text, true), () => get(hint));
		append($$anchor, fragment);
	};
	let side = prop($$props, "side", 15);
	const WAIT_MS = 400;
	const CONTRACT_MODES = ["cross", "isolated"];
	let kind = state("limit");
	let strategy = state(false);
	let size = state("");
	let price$1 = state("");
	let trigger = state("");
	let distance = state("");
	let takeProfit = state("");
	let stopLoss = state("");
	let mode = state("cross");
	let positionSide = state("");
	let reduceOnly = state(false);
	let config = state(proxy({}));
	let strategies = state([]);
	let preview = state(null);
	let foreseen = state(null);
	let sent = state(null);
	let touched = state(false);
	get$1("/api/v1/trading/strategies").then((found) => set(strategies, found.strategies), () => void 0);
	const spot = user_derived(() => $$props.instrument.kind === "spot");
	const sides = user_derived(() => sidesOf($$props.instrument));
	const moved = user_derived(() => get(sides).includes(get(positionSide)) ? get(positionSide) : get(sides).includes("net") ? "net" : side() === "buy" ? "long" : "short");
	const ticket = user_derived(() => ({
		instrument_id: $$props.instrument.instrument_id,
		side: side(),
		kind: get(kind),
		strategy: get(strategy),
		size: get(size),
		price: get(price$1),
		trigger_price: get(trigger),
		distance_pct: get(distance),
		take_profit: get(takeProfit),
		stop_loss: get(stopLoss),
		trade_mode: get(spot) ? "cash" : get(mode),
		position_side: get(spot) ? "net" : get(moved),
		reduce_only: !get(spot) && get(reduceOnly),
		config: get(config)
	}));
	const takes = user_derived(() => fieldsOf(get(ticket)));
	const parameters = user_derived(() => get(strategies).find((each) => each.name === get(kind))?.parameters ?? []);
	const faults = user_derived(() => faultsOf(get(ticket), $$props.instrument));
	const right = user_derived(() => Object.keys(get(faults)).length === 0);
	const far = user_derived(() => side() === "buy" ? $$props.ask : $$props.bid);
	const reckoned = user_derived(() => get(takes).price !== "no" && isDecimal(get(price$1)) && sign(get(price$1)) > 0 ? get(price$1) : get(far));
	const value = user_derived(() => get(right) && get(reckoned) ? worth(get(size), get(reckoned), $$props.instrument) : null);
	const worst = user_derived(() => get(value) && $$props.risk && live.account ? worstCase(get(value), get(ticket), $$props.instrument, $$props.risk, live.account, get(preview)) : null);
	const fees = user_derived(() => {
		const rate = $$props.instrument.fees ? get(kind) === "post_only" ? $$props.instrument.fees.maker : $$props.instrument.fees.taker : null;
		return get(value) && rate ? multiply(get(value), absolute(rate)) : null;
	});
	const currency = user_derived(() => $$props.instrument.inverse ? "USD" : $$props.instrument.quote);
	user_effect(() => {
		if ($$props.picked) untrack(() => set(price$1, $$props.picked.price, true));
	});
	/** The server's word on it, a moment after the last key. */
	user_effect(() => {
		const body = get(right) ? previewOf(get(ticket), get(parameters)) : null;
		set(preview, null);
		set(foreseen, null);
		set(sent, null);
		if (!body) return;
		const ended = new AbortController();
		const timer = setTimeout(() => {
			ask("/api/v1/trading/executions/preview", body, { signal: ended.signal }).then((found) => set(preview, found), (failure) => {
				if (failure instanceof Problem && failure.status === 422) set(foreseen, failure);
			});
		}, WAIT_MS);
		return () => {
			clearTimeout(timer);
			ended.abort();
		};
	});
	/** Every reason at its field: ours as it is written, the server's of the preview and of the order itself. */
	const told = user_derived(() => {
		const all = {};
		if (get(touched) || get(size)) {
			for (const [field, rules] of Object.entries(get(faults))) if (get(touched) || valueOf(field)) all[field] = [...rules];
		}
		for (const problem of [get(foreseen), get(sent)?.problem]) for (const fault of problem?.faults ?? []) {
			const field = fault.field.replace(/^config\./, "");
			const rules = all[field] ??= [];
			if (!rules.includes(fault.rule)) rules.push(fault.rule);
		}
		return all;
	});
	const FIELDS = [
		"size",
		"price",
		"trigger_price",
		"distance_pct",
		"take_profit",
		"stop_loss"
	];
	const elsewhere = user_derived(() => Object.entries(get(told)).filter(([field]) => !FIELDS.includes(field) && !(get(strategy) && get(parameters).some((each) => each.name === field))));
	const valueOf = (field) => String(get(ticket)[field] ?? "");
	const under = user_derived(() => acts_.of("ticket").length > 0);
	const lost = user_derived(() => acts_.unanswered("ticket"));
	const what = user_derived(() => `${side() === "buy" ? "Buy" : "Sell"} ${get(size) ? `${shown(get(size))} ` : ""}${$$props.instrument.instrument_id}`);
	async function send(event) {
		event.preventDefault();
		set(touched, true);
		if (!get(right) || get(under)) return;
		set(sent, await acts_.perform({
			title: `${get(what)}, ${words(get(kind))}${get(takes).price !== "no" && get(price$1) ? ` at ${shown(get(price$1))}` : ""}`,
			method: "POST",
			path: get(strategy) ? "/api/v1/trading/executions" : "/api/v1/trading/orders",
			body: bodyOf(get(ticket), get(parameters)),
			subject: "ticket",
			until: (answer) => {
				const made = answer;
				if (!made.order_id || isOver(made)) return true;
				return live.knows(made.order_id) || (live.executions ?? []).some((each) => each.parent_id === made.order_id);
			}
		}));
		if (get(sent).phase !== "refused") set(touched, false);
	}
	function take(part) {
		const found = live.account && mostOf(part, side(), get(reckoned) ?? "0", $$props.instrument, live.account);
		if (found) set(size, found, true);
	}
	function choose(event) {
		const chosen = event.currentTarget.value;
		set(strategy, chosen.startsWith("strategy "), true);
		set(kind, chosen.replace("strategy ", ""), true);
		set(config, {}, true);
	}
	var form = root_17();
	var div = child(form);
	var button = child(div);
	let classes;
	var button_1 = sibling(button, 2);
	let classes_1;
	reset(div);
	var label_1 = sibling(div, 2);
	var select = sibling(child(label_1));
	var optgroup = child(select);
	each(optgroup, 20, () => ORDER_KINDS, (each) => each, ($$anchor, each) => {
		var option = root_3$1();
		var text_3 = only_child(option, true);
		var option_value = {};
		template_effect(($0) => {
			set_text(text_3, $0);
			if (option_value !== (option_value = each)) option.value = (option.__value = option_value) ?? "";
		}, [() => words(each)]);
		append($$anchor, option);
	});
	reset(optgroup);
	var optgroup_1 = sibling(optgroup);
	each(optgroup_1, 21, () => get(strategies), (each) => each.name, ($$anchor, each) => {
		var option_1 = root_3$1();
		var text_4 = only_child(option_1, true);
		var option_1_value = {};
		template_effect(($0) => {
			set_text(text_4, $0);
			if (option_1_value !== (option_1_value = `strategy ${get(each).name ?? ""}`)) option_1.value = option_1.__value = option_1_value;
		}, [() => words(get(each).name)]);
		append($$anchor, option_1);
	});
	reset(optgroup_1);
	reset(select);
	var select_value;
	init_select(select);
	var node_3 = sibling(select, 2);
	var consequent_1 = ($$anchor) => {
		var span_1 = root_4$1();
		var text_5 = only_child(span_1, true);
		template_effect(($0) => set_text(text_5, $0), [() => get(strategies).find((each) => each.name === get(kind))?.summary ?? ""]);
		append($$anchor, span_1);
	};
	if_block(node_3, ($$render) => {
		if (get(strategy)) $$render(consequent_1);
	});
	reset(label_1);
	var node_4 = sibling(label_1, 2);
	{
		let $0 = user_derived(() => `at least ${shown($$props.instrument.min_size)}`);
		field(node_4, () => "size", () => `Size, ${get(spot) ? $$props.instrument.base : "contracts"}`, () => () => get(size), () => (text) => set(size, text, true), () => get($0));
	}
	var node_5 = sibling(node_4, 2);
	var consequent_2 = ($$anchor) => {
		var div_1 = root_6$1();
		each(div_1, 20, () => [
			["0.25", "25 %"],
			["0.5", "50 %"],
			["1", "all"]
		], ([part, title]) => part, ($$anchor, $$item) => {
			var $$array = user_derived(() => to_array($$item, 2));
			let part = () => get($$array)[0];
			let title = () => get($$array)[1];
			var button_2 = root_5$1();
			var text_6 = only_child(button_2, true);
			template_effect(() => set_text(text_6, title()));
			delegated("click", button_2, () => take(part()));
			append($$anchor, button_2);
		});
		reset(div_1);
		append($$anchor, div_1);
	};
	if_block(node_5, ($$render) => {
		if (get(spot)) $$render(consequent_2);
	});
	var node_6 = sibling(node_5, 2);
	var consequent_3 = ($$anchor) => {
		{
			let $0 = user_derived(() => get(takes).price === "may" ? "none" : shown(get(far)));
			field($$anchor, () => "price", () => get(takes).price === "may" ? `Limit price, ${$$props.instrument.quote}` : `Price, ${$$props.instrument.quote}`, () => () => get(price$1), () => (text) => set(price$1, text, true), () => get($0));
		}
	};
	if_block(node_6, ($$render) => {
		if (get(takes).price !== "no") $$render(consequent_3);
	});
	var node_7 = sibling(node_6, 2);
	var consequent_4 = ($$anchor) => {
		field($$anchor, () => "trigger_price", () => `Trigger price, ${$$props.instrument.quote}`, () => () => get(trigger), () => (text) => set(trigger, text, true), () => "");
	};
	if_block(node_7, ($$render) => {
		if (get(takes).trigger) $$render(consequent_4);
	});
	var node_8 = sibling(node_7, 2);
	var consequent_5 = ($$anchor) => {
		field($$anchor, () => "distance_pct", () => "Distance, as a fraction", () => () => get(distance), () => (text) => set(distance, text, true), () => "0.01 is 1 %");
	};
	if_block(node_8, ($$render) => {
		if (get(takes).distance) $$render(consequent_5);
	});
	var node_9 = sibling(node_8, 2);
	var consequent_6 = ($$anchor) => {
		exits($$anchor);
	};
	var consequent_7 = ($$anchor) => {
		var details = root_7$1();
		var node_10 = sibling(child(details));
		exits(node_10);
		reset(details);
		append($$anchor, details);
	};
	if_block(node_9, ($$render) => {
		if (get(takes).exits === "needed") $$render(consequent_6);
		else if (get(takes).exits === "may") $$render(consequent_7, 1);
	});
	var node_11 = sibling(node_9, 2);
	var consequent_8 = ($$anchor) => {
		var fragment_5 = root_8$1();
		var div_2 = first_child(fragment_5);
		var label_2 = child(div_2);
		var select_1 = sibling(child(label_2));
		each(select_1, 20, () => CONTRACT_MODES, (each) => each, ($$anchor, each) => {
			var option_2 = root_3$1();
			var text_7 = only_child(option_2, true);
			var option_2_value = {};
			template_effect(() => {
				set_text(text_7, each);
				if (option_2_value !== (option_2_value = each)) option_2.__value = option_2_value;
			});
			append($$anchor, option_2);
		});
		reset(select_1);
		init_select(select_1);
		reset(label_2);
		var label_3 = sibling(label_2, 2);
		var select_2 = sibling(child(label_3));
		each(select_2, 20, () => get(sides), (each) => each, ($$anchor, each) => {
			var option_3 = root_3$1();
			var text_8 = only_child(option_3, true);
			var option_3_value = {};
			template_effect(() => {
				set_text(text_8, each);
				if (option_3_value !== (option_3_value = each)) option_3.__value = option_3_value;
			});
			append($$anchor, option_3);
		});
		reset(select_2);
		var select_2_value;
		init_select(select_2);
		reset(label_3);
		reset(div_2);
		var label_4 = sibling(div_2, 2);
		var input_1 = child(label_4);
		remove_input_defaults(input_1);
		next();
		reset(label_4);
		template_effect(() => {
			if (select_2_value !== (select_2_value = get(moved))) select_2.value = (select_2.__value = select_2_value) ?? "", select_option(select_2, select_2_value);
		});
		bind_select_value(select_1, () => get(mode), ($$value) => set(mode, $$value));
		delegated("change", select_2, (event) => set(positionSide, event.currentTarget.value, true));
		bind_checked(input_1, () => get(reduceOnly), ($$value) => set(reduceOnly, $$value));
		append($$anchor, fragment_5);
	};
	if_block(node_11, ($$render) => {
		if (!get(spot)) $$render(consequent_8);
	});
	var node_12 = sibling(node_11, 2);
	var consequent_9 = ($$anchor) => {
		var fragment_6 = comment();
		var node_13 = first_child(fragment_6);
		key(node_13, () => get(kind), ($$anchor) => {
			Config($$anchor, {
				get parameters() {
					return get(parameters);
				},
				get faults() {
					return get(told);
				},
				get config() {
					return get(config);
				},
				set config($$value) {
					set(config, $$value, true);
				}
			});
		});
		append($$anchor, fragment_6);
	};
	if_block(node_12, ($$render) => {
		if (get(strategy)) $$render(consequent_9);
	});
	var button_3 = sibling(node_12, 2);
	var text_9 = only_child(button_3, true);
	var node_14 = sibling(button_3, 2);
	var consequent_10 = ($$anchor) => {
		var ul = root_10$1();
		each(ul, 21, () => get(elsewhere), ([name, rules]) => name, ($$anchor, $$item) => {
			var $$array_1 = user_derived(() => to_array(get($$item), 2));
			let name = () => get($$array_1)[0];
			let rules = () => get($$array_1)[1];
			var li = root_9$1();
			var text_10 = only_child(li);
			template_effect(($0, $1) => set_text(text_10, `${$0 ?? ""}: ${$1 ?? ""}`), [() => words(name()), () => rules().join("; ")]);
			append($$anchor, li);
		});
		reset(ul);
		append($$anchor, ul);
	};
	if_block(node_14, ($$render) => {
		if (get(elsewhere).length) $$render(consequent_10);
	});
	var node_15 = sibling(node_14, 2);
	var consequent_11 = ($$anchor) => {
		var p = root_11$1();
		var text_11 = only_child(p, true);
		template_effect(($0) => set_text(text_11, $0), [() => said(get(sent).problem)]);
		append($$anchor, p);
	};
	if_block(node_15, ($$render) => {
		if (get(sent)?.problem && !get(sent).problem.faults.length) $$render(consequent_11);
	});
	var node_16 = sibling(node_15, 2);
	var consequent_12 = ($$anchor) => {
		var p_1 = root_12$1();
		append($$anchor, p_1);
	};
	var d = user_derived(() => !session.may("orders:place", "executions"));
	if_block(node_16, ($$render) => {
		if (get(d)) $$render(consequent_12);
	});
	var node_17 = sibling(node_16, 2);
	var consequent_13 = ($$anchor) => {
		var p_2 = root_13$1();
		var text_12 = only_child(p_2);
		template_effect(() => set_text(text_12, `“${get(lost).title ?? ""}” had no answer: the same, sent now, asks for it again and is done once.`));
		append($$anchor, p_2);
	};
	if_block(node_17, ($$render) => {
		if (get(lost)) $$render(consequent_13);
	});
	var dl = sibling(node_17, 2);
	var dd = sibling(child(dl));
	var text_13 = only_child(dd, true);
	var dd_1 = sibling(dd, 4);
	var text_14 = only_child(dd_1, true);
	var dd_2 = sibling(dd_1, 3);
	var text_15 = only_child(dd_2, true);
	var node_18 = sibling(dd_2, 2);
	var consequent_16 = ($$anchor) => {
		var fragment_8 = root_16();
		var dd_3 = sibling(first_child(fragment_8));
		var text_16 = only_child(dd_3);
		var dd_4 = sibling(dd_3, 3);
		var text_17 = only_child(dd_4, true);
		var node_19 = sibling(dd_4, 2);
		var consequent_14 = ($$anchor) => {
			var fragment_9 = root_14$1();
			var dd_5 = sibling(first_child(fragment_9));
			var text_18 = only_child(dd_5);
			template_effect(($0) => set_text(text_18, `${$0 ?? ""} bp`), [() => shown(get(preview).square_root_bps, 2)]);
			append($$anchor, fragment_9);
		};
		if_block(node_19, ($$render) => {
			if (get(preview).square_root_bps) $$render(consequent_14);
		});
		var node_20 = sibling(node_19, 2);
		var consequent_15 = ($$anchor) => {
			var fragment_10 = root_15();
			var dd_6 = sibling(first_child(fragment_10));
			var text_19 = only_child(dd_6);
			template_effect(($0) => set_text(text_19, `${$0 ?? ""} bp`), [() => shown(get(preview).power_law_bps, 2)]);
			append($$anchor, fragment_10);
		};
		if_block(node_20, ($$render) => {
			if (get(preview).power_law_bps) $$render(consequent_15);
		});
		template_effect(($0, $1, $2) => {
			set_text(text_16, `${$0 ?? ""}${$1 ?? ""}`);
			set_text(text_17, $2);
		}, [
			() => price(get(preview).expected_price),
			() => get(preview).expected_slippage_bps ? ` (${shown(get(preview).expected_slippage_bps, 2)} bp)` : "",
			() => get(preview).expected_total ? `${shown(get(preview).expected_total, 4)} ${get(preview).cost_currency}, fees included` : "not known"
		]);
		append($$anchor, fragment_8);
	};
	if_block(node_18, ($$render) => {
		if (get(preview)) $$render(consequent_16);
	});
	reset(dl);
	var node_21 = sibling(dl, 2);
	var consequent_17 = ($$anchor) => {
		Schedule($$anchor, { get preview() {
			return get(preview);
		} });
	};
	if_block(node_21, ($$render) => {
		if (get(strategy) && get(preview)) $$render(consequent_17);
	});
	reset(form);
	template_effect(($0, $1, $2) => {
		set_attribute(button, "aria-pressed", side() === "buy");
		classes = set_class(button, 1, "svelte-86p4hc", null, classes, { buy: side() === "buy" });
		set_attribute(button_1, "aria-pressed", side() === "sell");
		classes_1 = set_class(button_1, 1, "svelte-86p4hc", null, classes_1, { sell: side() === "sell" });
		if (select_value !== (select_value = get(strategy) ? `strategy ${get(kind)}` : get(kind))) select.value = (select.__value = select_value) ?? "", select_option(select, select_value);
		set_class(button_3, 1, `send ${side() ?? ""}`, "svelte-86p4hc");
		button_3.disabled = get(under) || live.readOnly || live.staleSince !== null;
		set_text(text_9, get(under) ? "Sending …" : get(what));
		set_attribute(dd, "title", get(value));
		set_text(text_13, $0);
		set_class(dd_1, 1, clsx(get(worst)?.over ? "bad" : ""), "svelte-86p4hc");
		set_text(text_14, $1);
		set_text(text_15, $2);
	}, [
		() => get(value) ? `${shown(get(value), 2, 2)} ${get(currency)}` : "–",
		() => get(worst) ? `${money(get(worst).value)} ${$$props.risk?.currency}${get(worst).share ? `, ${percent(get(worst).share, 1)} of equity` : ""}${get(worst).limit ? ` (at most ${percent(get(worst).limit, 0)})` : ""}` : "–",
		() => get(fees) ? `${shown(get(fees), 4)} ${get(currency)}` : "–"
	]);
	event("submit", form, send);
	delegated("click", button, () => side("buy"));
	delegated("click", button_1, () => side("sell"));
	delegated("change", select, choose);
	append($$anchor, form);
	pop();
}
delegate([
	"input",
	"click",
	"change"
]);
// src/pages/Trade.svelte
var root = from_html(`<option></option>`);
var root_1 = from_html(`<span class="warn" role="status">The book is not current.</span>`);
var root_2 = from_html(`<span> <b> </b> <b> </b> </span>`);
var root_3 = from_html(`<button class="small danger">Close …</button>`);
var root_4 = from_html(`<button class="small danger">Flatten everything …</button>`);
var root_5 = from_html(`<p class="warn" role="status"> </p>`);
var root_6 = from_html(`<p class="bad" role="alert"> </p>`);
var root_7 = from_html(`<button class="plain small svelte-ex121k"> </button>`);
var root_8 = from_html(`<div class="row bars svelte-ex121k" role="group" aria-label="Length of a candle"></div>`);
var root_9 = from_html(`<p class="quiet">Reading the market …</p>`);
var root_10 = from_html(`<span> </span>`);
var root_11 = from_html(`<div><!></div>`);
var root_12 = from_html(`<p class="quiet">No book yet.</p>`);
var root_13 = from_html(`<p class="quiet"> </p>`);
var root_14 = from_html(`<div class="head row svelte-ex121k"><label class="row">Market <input list="markets" name="market" autocomplete="off" spellcheck="false" class="svelte-ex121k"/></label> <datalist id="markets"></datalist> <span>Bid <b class="up"> </b></span><span>Ask <b class="down"> </b></span> <!> <!> <!> <span class="grow"></span> <!></div> <!> <!> <div class="desk svelte-ex121k"><div class="market svelte-ex121k"><!> <!> <!> <!></div> <div class="books svelte-ex121k"><!> <!> <!></div> <div class="ticket svelte-ex121k"><!></div></div> <!> <!>`, 1);
function Trade($$anchor, $$props) {
	push($$props, true);
	/** One market: its book and candles with what is ours drawn on them, and the ticket. */
	const BARS = {
		"1m": 60,
		"5m": 300,
		"15m": 900,
		"30m": 1800,
		"1h": 3600,
		"4h": 14400,
		"1d": 86400
	};
	const id = user_derived(() => address.param("instrument") ?? live.status?.followed?.[0] ?? "");
	const bar = user_derived(() => address.param("bar") ?? "1m");
	const at = user_derived(() => get(id) ? { at: { instrument: get(id) } } : null);
	const terms = polled("/api/v1/trading/instruments/{instrument}", 60, () => get(at));
	const candles = polled("/api/v1/trading/candles/{instrument}", 3, () => get(at) && {
		...get(at),
		query: {
			bar: get(bar),
			limit: 300
		}
	});
	const deep = polled("/api/v1/trading/book/{instrument}", 2, () => get(at) && {
		...get(at),
		query: { depth: 50 }
	});
	const traded = polled("/api/v1/trading/trades", 15, () => get(id) ? { query: {
		instrument_id: get(id),
		limit: 200
	} } : null);
	const risk = polled("/api/v1/trading/risk-limits", 4);
	let known = state([]);
	let followed = state(null);
	let picked = state(null);
	let side = state("buy");
	let amended = state(null);
	let closing = state(null);
	let asked = state("");
	get$1("/api/v1/trading/instruments").then((found) => set(known, found.instruments), () => void 0);
	user_effect(() => {
		set(asked, get(id), true);
		if (!get(id)) return;
		const begun = followBook(get(id));
		set(followed, begun);
		return begun.stop;
	});
	user_effect(() => commands.add([
		{
			title: "Buy",
			keys: "b",
			run: () => begin("buy")
		},
		{
			title: "Sell",
			keys: "s",
			run: () => begin("sell")
		},
		{
			title: `Cancel all orders of this market`,
			keys: "x",
			run: () => void acts_.perform(cancelAll(get(id)))
		},
		{
			title: "Close the position in this market",
			run: () => set(closing, { id: get(id) })
		},
		{
			title: "Flatten everything",
			run: () => set(closing, { id: null })
		}
	]));
	const instrument = user_derived(() => terms.value?.instrument_id === get(id) ? terms.value : null);
	const tick = user_derived(() => get(instrument)?.tick ?? "1");
	/** By the stream, else as it was read; where neither is current, what was known last: it is shown as old, and reckoned with by
	*  nothing. */
	const top = user_derived(() => {
		const told = get(followed)?.book();
		if (told?.instrument_id === get(id) && get(followed)?.current()) return {
			bids: told.bids,
			asks: told.asks,
			current: true,
			age: 0
		};
		const read = deep.value?.instrument_id === get(id) ? deep.value : null;
		const age = read?.age_seconds ?? null;
		return {
			bids: read?.bids ?? [],
			asks: read?.asks ?? [],
			current: age !== null && age * 1e3 <= 12e3 && !deep.old && !read?.unusable,
			age
		};
	});
	const has = user_derived(() => get(top).bids.length > 0 || get(top).asks.length > 0);
	const best = (rows) => rows[0]?.[0] ?? null;
	const bid = user_derived(() => get(top).current ? best(get(top).bids) : null);
	const offer = user_derived(() => get(top).current ? best(get(top).asks) : null);
	const orders = user_derived(() => live.orders.filter((each) => each.instrument_id === get(id)));
	const executions = user_derived(() => (live.executions ?? []).filter((each) => each.instrument_id === get(id)));
	/** Long beside short, cross beside isolated: each is one. */
	const positions = user_derived(() => (live.positions ?? []).filter((each) => each.instrument_id === get(id) && sign(each.size) !== 0));
	const averages = user_derived(() => get(positions).flatMap((each) => each.entry_price === null ? [] : {
		price: each.entry_price,
		title: get(positions).length > 1 ? `average ${named(each)}` : "average"
	}));
	const own = user_derived(() => new Set(get(orders).map((each) => each.price ?? "")));
	const fills = user_derived(() => {
		const rows = [...[...traded.value?.trades ?? []].reverse(), ...live.fills.filter((each) => each.instrument_id === get(id))];
		return [...new Map(rows.map((each) => [`${each.trade_id} ${each.order_id}`, each])).values()];
	});
	const named = ({ position_side, trade_mode }) => `${position_side === "net" ? "Position" : position_side} ${trade_mode}`;
	function begin(wanted) {
		set(side, wanted, true);
		document.querySelector("input[name=\"size\"]")?.focus();
	}
	function choose(event) {
		const wanted = event.currentTarget.value.trim().toUpperCase();
		if (get(known).some((each) => each.instrument_id === wanted)) address.set({ instrument: wanted });
	}
	var fragment = root_14();
	var div = first_child(fragment);
	var label = child(div);
	var input = sibling(child(label));
	remove_input_defaults(input);
	reset(label);
	var datalist = sibling(label, 2);
	each(datalist, 21, () => get(known), (each) => each.instrument_id, ($$anchor, each) => {
		var option = root();
		var option_value = {};
		template_effect(() => {
			if (option_value !== (option_value = get(each).instrument_id)) option.value = (option.__value = option_value) ?? "";
		});
		append($$anchor, option);
	});
	reset(datalist);
	var span_1 = sibling(datalist, 2);
	var b = sibling(child(span_1));
	var text = only_child(b, true);
	reset(span_1);
	var span_2 = sibling(span_1);
	var b_1 = sibling(child(span_2));
	var text_1 = only_child(b_1, true);
	reset(span_2);
	var node = sibling(span_2, 2);
	var consequent = ($$anchor) => {
		var span_3 = root_1();
		append($$anchor, span_3);
	};
	if_block(node, ($$render) => {
		if (get(has) && !get(top).current) $$render(consequent);
	});
	var node_1 = sibling(node, 2);
	each(node_1, 17, () => get(positions), (each) => `${each.position_side} ${each.trade_mode}`, ($$anchor, each) => {
		var span_4 = root_2();
		var text_2 = child(span_4);
		var b_2 = sibling(text_2);
		var text_3 = only_child(b_2, true);
		var text_4 = sibling(b_2);
		var b_3 = sibling(text_4);
		var text_5 = only_child(b_3, true);
		var text_6 = sibling(b_3);
		reset(span_4);
		template_effect(($0, $1, $2, $3, $4) => {
			set_text(text_2, `${$0 ?? ""} `);
			set_text(text_3, $1);
			set_text(text_4, ` at ${$2 ?? ""}, `);
			set_class(b_3, 1, $3);
			set_text(text_5, $4);
			set_text(text_6, ` ${get(each).pnl_currency ?? ""}`);
		}, [
			() => get(positions).length > 1 ? named(get(each)) : "Position",
			() => shown(get(each).size),
			() => price(get(each).entry_price),
			() => clsx(sign(get(each).unrealised_pnl) < 0 ? "down" : "up"),
			() => signed(get(each).unrealised_pnl)
		]);
		append($$anchor, span_4);
	});
	var node_2 = sibling(node_1, 2);
	var consequent_1 = ($$anchor) => {
		var button = root_3();
		delegated("click", button, () => set(closing, { id: get(id) }));
		append($$anchor, button);
	};
	if_block(node_2, ($$render) => {
		if (get(positions).length && !live.readOnly) $$render(consequent_1);
	});
	var node_3 = sibling(node_2, 4);
	var consequent_2 = ($$anchor) => {
		var button_1 = root_4();
		delegated("click", button_1, () => set(closing, { id: null }));
		append($$anchor, button_1);
	};
	if_block(node_3, ($$render) => {
		if (!live.readOnly) $$render(consequent_2);
	});
	reset(div);
	var node_4 = sibling(div, 2);
	var consequent_3 = ($$anchor) => {
		var p = root_5();
		var text_7 = only_child(p);
		template_effect(() => set_text(text_7, `No price may be taken from this book: ${deep.value.unusable ?? ""}. Orders that need one are refused.`));
		append($$anchor, p);
	};
	if_block(node_4, ($$render) => {
		if (deep.value?.unusable) $$render(consequent_3);
	});
	var node_5 = sibling(node_4, 2);
	var consequent_4 = ($$anchor) => {
		var p_1 = root_6();
		var text_8 = only_child(p_1);
		template_effect(() => set_text(text_8, `${get(id) ?? ""}: ${terms.error ?? ""}`));
		append($$anchor, p_1);
	};
	if_block(node_5, ($$render) => {
		if (terms.error) $$render(consequent_4);
	});
	var div_1 = sibling(node_5, 2);
	var div_2 = child(div_1);
	var node_6 = child(div_2);
	{
		const aside = ($$anchor) => {
			var div_3 = root_8();
			each(div_3, 20, () => Object.keys(BARS), (each) => each, ($$anchor, each) => {
				var button_2 = root_7();
				var text_9 = only_child(button_2, true);
				template_effect(() => {
					set_attribute(button_2, "aria-pressed", each === get(bar));
					set_text(text_9, each);
				});
				delegated("click", button_2, () => address.set({
					instrument: get(id),
					bar: each
				}));
				append($$anchor, button_2);
			});
			reset(div_3);
			append($$anchor, div_3);
		};
		Panel(node_6, {
			get title() {
				return `${get(id) ?? ""} candles`;
			},
			get error() {
				return candles.error;
			},
			aside,
			children: ($$anchor, $$slotProps) => {
				var fragment_1 = comment();
				var node_7 = first_child(fragment_1);
				var consequent_5 = ($$anchor) => {
					var fragment_2 = comment();
					var node_8 = first_child(fragment_2);
					key(node_8, () => `${get(id)} ${get(bar)}`, ($$anchor) => {
						{
							let $0 = user_derived(() => candles.value?.candles ?? []);
							let $1 = user_derived(() => BARS[get(bar)] ?? 60);
							let $2 = user_derived(() => live.readOnly ? void 0 : (order, to) => set(amended, {
								order,
								to
							}));
							Prices($$anchor, {
								get candles() {
									return get($0);
								},
								get orders() {
									return get(orders);
								},
								get fills() {
									return get(fills);
								},
								get averages() {
									return get(averages);
								},
								get tick() {
									return get(instrument).tick;
								},
								get seconds() {
									return get($1);
								},
								get onmove() {
									return get($2);
								}
							});
						}
					});
					append($$anchor, fragment_2);
				};
				var alternate = ($$anchor) => {
					var p_2 = root_9();
					append($$anchor, p_2);
				};
				if_block(node_7, ($$render) => {
					if (get(instrument)) $$render(consequent_5);
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
	var node_9 = sibling(node_6, 2);
	{
		const aside = ($$anchor) => {
			var fragment_4 = comment();
			var node_10 = first_child(fragment_4);
			var consequent_6 = ($$anchor) => {
				Lever($$anchor, {
					words: "Cancel all",
					wish: () => cancelAll(get(id)),
					danger: true
				});
			};
			if_block(node_10, ($$render) => {
				if (get(orders).length) $$render(consequent_6);
			});
			append($$anchor, fragment_4);
		};
		let $0 = user_derived(() => live.known(get(orders))?.length ?? null);
		Panel(node_9, {
			title: "Open orders",
			get count() {
				return get($0);
			},
			aside,
			children: ($$anchor, $$slotProps) => {
				{
					let $0 = user_derived(() => live.known(get(orders)));
					let $1 = user_derived(() => live.readOnly ? void 0 : (order) => set(amended, {
						order,
						to: null
					}));
					OrderTable($$anchor, {
						get orders() {
							return get($0);
						},
						height: 220,
						get onrow() {
							return get($1);
						},
						empty: "No open orders here. A row is pressed to amend it."
					});
				}
			},
			$$slots: {
				aside: true,
				default: true
			}
		});
	}
	var node_11 = sibling(node_9, 2);
	var consequent_7 = ($$anchor) => {
		Panel($$anchor, {
			title: "Executions",
			get count() {
				return get(executions).length;
			},
			children: ($$anchor, $$slotProps) => {
				ExecutionTable($$anchor, { get executions() {
					return get(executions);
				} });
			},
			$$slots: { default: true }
		});
	};
	if_block(node_11, ($$render) => {
		if (get(executions).length) $$render(consequent_7);
	});
	var node_12 = sibling(node_11, 2);
	{
		let $0 = user_derived(() => traded.value ? get(fills).length : null);
		Panel(node_12, {
			title: "Our fills",
			get count() {
				return get($0);
			},
			get error() {
				return traded.error;
			},
			children: ($$anchor, $$slotProps) => {
				{
					let $0 = user_derived(() => traded.value || get(fills).length ? get(fills) : null);
					FillTable($$anchor, {
						get fills() {
							return get($0);
						},
						height: 220,
						empty: "No fills here yet."
					});
				}
			},
			$$slots: { default: true }
		});
	}
	reset(div_2);
	var div_4 = sibling(div_2, 2);
	var node_13 = child(div_4);
	{
		const aside = ($$anchor) => {
			var span_5 = root_10();
			var text_10 = only_child(span_5);
			template_effect(($0, $1) => {
				set_class(span_5, 1, clsx(get(top).current ? "quiet" : "warn"));
				set_text(text_10, `${$0 ?? ""}${$1 ?? ""}`);
			}, [() => get(top).current && deep.value?.spread ? `spread ${shown(deep.value.spread)}` : "", () => get(has) && !get(top).current ? `not current${get(top).age === null ? "" : `: ${span(get(top).age)} old when it was read`}` : ""]);
			append($$anchor, span_5);
		};
		Panel(node_13, {
			title: "Book",
			get error() {
				return deep.error;
			},
			aside,
			children: ($$anchor, $$slotProps) => {
				var fragment_10 = comment();
				var node_14 = first_child(fragment_10);
				var consequent_8 = ($$anchor) => {
					var div_5 = root_11();
					let classes;
					Book(child(div_5), {
						get bids() {
							return get(top).bids;
						},
						get asks() {
							return get(top).asks;
						},
						get own() {
							return get(own);
						},
						get tick() {
							return get(tick);
						},
						onprice: (price) => set(picked, { price })
					});
					reset(div_5);
					template_effect(() => classes = set_class(div_5, 1, "svelte-ex121k", null, classes, { stale: !get(top).current }));
					append($$anchor, div_5);
				};
				var alternate_1 = ($$anchor) => {
					var p_3 = root_12();
					append($$anchor, p_3);
				};
				if_block(node_14, ($$render) => {
					if (get(has)) $$render(consequent_8);
					else $$render(alternate_1, -1);
				});
				append($$anchor, fragment_10);
			},
			$$slots: {
				aside: true,
				default: true
			}
		});
	}
	var node_16 = sibling(node_13, 2);
	Panel(node_16, {
		title: "Depth",
		children: ($$anchor, $$slotProps) => {
			var div_6 = root_11();
			let classes_1;
			var node_17 = child(div_6);
			{
				let $0 = user_derived(() => deep.value?.bids ?? []);
				let $1 = user_derived(() => deep.value?.asks ?? []);
				Depth(node_17, {
					get bids() {
						return get($0);
					},
					get asks() {
						return get($1);
					}
				});
			}
			reset(div_6);
			template_effect(() => classes_1 = set_class(div_6, 1, "svelte-ex121k", null, classes_1, { stale: !get(top).current }));
			append($$anchor, div_6);
		},
		$$slots: { default: true }
	});
	var node_18 = sibling(node_16, 2);
	var consequent_9 = ($$anchor) => {
		var fragment_11 = comment();
		var node_19 = first_child(fragment_11);
		key(node_19, () => get(id), ($$anchor) => {
			Tape($$anchor, {
				get instrumentId() {
					return get(id);
				},
				get tick() {
					return get(tick);
				}
			});
		});
		append($$anchor, fragment_11);
	};
	if_block(node_18, ($$render) => {
		if (get(id)) $$render(consequent_9);
	});
	reset(div_4);
	var div_7 = sibling(div_4, 2);
	var node_20 = child(div_7);
	Panel(node_20, {
		title: "Ticket",
		children: ($$anchor, $$slotProps) => {
			var fragment_13 = comment();
			var node_21 = first_child(fragment_13);
			var consequent_10 = ($$anchor) => {
				var fragment_14 = comment();
				var node_22 = first_child(fragment_14);
				key(node_22, () => get(id), ($$anchor) => {
					Ticket($$anchor, {
						get instrument() {
							return get(instrument);
						},
						get risk() {
							return risk.value;
						},
						get bid() {
							return get(bid);
						},
						get ask() {
							return get(offer);
						},
						get picked() {
							return get(picked);
						},
						get side() {
							return get(side);
						},
						set side($$value) {
							set(side, $$value, true);
						}
					});
				});
				append($$anchor, fragment_14);
			};
			var alternate_2 = ($$anchor) => {
				var p_4 = root_13();
				var text_11 = only_child(p_4, true);
				template_effect(() => set_text(text_11, live.readOnly ? "This server only reads: orders go to the executor's own address." : "Reading the market …"));
				append($$anchor, p_4);
			};
			if_block(node_21, ($$render) => {
				if (get(instrument) && !live.readOnly) $$render(consequent_10);
				else $$render(alternate_2, -1);
			});
			append($$anchor, fragment_13);
		},
		$$slots: { default: true }
	});
	reset(div_7);
	reset(div_1);
	var node_23 = sibling(div_1, 2);
	var consequent_11 = ($$anchor) => {
		var fragment_16 = comment();
		var node_24 = first_child(fragment_16);
		key(node_24, () => get(amended).order.order_id, ($$anchor) => {
			Amend($$anchor, {
				get order() {
					return get(amended).order;
				},
				get to() {
					return get(amended).to;
				},
				get instrument() {
					return get(instrument);
				},
				onclose: () => set(amended, null)
			});
		});
		append($$anchor, fragment_16);
	};
	if_block(node_23, ($$render) => {
		if (get(amended) && get(instrument)) $$render(consequent_11);
	});
	var node_25 = sibling(node_23, 2);
	var consequent_12 = ($$anchor) => {
		Flatten($$anchor, {
			get instrumentId() {
				return get(closing).id;
			},
			onclose: () => set(closing, null)
		});
	};
	if_block(node_25, ($$render) => {
		if (get(closing)) $$render(consequent_12);
	});
	template_effect(($0, $1) => {
		set_text(text, $0);
		set_text(text_1, $1);
	}, [() => shown(get(bid), 18, placesOf(get(tick))), () => shown(get(offer), 18, placesOf(get(tick)))]);
	delegated("change", input, choose);
	bind_value(input, () => get(asked), ($$value) => set(asked, $$value));
	append($$anchor, fragment);
	pop();
}
delegate(["change", "click"]);
export { Trade as default };
