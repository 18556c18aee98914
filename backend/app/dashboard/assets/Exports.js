import { append, child, clsx, delegate, delegated, each, first_child, from_html, get, if_block, init_select, next, only_child, pop, push, reset, select_option, set, set_class, set_text, sibling, state, template_effect, user_derived, user_effect } from "./svelte.js";
import { Panel, Problem, address, answered, pathOf, said, session } from "./common.js";
import { Filters } from "./Filters.js";
// src/core/download.ts
/** A file of the server's, whole or not at all, asked for as who this page is: no credential stands in an address. The browser
*  keeps it until it is saved. */
/** How long nothing may come of it. */
var QUIET_MS = 12e4;
/** told: how many bytes have come. Throws Problem, also where it broke off, and AbortError where `stop` says so. */
async function download(path, name, told, stop) {
	const silence = new AbortController();
	const patience = () => setTimeout(() => silence.abort(new DOMException("", "TimeoutError")), QUIET_MS);
	let waiting = patience();
	const pieces = [];
	let bytes = 0;
	try {
		const answer = await answered("GET", path, AbortSignal.any([stop, silence.signal]), { accept: "*/*" });
		const reader = answer.body?.getReader();
		for (;;) {
			const piece = await reader?.read().catch(() => {
				throw new Problem(0, "no-answer", "it broke off before its end, and nothing of it was saved");
			});
			if (!piece || piece.done) break;
			clearTimeout(waiting);
			waiting = patience();
			pieces.push(piece.value);
			told(bytes += piece.value.length);
		}
		save(new Blob(pieces, { type: answer.headers.get("content-type") ?? "" }), name);
	} catch (failure) {
		stop.throwIfAborted();
		throw failure;
	} finally {
		clearTimeout(waiting);
	}
}
function save(file, name) {
	const link = document.createElement("a");
	link.href = URL.createObjectURL(file);
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 6e4);
}
/** 812 B, 14 kB, 3.2 MB. */
function size(bytes) {
	if (bytes < 1e3) return `${bytes} B`;
	return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
// src/parts/Download.svelte
var root$1 = from_html(`<button type="button" class="small"> </button>`);
var root_1$1 = from_html(`<!> <span role="status"> </span>`, 1);
function Download($$anchor, $$props) {
	push($$props, true);
	/** A button that saves a file of the server's: how much has come, what stops it, and why it did not. Who leaves, stops it. */
	/** Of the file. */
	let bytes = state(null);
	let told = state("");
	let failed = state(false);
	let going = null;
	user_effect(() => () => going?.abort());
	async function act() {
		const own = going = new AbortController();
		set(bytes, 0);
		set(told, "");
		set(failed, false);
		try {
			await download($$props.path, $$props.name, (come) => set(bytes, come, true), own.signal);
			set(told, `${$$props.name}, ${size(get(bytes))}, was handed to the browser.`);
		} catch (failure) {
			set(failed, !own.signal.aborted);
			set(told, own.signal.aborted ? "Stopped: nothing of it was saved." : `Not saved: ${said(failure)}.`, true);
		}
		set(bytes, null);
	}
	var fragment = root_1$1();
	var node = first_child(fragment);
	var consequent = ($$anchor) => {
		var button = root$1();
		var text = only_child(button, true);
		template_effect(() => {
			button.disabled = session.asked !== null;
			set_text(text, $$props.words);
		});
		delegated("click", button, () => void act());
		append($$anchor, button);
	};
	var alternate = ($$anchor) => {
		var button_1 = root$1();
		var text_1 = only_child(button_1);
		template_effect(($0) => set_text(text_1, `Stop, ${$0 ?? ""} so far`), [() => size(get(bytes))]);
		delegated("click", button_1, () => going?.abort());
		append($$anchor, button_1);
	};
	if_block(node, ($$render) => {
		if (get(bytes) === null) $$render(consequent);
		else $$render(alternate, -1);
	});
	var span = sibling(node, 2);
	var text_2 = only_child(span, true);
	template_effect(() => {
		set_class(span, 1, clsx(get(failed) ? "warn" : "quiet"));
		set_text(text_2, get(told));
	});
	append($$anchor, fragment);
	pop();
}
delegate(["click"]);
// src/pages/history/Exports.svelte
var root = from_html(`<label>Tax lots <select><option>first in, first out</option><option>average cost</option></select></label>`);
var root_1 = from_html(`<span class="quiet"> </span>`);
var root_2 = from_html(`<dt class="svelte-1heio5y"> </dt> <dd class="svelte-1heio5y"> <!> <div class="row"><!></div></dd>`, 1);
var root_3 = from_html(`<dl class="svelte-1heio5y"></dl> <p class="quiet">Oldest first, all of it; decimals are exact, instants in UTC. The browser keeps a file until it is whole: for histories of gigabytes, and for Parquet, there is <code>trading-executor export</code>.</p>`, 1);
var root_4 = from_html(`<div class="grid"><!> <!></div>`);
function Exports($$anchor, $$props) {
	push($$props, true);
	/** Whole tables for other programs and for tax, of the period and filters of the address. */
	/** What each takes: the server refuses what would be no filter of it. */
	const TABLES = [
		{
			what: "trades",
			says: "every fill, with its fee and, of contracts, its profit and loss",
			takes: [
				"start_date",
				"end_date",
				"instrument_id",
				"strategy_id"
			]
		},
		{
			what: "orders",
			says: "every order, and what became of it",
			takes: [
				"start_date",
				"end_date",
				"instrument_id",
				"strategy_id"
			]
		},
		{
			what: "positions",
			says: "what is held, as it stands",
			takes: ["instrument_id"]
		},
		{
			what: "bills",
			says: "every movement of cash that no fill explains: funding, interest, deposits",
			takes: ["start_date", "end_date"]
		},
		{
			what: "tax",
			says: "every disposal of an asset, with the lots that it went from",
			takes: [
				"start_date",
				"end_date",
				"strategy_id",
				"method"
			]
		}
	];
	const NAMES = {
		start_date: "the start",
		end_date: "the end",
		instrument_id: "the instrument",
		strategy_id: "the strategy"
	};
	const method = user_derived(() => address.param("method") ?? "fifo");
	const filters = user_derived(() => ({
		start_date: address.param("from"),
		end_date: address.param("to"),
		instrument_id: address.param("instrument"),
		strategy_id: address.param("strategy")
	}));
	const query = (takes) => Object.fromEntries(Object.entries({
		...get(filters),
		method: get(method)
	}).filter(([name]) => takes.includes(name)));
	const left = (takes) => Object.keys(NAMES).filter((name) => get(filters)[name] && !takes.includes(name)).map((name) => NAMES[name]);
	var div = root_4();
	var node = child(div);
	Filters(node, {
		children: ($$anchor, $$slotProps) => {
			var label = root();
			var select = sibling(child(label));
			var option = child(select);
			option.value = option.__value = "fifo";
			var option_1 = sibling(option);
			option_1.value = option_1.__value = "average";
			reset(select);
			var select_value;
			init_select(select);
			reset(label);
			template_effect(() => {
				if (select_value !== (select_value = get(method))) select.value = (select.__value = select_value) ?? "", select_option(select, select_value);
			});
			delegated("change", select, (event) => address.set({ method: event.currentTarget.value }));
			append($$anchor, label);
		},
		$$slots: { default: true }
	});
	var node_1 = sibling(node, 2);
	Panel(node_1, {
		title: "Whole tables, as CSV",
		children: ($$anchor, $$slotProps) => {
			var fragment = root_3();
			var dl = first_child(fragment);
			each(dl, 21, () => TABLES, ({ what, says, takes }) => what, ($$anchor, $$item) => {
				let what = () => get($$item).what;
				let says = () => get($$item).says;
				let takes = () => get($$item).takes;
				var fragment_1 = root_2();
				var dt = first_child(fragment_1);
				var text = only_child(dt, true);
				var dd = sibling(dt, 2);
				var text_1 = child(dd, true);
				var node_2 = sibling(text_1);
				var consequent = ($$anchor) => {
					var span = root_1();
					var text_2 = only_child(span);
					template_effect(($0, $1) => set_text(text_2, `; ${$0 ?? ""} ${$1 ?? ""} no filter of it`), [() => left(takes()).join(", "), () => left(takes()).length === 1 ? "is" : "are"]);
					append($$anchor, span);
				};
				var d = user_derived(() => left(takes()).length);
				if_block(node_2, ($$render) => {
					if (get(d)) $$render(consequent);
				});
				var div_1 = sibling(node_2, 2);
				var node_3 = child(div_1);
				{
					let $0 = user_derived(() => pathOf(`/api/v1/trading/exports/${what()}`, { query: query(takes()) }));
					Download(node_3, {
						get words() {
							return `Save ${what() ?? ""}`;
						},
						get path() {
							return get($0);
						},
						get name() {
							return `${what() ?? ""}.csv`;
						}
					});
				}
				reset(div_1);
				reset(dd);
				template_effect(() => {
					set_text(text, what());
					set_text(text_1, says());
				});
				append($$anchor, fragment_1);
			});
			reset(dl);
			next(2);
			append($$anchor, fragment);
		},
		$$slots: { default: true }
	});
	reset(div);
	append($$anchor, div);
	pop();
}
delegate(["change"]);
export { Exports as default };
