import { append, child, comment, first_child, from_html, get, if_block, key, pop, push, reset, sibling, user_derived } from "./svelte.js";
import { CompareExecutions, ExecutionTable, ExecutionView, Panel, address, hasEnded, live, polled } from "./common.js";
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
	const ended = user_derived(() => (all.value?.executions ?? []).filter(hasEnded));
	const one = user_derived(() => address.after("/executions")[0]);
	const compared = user_derived(() => address.params("with"));
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
					{
						let $0 = user_derived(() => live.executions ?? []);
						ExecutionTable($$anchor, {
							get executions() {
								return get($0);
							},
							onrow: lead,
							chosen
						});
					}
				},
				$$slots: { default: true }
			});
		}
		var node_4 = sibling(node_3, 2);
		Panel(node_4, {
			title: "Ended",
			get count() {
				return get(ended).length;
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
