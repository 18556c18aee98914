import { append, child, delegate, delegated, each, from_html, get, if_block, noop, only_child, pop, prop, push, remove_input_defaults, reset, set_attribute, set_text, set_value, sibling, snippet, template_effect, user_derived } from "./svelte.js";
import { Panel, SPANS, address, fromField, since, toField } from "./common.js";
// src/pages/history/Period.svelte
var root = from_html(`<button type="button" class="plain small svelte-5hrb6m"> </button>`);
var root_1 = from_html(`<label>Strategy <input/></label>`);
var root_2 = from_html(`<div class="filters svelte-5hrb6m"><div role="group" aria-label="Since when" class="row svelte-5hrb6m"></div> <label>From <input type="datetime-local" step="1"/></label> <label>To <input type="datetime-local" step="1"/></label> <label>Instrument <input/></label> <!> <!></div>`);
function Period($$anchor, $$props) {
	push($$props, true);
	/** Of which time, and of what: as the address has it, and as every tab of the history takes it. */
	const strategies = prop(
		$$props,
		"strategies",
		3,
		true
		/** Whether what is shown can be of one strategy alone. */
	);
	const from = user_derived(() => address.param("from") ?? "");
	const to = user_derived(() => address.param("to") ?? "");
	const opened = /* @__PURE__ */ new Date();
	const put = (name) => (event) => address.set({ [name]: event.currentTarget.value.trim() });
	const date = (name) => (event) => address.set({ [name]: fromField(event.currentTarget.value) });
	Panel($$anchor, {
		title: "Period",
		children: ($$anchor, $$slotProps) => {
			var div = root_2();
			var div_1 = child(div);
			each(div_1, 20, () => SPANS, (span) => span, ($$anchor, span) => {
				var button = root();
				var text = only_child(button, true);
				template_effect(($0) => {
					set_attribute(button, "aria-pressed", $0);
					set_text(text, span);
				}, [() => get(to) === "" && get(from) === since(span, opened)]);
				delegated("click", button, () => address.set({
					from: since(span, /* @__PURE__ */ new Date()),
					to: null
				}));
				append($$anchor, button);
			});
			reset(div_1);
			var label = sibling(div_1, 2);
			var input = sibling(child(label));
			remove_input_defaults(input);
			var event_handler = user_derived(() => date("from"));
			reset(label);
			var label_1 = sibling(label, 2);
			var input_1 = sibling(child(label_1));
			remove_input_defaults(input_1);
			var event_handler_1 = user_derived(() => date("to"));
			reset(label_1);
			var label_2 = sibling(label_1, 2);
			var input_2 = sibling(child(label_2));
			remove_input_defaults(input_2);
			var event_handler_2 = user_derived(() => put("instrument"));
			reset(label_2);
			var node = sibling(label_2, 2);
			var consequent = ($$anchor) => {
				var label_3 = root_1();
				var input_3 = sibling(child(label_3));
				remove_input_defaults(input_3);
				var event_handler_3 = user_derived(() => put("strategy"));
				reset(label_3);
				template_effect(($0) => set_value(input_3, $0), [() => address.param("strategy") ?? ""]);
				delegated("change", input_3, function(...$$args) {
					get(event_handler_3)?.apply(this, $$args);
				});
				append($$anchor, label_3);
			};
			if_block(node, ($$render) => {
				if (strategies()) $$render(consequent);
			});
			var node_1 = sibling(node, 2);
			snippet(node_1, () => $$props.children ?? noop);
			reset(div);
			template_effect(($0, $1, $2) => {
				set_value(input, $0);
				set_value(input_1, $1);
				set_value(input_2, $2);
			}, [
				() => toField(get(from)),
				() => toField(get(to)),
				() => address.param("instrument") ?? ""
			]);
			delegated("change", input, function(...$$args) {
				get(event_handler)?.apply(this, $$args);
			});
			delegated("change", input_1, function(...$$args) {
				get(event_handler_1)?.apply(this, $$args);
			});
			delegated("change", input_2, function(...$$args) {
				get(event_handler_2)?.apply(this, $$args);
			});
			append($$anchor, div);
		},
		$$slots: { default: true }
	});
	pop();
}
delegate(["click", "change"]);
export { Period };
