import { append, attach, comment, component, each, first_child, from_html, get, if_block, only_child, pop, push, reset, set, set_attribute, set_text, sibling, state, template_effect, user_derived, user_effect } from "./svelte.js";
import { address, link } from "./common.js";
import { SHARED, TABS, intoSight, tabAt } from "./app.js";
// src/pages/History.svelte
var root = from_html(`<a class="svelte-1cn7aw6"> </a>`);
var root_1 = from_html(`<p class="bad" role="alert"> </p>`);
var root_2 = from_html(`<p class="quiet"> </p>`);
var root_3 = from_html(`<nav aria-label="Ways to look at the history" class="svelte-1cn7aw6"></nav> <!>`, 1);
function History($$anchor, $$props) {
	push($$props, true);
	/** What was: a tab for each way of looking at it (history/). */
	const tab = user_derived(() => tabAt(address.path));
	const kept = user_derived(() => Object.fromEntries(SHARED.flatMap((name) => address.param(name) ? [[name, address.param(name) ?? ""]] : [])));
	let Shown = state(null);
	let failed = state("");
	user_effect(() => {
		const wanted = get(tab);
		set(failed, "");
		wanted.load().then((found) => {
			if (wanted === get(tab)) set(Shown, found.default);
		}, () => set(failed, "This tab could not be loaded: the server does not answer, or was changed. Load it anew."));
	});
	var fragment = root_3();
	var nav = first_child(fragment);
	each(nav, 21, () => TABS, (each) => each.path, ($$anchor, each) => {
		var a = root();
		var text = only_child(a, true);
		attach(a, () => get(each) === get(tab) && intoSight);
		template_effect(($0) => {
			set_attribute(a, "href", $0);
			set_attribute(a, "aria-current", get(each) === get(tab) ? "page" : void 0);
			set_text(text, get(each).title);
		}, [() => link(get(each).path, get(kept))]);
		append($$anchor, a);
	});
	reset(nav);
	var node = sibling(nav, 2);
	var consequent = ($$anchor) => {
		var p = root_1();
		var text_1 = only_child(p, true);
		template_effect(() => set_text(text_1, get(failed)));
		append($$anchor, p);
	};
	var consequent_1 = ($$anchor) => {
		var fragment_1 = comment();
		var node_1 = first_child(fragment_1);
		component(node_1, () => get(Shown), ($$anchor, Shown_1) => {
			Shown_1($$anchor, {});
		});
		append($$anchor, fragment_1);
	};
	var alternate = ($$anchor) => {
		var p_1 = root_2();
		var text_2 = only_child(p_1);
		template_effect(() => set_text(text_2, `Loading ${get(tab).title ?? ""} …`));
		append($$anchor, p_1);
	};
	if_block(node, ($$render) => {
		if (get(failed)) $$render(consequent);
		else if (get(Shown)) $$render(consequent_1, 1);
		else $$render(alternate, -1);
	});
	append($$anchor, fragment);
	pop();
}
export { History as default };
