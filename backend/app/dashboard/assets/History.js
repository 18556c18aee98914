import { get, pop, push, user_derived } from "./svelte.js";
import { FillTable, Panel, polled } from "./common.js";
// src/pages/History.svelte
function History($$anchor, $$props) {
	push($$props, true);
	/** What was traded. */
	const trades = polled("/api/v1/trading/trades", 5, () => ({ query: { limit: 500 } }));
	const fills = user_derived(() => [...trades.value?.trades ?? []].reverse());
	Panel($$anchor, {
		title: "Fills",
		get count() {
			return get(fills).length;
		},
		get error() {
			return trades.error;
		},
		children: ($$anchor, $$slotProps) => {
			FillTable($$anchor, {
				get fills() {
					return get(fills);
				},
				height: 700
			});
		},
		$$slots: { default: true }
	});
	pop();
}
export { History as default };
