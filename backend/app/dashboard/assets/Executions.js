import { append, child, from_html, get, pop, push, reset, sibling, user_derived } from "./svelte.js";
import { ExecutionTable, Panel, hasEnded, live, polled } from "./common.js";
// src/pages/Executions.svelte
var root = from_html(`<div class="grid"><!> <!></div>`);
function Executions($$anchor, $$props) {
	push($$props, true);
	/** Every execution, the running ones by the stream, the ended ones as they were. */
	const all = polled("/api/v1/trading/executions", 5, () => ({ query: {
		open_only: false,
		limit: 100
	} }));
	const ended = user_derived(() => (all.value?.executions ?? []).filter(hasEnded));
	var div = root();
	var node = child(div);
	{
		let $0 = user_derived(() => live.executions?.length ?? null);
		Panel(node, {
			title: "Running",
			get count() {
				return get($0);
			},
			children: ($$anchor, $$slotProps) => {
				{
					let $0 = user_derived(() => live.executions ?? []);
					ExecutionTable($$anchor, { get executions() {
						return get($0);
					} });
				}
			},
			$$slots: { default: true }
		});
	}
	var node_1 = sibling(node, 2);
	Panel(node_1, {
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
				empty: "None has ended yet."
			});
		},
		$$slots: { default: true }
	});
	reset(div);
	append($$anchor, div);
	pop();
}
export { Executions as default };
