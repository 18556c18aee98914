import { append, child, first_child, from_html, get, only_child, pop, push, reset, set_text, sibling, template_effect, user_derived } from "./svelte.js";
import { Panel, Table, Verdict, amount, live, polled, shown, title } from "./common.js";
// src/pages/System.svelte
var root = from_html(`<!> <p class="quiet"> </p>`, 1);
var root_1 = from_html(`<div class="grid"><!> <!> <!></div>`);
function System($$anchor, $$props) {
	push($$props, true);
	/** How the system stands. */
	const risk = polled("/api/v1/trading/risk-limits", 5);
	var div = root_1();
	var node = child(div);
	Verdict(node, { get risk() {
		return risk.value;
	} });
	var node_1 = sibling(node, 2);
	Panel(node_1, {
		title: "Limits in force",
		class: "half",
		get error() {
			return risk.error;
		},
		children: ($$anchor, $$slotProps) => {
			{
				let $0 = user_derived(() => risk.value?.limits ?? []);
				Table($$anchor, {
					caption: "Limits",
					get rows() {
						return get($0);
					},
					id: (row) => row.name,
					empty: "Reading the limits …",
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
	var node_2 = sibling(node_1, 2);
	Panel(node_2, {
		title: "Markets followed",
		class: "half",
		children: ($$anchor, $$slotProps) => {
			var fragment_1 = root();
			var node_3 = first_child(fragment_1);
			{
				let $0 = user_derived(() => live.status?.followed ?? []);
				Table(node_3, {
					caption: "Markets",
					get rows() {
						return get($0);
					},
					id: (row) => row,
					empty: "None.",
					columns: [{
						title: "Instrument",
						value: (row) => row
					}]
				});
			}
			var p = sibling(node_3, 2);
			var text = only_child(p);
			template_effect(($0) => set_text(text, `${$0 ?? ""} events in the journal.`), [() => shown(String(live.status?.journal_seq ?? ""))]);
			append($$anchor, fragment_1);
		},
		$$slots: { default: true }
	});
	reset(div);
	append($$anchor, div);
	pop();
}
export { System as default };
