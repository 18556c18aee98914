const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["./Overview.js","./svelte.js","./common.js","./curves.js","./curves.css","./common.css","./Overview.css","./Trade.js","./prices.js","./Trade.css","./Executions.js","./Executions.css","./History.js","./History.css","./System.js","./System.css","./Orders.js","./found.svelte.js","./Filters.js","./Filters.css","./Orders.css","./Events.js","./Performance.js","./Performance.css","./Costs.js","./Costs.css","./Exports.js","./Exports.css"])))=>i.map(i=>d[i]);
import { $window, append, attach, autofocus, bind_checked, bind_group, bind_this, bind_value, child, comment, component, delegate, delegated, each, event, first_child, from_html, get, if_block, index, mount, next, only_child, pop, prop, proxy, push, remove_input_defaults, reset, set, set_attribute, set_class, set_style, set_text, sibling, snippet, state, template_effect, text, to_array, untrack, user_derived, user_effect } from "./svelte.js";
import { REACHES, acts_, address, link, live, look, reachFor, repeatable, said, session, span, time, when } from "./common.js";
// src/core/commands.svelte.ts
var lists = state([]);
var first = "";
var firstAt = 0;
var BETWEEN_MS = 1200;
var commands = {
	get all() {
		return get(lists).flat();
	},
	/** A page's own, while it is shown; returns what takes them away. */
	add(list) {
		untrack(() => set(lists, [...get(lists), list]));
		return () => set(lists, get(lists).filter((each) => each !== list));
	}
};
function writes(target) {
	return target instanceof HTMLElement && (target.isContentEditable || [
		"INPUT",
		"TEXTAREA",
		"SELECT"
	].includes(target.tagName));
}
/** Runs what a key stands for; keys in a field are the field's. */
function pressed(event) {
	if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
		event.preventDefault();
		commands.all.find((each) => each.keys === "/")?.run();
		return;
	}
	if (event.ctrlKey || event.metaKey || event.altKey || writes(event.target) || document.querySelector("dialog[open]")) return;
	const both = Date.now() - firstAt < BETWEEN_MS ? `${first} ${event.key}` : "";
	const found = commands.all.find((each) => each.keys && (each.keys === both || each.keys === event.key));
	first = event.key;
	firstAt = Date.now();
	if (!found) return;
	event.preventDefault();
	first = "";
	found.run();
}
// \0vite/preload-helper.js
var scriptRel = /* @__PURE__ */ (function detectScriptRel() {
	const relList = typeof document !== "undefined" && document.createElement("link").relList;
	return relList && relList.supports && relList.supports("modulepreload") ? "modulepreload" : "preload";
})();
var assetsURL = function(dep, importerUrl) {
	return new URL(dep, importerUrl).href;
};
var seen = {};
var isCssPreloadUrl = function isCssPreloadUrl(url) {
	return url.pathname.endsWith(".css");
};
var preloadOnce = function preloadOnce(seen, href, preload) {
	if (href in seen) return seen[href];
	const promise = preload();
	if (!promise) {
		seen[href] = void 0;
		return;
	}
	const preloadPromise = promise.then(() => {
		seen[href] = void 0;
	}, (err) => {
		seen[href] = void 0;
		throw err;
	});
	seen[href] = preloadPromise;
	return preloadPromise;
};
var __vitePreload = function preload(baseModule, deps, importerUrl) {
	let promise = Promise.resolve();
	if (deps && deps.length > 0) {
		let preloadedHrefs;
		const cspNonceMeta = document.querySelector("meta[property=csp-nonce]");
		const cspNonce = cspNonceMeta?.nonce || cspNonceMeta?.getAttribute("nonce");
		function allSettled(promises) {
			return Promise.all(promises.map((p) => Promise.resolve(p).then((value) => ({
				status: "fulfilled",
				value
			}), (reason) => ({
				status: "rejected",
				reason
			}))));
		}
		function importMetaResolve(specifier) {
			if (import.meta.resolve) return new URL(import.meta.resolve(specifier));
			return new URL(
				specifier,
				/** #__KEEP__ */
				import.meta.url
			);
		}
		promise = allSettled(deps.map((depString) => {
			depString = assetsURL(depString, importerUrl);
			const dep = importMetaResolve(depString);
			const isCss = isCssPreloadUrl(dep);
			return preloadOnce(seen, dep.href, () => {
				if (preloadedHrefs === void 0) {
					preloadedHrefs = {
						all: /* @__PURE__ */ new Set(),
						styles: /* @__PURE__ */ new Set()
					};
					const links = document.getElementsByTagName("link");
					for (let i = links.length - 1; i >= 0; i--) {
						const link = links[i];
						preloadedHrefs.all.add(link.href);
						if (link.rel === "stylesheet") preloadedHrefs.styles.add(link.href);
					}
				}
				if ((isCss ? preloadedHrefs.styles : preloadedHrefs.all).has(dep.href)) return;
				const link = document.createElement("link");
				link.rel = isCss ? "stylesheet" : scriptRel;
				if (!isCss) link.as = "script";
				link.crossOrigin = "";
				link.href = dep.href;
				if (cspNonce) link.setAttribute("nonce", cspNonce);
				document.head.appendChild(link);
				if (isCss) return new Promise((res, rej) => {
					const handleSettle = (e) => {
						link.removeEventListener("load", handleSettle);
						link.removeEventListener("error", handleSettle);
						if (e.type === "error") rej(/* @__PURE__ */ new Error(`Unable to preload CSS for ${dep}`));
						else res(e);
					};
					link.addEventListener("load", handleSettle);
					link.addEventListener("error", handleSettle);
				});
			});
		}).filter((p) => p !== void 0));
	}
	function handlePreloadError(err) {
		const e = new Event("vite:preloadError", { cancelable: true });
		e.payload = err;
		window.dispatchEvent(e);
		if (!e.defaultPrevented) throw err;
	}
	return promise.then((res) => {
		for (const item of res || []) {
			if (item.status !== "rejected") continue;
			handlePreloadError(item.reason);
		}
		return baseModule().catch(handlePreloadError);
	});
};
// src/pages/index.ts
var PAGES = [
	{
		path: "/",
		title: "Overview",
		key: "o",
		load: () => __vitePreload(() => import("./Overview.js"), __vite__mapDeps([0,1,2,3,4,5,6]), import.meta.url)
	},
	{
		path: "/trade",
		title: "Trade",
		key: "t",
		load: () => __vitePreload(() => import("./Trade.js"), __vite__mapDeps([7,1,2,3,4,5,8,9]), import.meta.url)
	},
	{
		path: "/executions",
		title: "Executions",
		key: "e",
		load: () => __vitePreload(() => import("./Executions.js"), __vite__mapDeps([10,1,2,3,4,5,11]), import.meta.url)
	},
	{
		path: "/history",
		title: "History",
		key: "h",
		load: () => __vitePreload(() => import("./History.js"), __vite__mapDeps([12,1,2,3,4,5,13]), import.meta.url)
	},
	{
		path: "/system",
		title: "System",
		key: "s",
		load: () => __vitePreload(() => import("./System.js"), __vite__mapDeps([14,1,2,3,4,5,15]), import.meta.url)
	}
];
/** The one whose address this is, or undefined. */
function pageAt(path) {
	return PAGES.find((page) => path === page.path || page.path !== "/" && path.startsWith(`${page.path}/`));
}
// src/pages/history/index.ts
/** The parameters of the address that mean the same in every tab, and go along from one to another. */
var SHARED = [
	"q",
	"instrument",
	"strategy",
	"from",
	"to"
];
var TABS = [
	{
		path: "/history",
		title: "Orders and fills",
		load: () => __vitePreload(() => import("./Orders.js"), __vite__mapDeps([16,1,17,2,3,4,5,18,19,20]), import.meta.url)
	},
	{
		path: "/history/events",
		title: "Events",
		load: () => __vitePreload(() => import("./Events.js"), __vite__mapDeps([21,1,17,2,3,4,5,18,19]), import.meta.url)
	},
	{
		path: "/history/performance",
		title: "Performance",
		load: () => __vitePreload(() => import("./Performance.js"), __vite__mapDeps([22,1,2,3,4,5,18,19,23]), import.meta.url)
	},
	{
		path: "/history/costs",
		title: "Costs",
		load: () => __vitePreload(() => import("./Costs.js"), __vite__mapDeps([24,1,2,3,4,5,18,19,25]), import.meta.url)
	},
	{
		path: "/history/exports",
		title: "Exports",
		load: () => __vitePreload(() => import("./Exports.js"), __vite__mapDeps([26,1,2,3,4,5,18,19,27]), import.meta.url)
	}
];
/** The one whose address this is; the first for what is none. */
function tabAt(path) {
	return TABS.find((tab) => tab.path === path) ?? TABS[0];
}
// src/core/sight.ts
/** Where there is not room for all of a menu, the part of it that one is at is scrolled to; also when the room changes. */
function intoSight(node) {
	const menu = node.parentElement;
	const watch = new ResizeObserver(() => menu.scrollLeft = node.offsetLeft - menu.offsetLeft - (menu.clientWidth - node.offsetWidth) / 2);
	watch.observe(menu);
	return () => watch.disconnect();
}
// src/shell/Acts.svelte
var root$9 = from_html(`<button class="plain small">✕</button>`);
var root_1$7 = from_html(`<p> </p>`);
var root_2$5 = from_html(`<li> </li>`);
var root_3$3 = from_html(`<ul class="svelte-as7q3l"></ul>`);
var root_4$1 = from_html(`<div class="row svelte-as7q3l"><button class="small">Ask again</button></div>`);
var root_5$1 = from_html(`<p class="quiet"> </p> <!>`, 1);
var root_6$1 = from_html(`<div><div class="row svelte-as7q3l"><span> </span><span class="grow"> </span> <!></div> <!> <!></div>`);
var root_7 = from_html(`<div class="acts svelte-as7q3l" role="log" aria-label="What was asked for"></div>`);
function Acts($$anchor, $$props) {
	push($$props, true);
	/** What was asked for and how it stands, until the journal has it. */
	const WORDS = {
		sending: "sending …",
		waiting: "taken; waiting for the journal …",
		done: "done",
		refused: "refused",
		unanswered: "no answer"
	};
	const unheard = (act) => {
		if (act.problem?.status === 401) return "It was not done: it asks for a key.";
		return act.before ? `Sent at ${when(act.at)}, before this page was loaded anew; what became of it was not heard.` : "It may have been done.";
	};
	const then = (act) => {
		if (act.overtaken) return `It is not asked for again: “${act.overtaken}” came after it.`;
		return repeatable(act) ? "To ask again is safe: it is done once." : "Look what it came to before you ask for it anew.";
	};
	const TONES = {
		sending: "quiet",
		waiting: "quiet",
		done: "good",
		refused: "bad",
		unanswered: "warn"
	};
	var div = root_7();
	each(div, 21, () => acts_.all, (act) => act.key, ($$anchor, act) => {
		var div_1 = root_6$1();
		var div_2 = child(div_1);
		var span = child(div_2);
		var text = only_child(span, true);
		var span_1 = sibling(span);
		var text_1 = only_child(span_1, true);
		var node = sibling(span_1, 2);
		var consequent = ($$anchor) => {
			var button = root$9();
			template_effect(() => set_attribute(button, "aria-label", `Put away: ${get(act).title ?? ""}`));
			delegated("click", button, () => acts_.dismiss(get(act).key));
			append($$anchor, button);
		};
		if_block(node, ($$render) => {
			if (get(act).phase !== "sending" && get(act).phase !== "waiting") $$render(consequent);
		});
		reset(div_2);
		var node_1 = sibling(div_2, 2);
		var consequent_2 = ($$anchor) => {
			var fragment = comment();
			var node_2 = first_child(fragment);
			var consequent_1 = ($$anchor) => {
				var p = root_1$7();
				var text_2 = only_child(p, true);
				template_effect(() => set_text(text_2, get(act).problem.detail));
				append($$anchor, p);
			};
			var alternate = ($$anchor) => {
				var ul = root_3$3();
				each(ul, 21, () => get(act).problem.faults, index, ($$anchor, fault) => {
					var li = root_2$5();
					var text_3 = only_child(li);
					template_effect(() => set_text(text_3, `${get(fault).field ?? ""}=${get(fault).value ?? ""}: ${get(fault).rule ?? ""}`));
					append($$anchor, li);
				});
				reset(ul);
				append($$anchor, ul);
			};
			if_block(node_2, ($$render) => {
				if (get(act).problem.faults.length <= 1) $$render(consequent_1);
				else $$render(alternate, -1);
			});
			append($$anchor, fragment);
		};
		if_block(node_1, ($$render) => {
			if (get(act).problem) $$render(consequent_2);
		});
		var node_3 = sibling(node_1, 2);
		var consequent_4 = ($$anchor) => {
			var fragment_1 = root_5$1();
			var p_1 = first_child(fragment_1);
			var text_4 = only_child(p_1);
			var node_4 = sibling(p_1, 2);
			var consequent_3 = ($$anchor) => {
				var div_3 = root_4$1();
				var button_1 = only_child(div_3);
				delegated("click", button_1, () => acts_.again(get(act).key));
				append($$anchor, div_3);
			};
			var d = user_derived(() => repeatable(get(act)) && !get(act).overtaken);
			if_block(node_4, ($$render) => {
				if (get(d)) $$render(consequent_3);
			});
			template_effect(($0, $1) => set_text(text_4, `${$0 ?? ""} ${$1 ?? ""}`), [() => unheard(get(act)), () => then(get(act))]);
			append($$anchor, fragment_1);
		};
		if_block(node_3, ($$render) => {
			if (get(act).phase === "unanswered") $$render(consequent_4);
		});
		reset(div_1);
		template_effect(() => {
			set_class(div_1, 1, `act ${get(act).phase ?? ""}`, "svelte-as7q3l");
			set_class(span, 1, `pill ${TONES[get(act).phase] ?? ""}`, "svelte-as7q3l");
			set_text(text, WORDS[get(act).phase]);
			set_text(text_1, get(act).title);
		});
		append($$anchor, div_1);
	});
	reset(div);
	append($$anchor, div);
	pop();
}
delegate(["click"]);
// src/parts/Dialog.svelte
var root$8 = from_html(`<dialog><div class="inside svelte-1imcjvo"><h2 class="svelte-1imcjvo"> </h2> <!></div></dialog>`);
function Dialog($$anchor, $$props) {
	push($$props, true);
	/** A question over the page: the browser's own dialog, which keeps the focus and closes on Escape. */
	const wide = prop($$props, "wide", 3, false);
	let dialog;
	let gone = false;
	user_effect(() => {
		dialog.showModal();
		return () => {
			gone = true;
			dialog.close();
		};
	});
	var dialog_1 = root$8();
	let classes;
	var div = child(dialog_1);
	var h2 = child(div);
	var text = only_child(h2, true);
	var node = sibling(h2, 2);
	snippet(node, () => $$props.children);
	reset(div);
	reset(dialog_1);
	bind_this(dialog_1, ($$value) => dialog = $$value, () => dialog);
	template_effect(() => {
		set_attribute(dialog_1, "aria-label", $$props.title);
		classes = set_class(dialog_1, 1, "svelte-1imcjvo", null, classes, { wide: wide() });
		set_text(text, $$props.title);
	});
	event("close", dialog_1, () => gone || $$props.onclose());
	delegated("click", dialog_1, (event) => event.target === dialog && $$props.onclose());
	append($$anchor, dialog_1);
	pop();
}
delegate(["click"]);
// src/shell/Keys.svelte
var root$7 = from_html(`<p role="status"> </p>`);
var root_1$6 = from_html(`<label class="choice svelte-eoeydo"><input type="radio" name="reach"/> </label>`);
var root_2$4 = from_html(`<p class="bad" role="alert"> </p>`);
var root_3$2 = from_html(`<!> <form class="svelte-eoeydo"><label class="svelte-eoeydo">Key <input type="password" name="key" autocomplete="off" spellcheck="false" required=""/></label> <fieldset class="svelte-eoeydo"><legend>What this page may do</legend> <!></fieldset> <label class="choice svelte-eoeydo"><input type="checkbox"/> Go on in this tab after a reload</label> <p class="quiet"> </p> <!> <div class="row"><span class="grow"></span><button type="button">Later</button> <button class="go"> </button></div></form>`, 1);
function Keys($$anchor, $$props) {
	push($$props, true);
	const binding_group = [];
	/** Asks for a key, which is exchanged for a short-lived token and forgotten. */
	let key = state("");
	let reach = state(proxy(untrack(() => reachFor($$props.asked.needs))));
	let keep = state(false);
	let error = state("");
	let busy = state(false);
	async function show(event) {
		event.preventDefault();
		const given = get(key).trim();
		set(key, "");
		if (!given || get(busy)) return;
		set(busy, true);
		set(error, "");
		try {
			await session.show(given, get(reach), get(keep));
		} catch (failure) {
			set(error, said(failure), true);
		}
		set(busy, false);
	}
	Dialog($$anchor, {
		title: "API key",
		get onclose() {
			return session.dismiss;
		},
		children: ($$anchor, $$slotProps) => {
			var fragment_1 = root_3$2();
			var node = first_child(fragment_1);
			var consequent = ($$anchor) => {
				var p = root$7();
				var text = only_child(p, true);
				template_effect(() => set_text(text, $$props.asked.why));
				append($$anchor, p);
			};
			if_block(node, ($$render) => {
				if ($$props.asked.why) $$render(consequent);
			});
			var form = sibling(node, 2);
			var label = child(form);
			var input = sibling(child(label));
			remove_input_defaults(input);
			reset(label);
			var fieldset = sibling(label, 2);
			var node_1 = sibling(child(fieldset), 2);
			each(node_1, 17, () => Object.entries(REACHES), ([name, each]) => name, ($$anchor, $$item) => {
				var $$array = user_derived(() => to_array(get($$item), 2));
				let name = () => get($$array)[0];
				let each = () => get($$array)[1];
				var label_1 = root_1$6();
				var input_1 = child(label_1);
				remove_input_defaults(input_1);
				var input_1_value;
				var text_1 = sibling(input_1);
				reset(label_1);
				template_effect(() => {
					if (input_1_value !== (input_1_value = name())) input_1.value = (input_1.__value = input_1_value) ?? "";
					set_text(text_1, ` ${each().title ?? ""}`);
				});
				bind_group(binding_group, [], input_1, () => {
					name();
					return get(reach);
				}, ($$value) => set(reach, $$value));
				append($$anchor, label_1);
			});
			reset(fieldset);
			var label_2 = sibling(fieldset, 2);
			var input_2 = child(label_2);
			remove_input_defaults(input_2);
			next();
			reset(label_2);
			var p_1 = sibling(label_2, 2);
			var text_2 = only_child(p_1);
			var node_2 = sibling(p_1, 2);
			var consequent_1 = ($$anchor) => {
				var p_2 = root_2$4();
				var text_3 = only_child(p_2, true);
				template_effect(() => set_text(text_3, get(error)));
				append($$anchor, p_2);
			};
			if_block(node_2, ($$render) => {
				if (get(error)) $$render(consequent_1);
			});
			var div = sibling(node_2, 2);
			var button = sibling(child(div));
			var button_1 = sibling(button, 2);
			var text_4 = only_child(button_1, true);
			reset(div);
			reset(form);
			template_effect(() => {
				set_text(text_2, `The key is exchanged for a token of a quarter of an hour, which the page renews for at most twelve hours, and
      forgotten at once. The token stays in the page's memory${get(keep) ? " and in this tab" : "; a reload asks again"}.`);
				button_1.disabled = get(busy);
				set_text(text_4, get(busy) ? "Asking …" : "Continue");
			});
			event("submit", form, show);
			bind_value(input, () => get(key), ($$value) => set(key, $$value));
			delegated("change", input_2, () => {
				if (get(keep)) set(reach, "look");
			});
			bind_checked(input_2, () => get(keep), ($$value) => set(keep, $$value));
			delegated("click", button, function(...$$args) {
				session.dismiss?.apply(this, $$args);
			});
			append($$anchor, fragment_1);
		},
		$$slots: { default: true }
	});
	pop();
}
delegate(["change", "click"]);
// src/shell/LinkState.svelte
var root$6 = from_html(`<div class="state svelte-1aatwun" role="alert"><b class="svelte-1aatwun">Not live.</b> <span> </span> <span class="quiet">Trading itself goes on without this page.</span><button class="small">Give a key</button></div>`);
var root_1$5 = from_html(`<div class="state svelte-1aatwun" role="alert"><b class="svelte-1aatwun">Not live.</b> <span> </span> <span class="quiet"> </span> <button class="small">Connect now</button></div>`);
var root_2$3 = from_html(`<div class="state svelte-1aatwun" role="alert"><b class="svelte-1aatwun">Not connected.</b> <span> </span><button class="small">Connect now</button></div>`);
function LinkState($$anchor, $$props) {
	push($$props, true);
	/** Says when the page is not live, what that means, and what still works. */
	const stale = user_derived(() => live.staleSince);
	const seconds = user_derived(() => get(stale) === null ? 0 : (live.clock - get(stale)) / 1e3);
	var fragment = comment();
	var node = first_child(fragment);
	var consequent = ($$anchor) => {
		var div = root$6();
		var span_1 = sibling(child(div), 2);
		var text = only_child(span_1);
		var button = sibling(span_1, 3);
		reset(div);
		template_effect(($0) => set_text(text, `No key counts here, so nothing is read${$0 ?? ""}.`), [() => get(stale) === null ? "" : ` since ${when(get(stale))}`]);
		delegated("click", button, function(...$$args) {
			session.ask?.apply(this, $$args);
		});
		append($$anchor, div);
	};
	var consequent_1 = ($$anchor) => {
		var div_1 = root_1$5();
		var span_2 = sibling(child(div_1), 2);
		var text_1 = only_child(span_2);
		var span_3 = sibling(span_2, 2);
		var text_2 = only_child(span_3);
		var button_1 = sibling(span_3, 2);
		reset(div_1);
		template_effect(($0, $1) => {
			set_text(text_1, `What is shown is of ${$0 ?? ""}, ${$1 ?? ""} ago. ${(live.link.why || "The server is silent.") ?? ""}`);
			set_text(text_2, `Trading itself goes on without this page; orders at the exchange stay as they are.${live.link.phase === "refused" ? "" : " It connects again by itself."}`);
		}, [() => when(get(stale)), () => span(get(seconds))]);
		delegated("click", button_1, function(...$$args) {
			live.again?.apply(this, $$args);
		});
		append($$anchor, div_1);
	};
	var consequent_2 = ($$anchor) => {
		var div_2 = root_2$3();
		var span_4 = sibling(child(div_2), 2);
		var text_3 = only_child(span_4, true);
		var button_2 = sibling(span_4);
		reset(div_2);
		template_effect(() => set_text(text_3, live.link.why || "The server cannot be reached."));
		delegated("click", button_2, function(...$$args) {
			live.again?.apply(this, $$args);
		});
		append($$anchor, div_2);
	};
	if_block(node, ($$render) => {
		if (session.locked && !session.asked) $$render(consequent);
		else if (get(stale) !== null && !session.asked) $$render(consequent_1, 1);
		else if (!live.loaded && live.link.phase !== "live" && live.link.phase !== "connecting" && !session.asked) $$render(consequent_2, 2);
	});
	append($$anchor, fragment);
	pop();
}
delegate(["click"]);
// src/shell/Palette.svelte
var root$5 = from_html(`<kbd> </kbd>`);
var root_1$4 = from_html(`<div role="option" tabindex="-1" class="svelte-pb2lb5"><span class="grow"> </span><!></div>`);
var root_2$2 = from_html(`<p class="quiet">Nothing of that name. Four letters or more search the history.</p>`);
var root_3$1 = from_html(`<input type="text" placeholder="A page, an act, an instrument, an id" aria-label="Find and do" role="combobox" aria-expanded="true" aria-controls="found" class="svelte-pb2lb5"/> <div id="found" role="listbox" aria-label="Found"></div> <!>`, 1);
function Palette($$anchor, $$props) {
	push($$props, true);
	/** Find and do: every command by its words, any id or instrument by itself. */
	let text = state("");
	let at = state(0);
	const found = user_derived(() => {
		const asked = get(text).trim().toLowerCase();
		const parts = asked.split(/\s+/).filter(Boolean);
		const fits = (title) => parts.every((part) => title.toLowerCase().includes(part));
		const trade = [.../* @__PURE__ */ new Set([...live.status?.followed ?? [], ...(live.positions ?? []).map((each) => each.instrument_id)])].map((id) => ({
			title: `Trade ${id}`,
			run: () => address.go("/trade", { instrument: id })
		}));
		const parents = (live.executions ?? []).map((each) => ({
			title: `Execution ${each.strategy} ${each.side} ${each.size} ${each.instrument_id} ${each.parent_id}`,
			run: () => address.go(`/executions/${each.parent_id}`)
		}));
		const all = [
			...commands.all,
			...trade,
			...parents
		].filter((each) => fits(each.title));
		const search = asked.length > 3 ? [{
			title: `Search the history for ${get(text).trim()}`,
			run: () => address.go("/history", { q: get(text).trim() })
		}] : [];
		return [...all, ...search].slice(0, 12);
	});
	function run(command) {
		if (!command) return;
		$$props.onclose();
		queueMicrotask(command.run);
	}
	function pressed(event) {
		const step = {
			ArrowDown: 1,
			ArrowUp: -1
		}[event.key];
		if (step) set(at, (get(at) + step + get(found).length) % Math.max(1, get(found).length));
		else if (event.key === "Enter") run(get(found)[get(at)]);
		else return;
		event.preventDefault();
	}
	Dialog($$anchor, {
		title: "Find and do",
		get onclose() {
			return $$props.onclose;
		},
		wide: true,
		children: ($$anchor, $$slotProps) => {
			var fragment_1 = root_3$1();
			var input = first_child(fragment_1);
			remove_input_defaults(input);
			autofocus(input, true);
			var div = sibling(input, 2);
			each(div, 21, () => get(found), index, ($$anchor, command, number) => {
				var div_1 = root_1$4();
				set_attribute(div_1, "id", `found-${number}`);
				var span = child(div_1);
				var text_1 = only_child(span, true);
				var node = sibling(span);
				var consequent = ($$anchor) => {
					var kbd = root$5();
					var text_2 = only_child(kbd, true);
					template_effect(() => set_text(text_2, get(command).keys));
					append($$anchor, kbd);
				};
				if_block(node, ($$render) => {
					if (get(command).keys) $$render(consequent);
				});
				reset(div_1);
				template_effect(() => {
					set_attribute(div_1, "aria-selected", number === get(at));
					set_text(text_1, get(command).title);
				});
				delegated("click", div_1, () => run(get(command)));
				append($$anchor, div_1);
			});
			reset(div);
			var node_1 = sibling(div, 2);
			var consequent_1 = ($$anchor) => {
				var p = root_2$2();
				append($$anchor, p);
			};
			if_block(node_1, ($$render) => {
				if (get(found).length === 0) $$render(consequent_1);
			});
			template_effect(() => set_attribute(input, "aria-activedescendant", get(found).length ? `found-${get(at)}` : void 0));
			delegated("input", input, () => set(at, 0));
			delegated("keydown", input, pressed);
			bind_value(input, () => get(text), ($$value) => set(text, $$value));
			append($$anchor, fragment_1);
		},
		$$slots: { default: true }
	});
	pop();
}
delegate([
	"input",
	"keydown",
	"click"
]);
// src/shell/Shortcuts.svelte
var root$4 = from_html(`<dt><kbd> </kbd></dt><dd class="svelte-1xuj7gt"> </dd>`, 1);
var root_1$3 = from_html(`<dl class="svelte-1xuj7gt"><!> <dt><kbd>Ctrl K</kbd></dt><dd class="svelte-1xuj7gt">Find and do, from within a field too</dd> <dt><kbd>Esc</kbd></dt><dd class="svelte-1xuj7gt">Close what is open</dd></dl> <div class="row"><span class="grow"></span><button>Close</button></div>`, 1);
function Shortcuts($$anchor, $$props) {
	push($$props, true);
	const keyed = user_derived(() => commands.all.filter((each) => each.keys));
	Dialog($$anchor, {
		title: "Keyboard shortcuts",
		get onclose() {
			return $$props.onclose;
		},
		children: ($$anchor, $$slotProps) => {
			var fragment_1 = root_1$3();
			var dl = first_child(fragment_1);
			var node = child(dl);
			each(node, 17, () => get(keyed), (command) => command.title, ($$anchor, command) => {
				var fragment_2 = root$4();
				var dt = first_child(fragment_2);
				var kbd = child(dt);
				var text = only_child(kbd, true);
				reset(dt);
				var dd = sibling(dt);
				var text_1 = only_child(dd, true);
				template_effect(() => {
					set_text(text, get(command).keys);
					set_text(text_1, get(command).title);
				});
				append($$anchor, fragment_2);
			});
			next(6);
			reset(dl);
			var div = sibling(dl, 2);
			var button = sibling(child(div));
			reset(div);
			delegated("click", button, function(...$$args) {
				$$props.onclose?.apply(this, $$args);
			});
			append($$anchor, fragment_1);
		},
		$$slots: { default: true }
	});
	pop();
}
delegate(["click"]);
// src/parts/Hold.svelte
var root$3 = from_html(`<button type="button"><span class="fill svelte-qne7th"></span><span class="words svelte-qne7th"><!></span></button>`);
function Hold($$anchor, $$props) {
	push($$props, true);
	/** A button that acts when it has been held for a second: by the pointer, or by Enter or Space. */
	const disabled = prop($$props, "disabled", 3, false), milliseconds = prop($$props, "milliseconds", 3, 900);
	let timer;
	let held = state(false);
	function begin() {
		if (disabled() || get(held)) return;
		set(held, true);
		timer = setTimeout(() => {
			set(held, false);
			$$props.onheld();
		}, milliseconds());
	}
	function end() {
		clearTimeout(timer);
		set(held, false);
	}
	function down(event) {
		if (event.key !== "Enter" && event.key !== " ") return;
		event.preventDefault();
		if (!event.repeat) begin();
	}
	var button = root$3();
	let classes;
	let styles;
	var span = sibling(child(button));
	var node = child(span);
	snippet(node, () => $$props.children);
	reset(span);
	reset(button);
	template_effect(() => {
		classes = set_class(button, 1, "danger svelte-qne7th", null, classes, { held: get(held) });
		button.disabled = disabled();
		styles = set_style(button, "", styles, { "--held": `${milliseconds() ?? ""}ms` });
	});
	delegated("pointerdown", button, begin);
	delegated("pointerup", button, end);
	event("pointerleave", button, end);
	event("pointercancel", button, end);
	delegated("keydown", button, down);
	delegated("keyup", button, end);
	event("blur", button, end);
	append($$anchor, button);
	pop();
}
delegate([
	"pointerdown",
	"pointerup",
	"keydown",
	"keyup"
]);
// src/shell/Stop.svelte
var root$2 = from_html(`<p>No new order is taken, also after a restart, and every open order is cancelled. Positions stay as they are: to close them, flatten.</p>`);
var root_1$2 = from_html(`<p> </p>`);
var root_2$1 = from_html(`<!> <label class="svelte-1h4ls7k"> <input maxlength="200"/></label> <div class="row"><span class="grow"></span><button type="button">Back</button> <!></div>`, 1);
function Stop($$anchor, $$props) {
	push($$props, true);
	/** The kill switch: held to confirm, with its reason. */
	const engage = !live.status?.kill_switch.engaged;
	let reason = state("");
	const ready = user_derived(() => engage || get(reason).trim() !== "");
	function held() {
		$$props.onclose();
		acts_.perform({
			title: engage ? "Stop trading" : "Resume trading",
			method: "POST",
			path: "/api/v1/trading/kill-switch",
			body: {
				engaged: engage,
				reason: get(reason).trim() || "stopped from the page"
			},
			subject: "kill-switch",
			stops: engage,
			until: () => live.status?.kill_switch.engaged === engage
		});
	}
	{
		let $0 = user_derived(() => engage ? "Stop trading" : "Resume trading");
		Dialog($$anchor, {
			get title() {
				return get($0);
			},
			get onclose() {
				return $$props.onclose;
			},
			children: ($$anchor, $$slotProps) => {
				var fragment_1 = root_2$1();
				var node = first_child(fragment_1);
				var consequent = ($$anchor) => {
					var p = root$2();
					append($$anchor, p);
				};
				var alternate = ($$anchor) => {
					var p_1 = root_1$2();
					var text = only_child(p_1);
					template_effect(() => set_text(text, `New orders are taken again. It was stopped by ${live.status?.kill_switch.principal ?? ""}: ${live.status?.kill_switch.reason ?? ""}`));
					append($$anchor, p_1);
				};
				if_block(node, ($$render) => {
					if (engage) $$render(consequent);
					else $$render(alternate, -1);
				});
				var label = sibling(node, 2);
				var text_1 = child(label);
				var input = sibling(text_1);
				remove_input_defaults(input);
				autofocus(input, true);
				reset(label);
				var div = sibling(label, 2);
				var button = sibling(child(div));
				var node_1 = sibling(button, 2);
				{
					let $0 = user_derived(() => !get(ready));
					Hold(node_1, {
						onheld: held,
						get disabled() {
							return get($0);
						},
						children: ($$anchor, $$slotProps) => {
							next();
							var text_2 = text();
							template_effect(() => set_text(text_2, `Hold to ${engage ? "stop" : "resume"}`));
							append($$anchor, text_2);
						},
						$$slots: { default: true }
					});
				}
				reset(div);
				template_effect(() => {
					set_text(text_1, `Reason${engage ? "" : " (needed)"} `);
					input.required = !engage;
				});
				bind_value(input, () => get(reason), ($$value) => set(reason, $$value));
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
// src/shell/Tour.svelte
var root$1 = from_html(`<button>Skip</button>`);
var root_1$1 = from_html(`<p> </p> <div class="row"><span class="quiet"> </span><span class="grow"></span> <!> <button class="go"> </button></div>`, 1);
function Tour($$anchor, $$props) {
	push($$props, true);
	/** What a first look should know; shown once, and again from the palette. */
	const STEPS = [
		["All at one glance", "The top of the overview says whether all is well. If not, it says why, and what to do. The badge beside the menu says the same on every page."],
		["Never old numbers", "Everything is live. If the server falls silent the page turns grey and says of when its numbers are; trading itself goes on without it."],
		["Acts happen once", "What you ask for is listed at the lower right until the journal has it. A double click, a retry or a reload never does it twice."],
		["Stop trading", "The red button cancels every open order and takes no new one, also after a restart. Hold it to confirm. Positions stay: flatten closes them."],
		["By keyboard", "/ finds any page, act, instrument or id; g and a letter goes to a page; ? lists the rest."]
	];
	let at = state(0);
	const step = user_derived(() => STEPS[get(at)] ?? STEPS[0]);
	const last = user_derived(() => get(at) === STEPS.length - 1);
	Dialog($$anchor, {
		get title() {
			return get(step)[0];
		},
		onclose: () => look.tourDone(),
		children: ($$anchor, $$slotProps) => {
			var fragment_1 = root_1$1();
			var p = first_child(fragment_1);
			var text = only_child(p, true);
			var div = sibling(p, 2);
			var span = child(div);
			var text_1 = only_child(span);
			var node = sibling(span, 3);
			var consequent = ($$anchor) => {
				var button = root$1();
				delegated("click", button, () => look.tourDone());
				append($$anchor, button);
			};
			if_block(node, ($$render) => {
				if (!get(last)) $$render(consequent);
			});
			var button_1 = sibling(node, 2);
			var text_2 = only_child(button_1, true);
			reset(div);
			template_effect(() => {
				set_text(text, get(step)[1]);
				set_text(text_1, `${get(at) + 1} of ${STEPS.length ?? ""}`);
				set_text(text_2, get(last) ? "Begin" : "Next");
			});
			delegated("click", button_1, () => get(last) ? look.tourDone() : set(at, get(at) + 1));
			append($$anchor, fragment_1);
		},
		$$slots: { default: true }
	});
	pop();
}
delegate(["click"]);
// src/App.svelte
var root = from_html(`<a class="svelte-1n46o8q"> </a>`);
var root_1 = from_html(`<span class="pill bad">kill switch on</span>`);
var root_2 = from_html(`<button class="danger stop svelte-1n46o8q" title="(!)"> </button>`);
var root_3 = from_html(`<p class="bad" role="alert"></p>`);
var root_4 = from_html(`<p class="bad" role="alert"> </p>`);
var root_5 = from_html(`<p class="quiet"> </p>`);
var root_6 = from_html(`<a class="skip svelte-1n46o8q" href="#main">To the page</a> <header class="svelte-1n46o8q"><strong class="brand svelte-1n46o8q">Trading Executor</strong> <nav aria-label="Pages" class="svelte-1n46o8q"></nav> <span class="grow"></span> <span id="ready" role="status"> </span> <!> <span class="quiet where svelte-1n46o8q"> </span> <button class="plain small clock" title="Times in UTC or local (u)"> </button> <button class="plain small" title="Light or dark (d)" aria-label="Light or dark"> </button> <button class="plain small" title="Find and do (/)" aria-label="Find and do"><kbd>/</kbd></button> <!></header> <!> <main id="main" tabindex="-1"><h1 class="hidden"> </h1> <!></main> <!> <!> <!> <!> <!> <!>`, 1);
function App($$anchor, $$props) {
	push($$props, true);
	/** The frame around every page: where one is, how all stands, and what is always at hand. */
	/** So long after the first view the other pages' files come. */
	const AHEAD_MS = 2e3;
	const page = user_derived(() => address.readable ? pageAt(address.path) : void 0);
	const status = user_derived(() => live.status);
	const badge = user_derived(() => {
		if (live.staleSince !== null) return {
			words: "no news",
			tone: "bad"
		};
		if (!get(status) || !live.loaded) return {
			words: "connecting",
			tone: "quiet"
		};
		if (live.readOnly) return {
			words: "read only",
			tone: "quiet"
		};
		return get(status).ready ? {
			words: "ready",
			tone: "good"
		} : {
			words: "not ready",
			tone: "bad"
		};
	});
	let opened = state("");
	let Shown = state(null);
	let failed = state("");
	let main;
	user_effect(() => {
		const wanted = get(page);
		document.title = `${wanted?.title ?? "No such page"} · Trading Executor`;
		set(failed, "");
		wanted?.load().then((found) => {
			if (wanted === get(page)) set(Shown, found.default);
		}, () => set(failed, "This page could not be loaded: the server does not answer, or was changed. Load it anew."));
	});
	/** Gone to when the server is away, a page says so itself. */
	user_effect(() => {
		if (!live.loaded) return;
		const timer = setTimeout(() => [...PAGES, ...TABS].forEach((each) => void each.load().catch(() => void 0)), AHEAD_MS);
		return () => clearTimeout(timer);
	});
	user_effect(() => commands.add([
		...PAGES.map((each) => ({
			title: `Go to ${each.title}`,
			keys: `g ${each.key}`,
			run: () => address.go(each.path)
		})),
		{
			title: "Find and do",
			keys: "/",
			run: () => set(opened, "palette")
		},
		{
			title: "Stop or resume trading",
			keys: "!",
			run: () => set(opened, "stop")
		},
		{
			title: "Light or dark",
			keys: "d",
			run: look.turn
		},
		{
			title: "Times in UTC or local",
			keys: "u",
			run: look.turnTimes
		},
		{
			title: "Keyboard shortcuts",
			keys: "?",
			run: () => set(opened, "shortcuts")
		},
		{
			title: "Show the tour",
			run: () => look.tourDone(false)
		},
		{
			title: "Give a key",
			run: session.ask
		},
		{
			title: "Connect anew",
			run: live.again
		}
	]));
	var fragment = root_6();
	event("keydown", $window, function(...$$args) {
		pressed?.apply(this, $$args);
	});
	var a = first_child(fragment);
	var header = sibling(a, 2);
	var nav = sibling(child(header), 2);
	each(nav, 21, () => PAGES, (each) => each.path, ($$anchor, each) => {
		var a_1 = root();
		var text = only_child(a_1, true);
		attach(a_1, () => get(each) === get(page) && intoSight);
		template_effect(($0) => {
			set_attribute(a_1, "href", $0);
			set_attribute(a_1, "aria-current", get(each) === get(page) ? "page" : void 0);
			set_text(text, get(each).title);
		}, [() => link(get(each).path)]);
		append($$anchor, a_1);
	});
	reset(nav);
	var span = sibling(nav, 4);
	var text_1 = only_child(span, true);
	var node = sibling(span, 2);
	var consequent = ($$anchor) => {
		var span_1 = root_1();
		append($$anchor, span_1);
	};
	if_block(node, ($$render) => {
		if (get(status)?.kill_switch.engaged) $$render(consequent);
	});
	var span_2 = sibling(node, 2);
	var text_2 = only_child(span_2, true);
	var button = sibling(span_2, 2);
	var text_3 = only_child(button);
	var button_1 = sibling(button, 2);
	var text_4 = only_child(button_1, true);
	var button_2 = sibling(button_1, 2);
	var node_1 = sibling(button_2, 2);
	var consequent_1 = ($$anchor) => {
		var button_3 = root_2();
		var text_5 = only_child(button_3, true);
		template_effect(() => set_text(text_5, get(status).kill_switch.engaged ? "Resume trading" : "Stop trading"));
		delegated("click", button_3, () => set(opened, "stop"));
		append($$anchor, button_3);
	};
	if_block(node_1, ($$render) => {
		if (get(status) && !live.readOnly) $$render(consequent_1);
	});
	reset(header);
	var node_2 = sibling(header, 2);
	LinkState(node_2, {});
	var main_1 = sibling(node_2, 2);
	let classes;
	var h1 = child(main_1);
	var text_6 = only_child(h1, true);
	var node_3 = sibling(h1, 2);
	var consequent_2 = ($$anchor) => {
		var p = root_3();
		p.textContent = `No page has the address ${location.hash ?? ""}. The menu above leads to those that there are.`;
		append($$anchor, p);
	};
	var consequent_3 = ($$anchor) => {
		var p_1 = root_4();
		var text_7 = only_child(p_1, true);
		template_effect(() => set_text(text_7, get(failed)));
		append($$anchor, p_1);
	};
	var consequent_4 = ($$anchor) => {
		var fragment_1 = comment();
		var node_4 = first_child(fragment_1);
		component(node_4, () => get(Shown), ($$anchor, Shown_1) => {
			Shown_1($$anchor, {});
		});
		append($$anchor, fragment_1);
	};
	var alternate = ($$anchor) => {
		var p_2 = root_5();
		var text_8 = only_child(p_2);
		template_effect(() => set_text(text_8, `Loading ${get(page).title ?? ""} …`));
		append($$anchor, p_2);
	};
	if_block(node_3, ($$render) => {
		if (!get(page)) $$render(consequent_2);
		else if (get(failed)) $$render(consequent_3, 1);
		else if (get(Shown)) $$render(consequent_4, 2);
		else $$render(alternate, -1);
	});
	reset(main_1);
	bind_this(main_1, ($$value) => main = $$value, () => main);
	var node_5 = sibling(main_1, 2);
	Acts(node_5, {});
	var node_6 = sibling(node_5, 2);
	var consequent_5 = ($$anchor) => {
		Keys($$anchor, { get asked() {
			return session.asked;
		} });
	};
	if_block(node_6, ($$render) => {
		if (session.asked) $$render(consequent_5);
	});
	var node_7 = sibling(node_6, 2);
	var consequent_6 = ($$anchor) => {
		Palette($$anchor, { onclose: () => set(opened, "") });
	};
	if_block(node_7, ($$render) => {
		if (get(opened) === "palette") $$render(consequent_6);
	});
	var node_8 = sibling(node_7, 2);
	var consequent_7 = ($$anchor) => {
		Shortcuts($$anchor, { onclose: () => set(opened, "") });
	};
	if_block(node_8, ($$render) => {
		if (get(opened) === "shortcuts") $$render(consequent_7);
	});
	var node_9 = sibling(node_8, 2);
	var consequent_8 = ($$anchor) => {
		Stop($$anchor, { onclose: () => set(opened, "") });
	};
	if_block(node_9, ($$render) => {
		if (get(opened) === "stop") $$render(consequent_8);
	});
	var node_10 = sibling(node_9, 2);
	var consequent_9 = ($$anchor) => {
		Tour($$anchor, {});
	};
	if_block(node_10, ($$render) => {
		if (!look.toured && !session.asked && live.loaded) $$render(consequent_9);
	});
	template_effect(($0, $1) => {
		set_class(span, 1, `pill ${get(badge).tone ?? ""}`, "svelte-1n46o8q");
		set_text(text_1, get(badge).words);
		set_text(text_2, $0);
		set_text(text_3, `${$1 ?? ""} ${look.utc ? "UTC" : "local"}`);
		set_text(text_4, look.dark ? "☾" : "☀");
		set_attribute(main_1, "aria-busy", get(page) !== void 0 && get(Shown) === null);
		classes = set_class(main_1, 1, "svelte-1n46o8q", null, classes, { stale: live.staleSince !== null });
		set_text(text_6, get(page)?.title ?? "No such page");
	}, [() => [
		get(status)?.exchange,
		get(status)?.environment,
		get(status)?.account
	].filter(Boolean).join(" · "), () => time(live.clock)]);
	delegated("click", a, (event) => (event.preventDefault(), main.focus()));
	delegated("click", button, function(...$$args) {
		look.turnTimes?.apply(this, $$args);
	});
	delegated("click", button_1, function(...$$args) {
		look.turn?.apply(this, $$args);
	});
	delegated("click", button_2, () => set(opened, "palette"));
	append($$anchor, fragment);
	pop();
}
delegate(["click"]);
// src/main.ts
look.apply();
session.restore();
acts_.restore();
live.start();
mount(App, { target: document.getElementById("app") });
export { Dialog, Hold, SHARED, TABS, commands, intoSight, tabAt };
