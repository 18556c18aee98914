import { append, child, comment, delegate, delegated, each, first_child, from_html, get, if_block, noop, only_child, pop, prop, push, remove_input_defaults, reset, set_attribute, set_text, set_value, sibling, snippet, template_effect, user_derived } from "./svelte.js";
import { Panel, SPANS, address, fromField, since, toField } from "./common.js";
// src/pages/history/Filters.svelte
var root = from_html(`<button type="button" class="small">Clear</button>`);
var root_1 = from_html(`<label>Id <input type="search"/></label>`);
var root_2 = from_html(`<label>Strategy <input/></label>`);
var root_3 = from_html(`<button type="button" class="plain small svelte-zz5xqi"> </button>`);
var root_4 = from_html(`<div class="filters svelte-zz5xqi"><!> <label>Instrument <input/></label> <!> <div role="group" aria-label="Since when" class="row spans svelte-zz5xqi"></div> <label>From <input type="datetime-local" step="1"/></label> <label>To <input type="datetime-local" step="1"/></label> <!></div>`);
function Filters($$anchor, $$props) {
	push($$props, true);
	/** The filters that every tab of the history knows, as the address has them; a tab adds its own. */
	/** Of which ids one may look for one thing; "" where what is shown is of many. */
	/** Whether what is shown can be of one strategy alone. */
	const placeholder = prop($$props, "placeholder", 3, ""), strategies = prop($$props, "strategies", 3, true);
	const from = user_derived(() => address.param("from") ?? "");
	const to = user_derived(() => address.param("to") ?? "");
	const opened = /* @__PURE__ */ new Date();
	const put = (name) => (event) => address.set({ [name]: event.currentTarget.value.trim() });
	const date = (name) => (event) => address.set({ [name]: fromField(event.currentTarget.value) });
	const has = user_derived(() => [
		"q",
		"instrument",
		"strategy",
		"from",
		"to",
		"side",
		"status",
		"kind"
	].some((name) => address.param(name)));
	{
		const aside = ($$anchor) => {
			var fragment_1 = comment();
			var node = first_child(fragment_1);
			var consequent = ($$anchor) => {
				var button = root();
				delegated("click", button, () => address.go(address.path));
				append($$anchor, button);
			};
			if_block(node, ($$render) => {
				if (get(has)) $$render(consequent);
			});
			append($$anchor, fragment_1);
		};
		let $0 = user_derived(() => placeholder() ? "Search and filters" : "Period and filters");
		Panel($$anchor, {
			get title() {
				return get($0);
			},
			aside,
			children: ($$anchor, $$slotProps) => {
				var div = root_4();
				var node_1 = child(div);
				var consequent_1 = ($$anchor) => {
					var label = root_1();
					var input = sibling(child(label));
					remove_input_defaults(input);
					var event_handler = user_derived(() => put("q"));
					reset(label);
					template_effect(($0) => {
						set_value(input, $0);
						set_attribute(input, "placeholder", placeholder());
					}, [() => address.param("q") ?? ""]);
					delegated("change", input, function(...$$args) {
						get(event_handler)?.apply(this, $$args);
					});
					append($$anchor, label);
				};
				if_block(node_1, ($$render) => {
					if (placeholder()) $$render(consequent_1);
				});
				var label_1 = sibling(node_1, 2);
				var input_1 = sibling(child(label_1));
				remove_input_defaults(input_1);
				var event_handler_1 = user_derived(() => put("instrument"));
				reset(label_1);
				var node_2 = sibling(label_1, 2);
				var consequent_2 = ($$anchor) => {
					var label_2 = root_2();
					var input_2 = sibling(child(label_2));
					remove_input_defaults(input_2);
					var event_handler_2 = user_derived(() => put("strategy"));
					reset(label_2);
					template_effect(($0) => set_value(input_2, $0), [() => address.param("strategy") ?? ""]);
					delegated("change", input_2, function(...$$args) {
						get(event_handler_2)?.apply(this, $$args);
					});
					append($$anchor, label_2);
				};
				if_block(node_2, ($$render) => {
					if (strategies()) $$render(consequent_2);
				});
				var div_1 = sibling(node_2, 2);
				each(div_1, 20, () => SPANS, (span) => span, ($$anchor, span) => {
					var button_1 = root_3();
					var text = only_child(button_1, true);
					template_effect(($0) => {
						set_attribute(button_1, "aria-pressed", $0);
						set_text(text, span);
					}, [() => get(to) === "" && get(from) === since(span, opened)]);
					delegated("click", button_1, () => address.set({
						from: since(span, /* @__PURE__ */ new Date()),
						to: null
					}));
					append($$anchor, button_1);
				});
				reset(div_1);
				var label_3 = sibling(div_1, 2);
				var input_3 = sibling(child(label_3));
				remove_input_defaults(input_3);
				var event_handler_3 = user_derived(() => date("from"));
				reset(label_3);
				var label_4 = sibling(label_3, 2);
				var input_4 = sibling(child(label_4));
				remove_input_defaults(input_4);
				var event_handler_4 = user_derived(() => date("to"));
				reset(label_4);
				var node_3 = sibling(label_4, 2);
				snippet(node_3, () => $$props.children ?? noop);
				reset(div);
				template_effect(($0, $1, $2) => {
					set_value(input_1, $0);
					set_value(input_3, $1);
					set_value(input_4, $2);
				}, [
					() => address.param("instrument") ?? "",
					() => toField(get(from)),
					() => toField(get(to))
				]);
				delegated("change", input_1, function(...$$args) {
					get(event_handler_1)?.apply(this, $$args);
				});
				delegated("change", input_3, function(...$$args) {
					get(event_handler_3)?.apply(this, $$args);
				});
				delegated("change", input_4, function(...$$args) {
					get(event_handler_4)?.apply(this, $$args);
				});
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
delegate(["click", "change"]);
export { Filters };
