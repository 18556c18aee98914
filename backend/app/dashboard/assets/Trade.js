import { append, child, comment, first_child, from_html, get, if_block, pop, push, reset, sibling, user_derived } from "./svelte.js";
import { FillTable, Lever, OrderTable, Panel, PositionTable, cancelAll, live } from "./common.js";
// src/pages/Trade.svelte
var root = from_html(`<div class="grid"><!> <!> <!></div>`);
function Trade($$anchor, $$props) {
	push($$props, true);
	var div = root();
	var node = child(div);
	{
		const aside = ($$anchor) => {
			var fragment = comment();
			var node_1 = first_child(fragment);
			var consequent = ($$anchor) => {
				Lever($$anchor, {
					words: "Cancel all",
					wish: () => cancelAll(),
					danger: true
				});
			};
			if_block(node_1, ($$render) => {
				if (live.orders.length) $$render(consequent);
			});
			append($$anchor, fragment);
		};
		Panel(node, {
			title: "Open orders",
			get count() {
				return live.orders.length;
			},
			aside,
			children: ($$anchor, $$slotProps) => {
				OrderTable($$anchor, { get orders() {
					return live.orders;
				} });
			},
			$$slots: {
				aside: true,
				default: true
			}
		});
	}
	var node_2 = sibling(node, 2);
	Panel(node_2, {
		title: "Positions",
		class: "half",
		children: ($$anchor, $$slotProps) => {
			{
				let $0 = user_derived(() => live.positions ?? []);
				PositionTable($$anchor, { get positions() {
					return get($0);
				} });
			}
		},
		$$slots: { default: true }
	});
	var node_3 = sibling(node_2, 2);
	Panel(node_3, {
		title: "Fills",
		class: "half",
		children: ($$anchor, $$slotProps) => {
			FillTable($$anchor, { get fills() {
				return live.fills;
			} });
		},
		$$slots: { default: true }
	});
	reset(div);
	append($$anchor, div);
	pop();
}
export { Trade as default };
