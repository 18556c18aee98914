import { append, bind_element_size, bind_this, child, clsx, comment, delegate, delegated, each, event, first_child, from_html, get as get$1, if_block, index, next, noop, only_child, pop, prop, proxy, push, reset, set, set_attribute, set_class, set_style, set_text, sibling, snippet, state, template_effect, text as text$2, untrack, user_derived, user_effect } from "./svelte.js";
import { uPlot } from "./curves.js";
// src/core/address.svelte.ts
function segmentsOf(path) {
	try {
		return path.split("/").filter(Boolean).map(decodeURIComponent);
	} catch (error) {
		if (error instanceof URIError) return null;
		throw error;
	}
}
function read$1() {
	const [written = "", query = ""] = location.hash.replace(/^#/, "").split("?", 2);
	const path = written.startsWith("/") ? written : "/";
	return {
		path,
		segments: segmentsOf(path),
		params: new URLSearchParams(query)
	};
}
var place = state(read$1());
addEventListener("hashchange", () => set(place, read$1()));
function link$1(path, params = {}) {
	const query = new URLSearchParams(params).toString();
	return `#${path}${query ? `?${query}` : ""}`;
}
var address = {
	get path() {
		return get$1(place).path;
	},
	/** What follows the page's own path: its segments. */
	after(path) {
		return (get$1(place).segments ?? []).slice(path.split("/").filter(Boolean).length);
	},
	/** Whether it can be read: a half of a %-pair cannot. */
	get readable() {
		return get$1(place).segments !== null;
	},
	param(name) {
		return get$1(place).params.get(name);
	},
	params(name) {
		return get$1(place).params.getAll(name);
	},
	go(path, params = {}) {
		location.hash = link$1(path, params);
	},
	/** Change some parameters of where one is, in place: an empty one is left out. */
	set(changes) {
		const params = new URLSearchParams(get$1(place).params);
		for (const [name, value] of Object.entries(changes)) {
			params.delete(name);
			for (const each of Array.isArray(value) ? value : [value]) if (each) params.append(name, each);
		}
		const query = params.toString();
		history.replaceState(null, "", `#${get$1(place).path}${query ? `?${query}` : ""}`);
		set(place, read$1());
	}
};
// src/core/problem.ts
/** Of the answers from 500 on those that say that nothing was done. */
var NOT_DONE = /* @__PURE__ */ new Set([
	"503 not-ready",
	"503 order-denied",
	"503 order-rejected",
	"503 order-not-sent",
	"503 amend-refused",
	"503 starting",
	"503 crowded",
	"503 issuer-unreachable",
	"502 exchange"
]);
var Problem = class Problem extends Error {
	status;
	kind;
	detail;
	faults;
	scopes;
	constructor(status, kind, detail, faults = [], scopes = []) {
		super(detail);
		this.status = status;
		this.kind = kind;
		this.detail = detail;
		this.faults = faults;
		this.scopes = scopes;
	}
	/** Whether it may have been done: no answer came, or one that does not say. */
	get unknown() {
		return this.kind === "no-answer" || this.status >= 500 && !NOT_DONE.has(`${this.status} ${this.kind}`);
	}
	/** Whether the same may succeed in a moment. */
	get passing() {
		return this.status === 0 || this.status === 503;
	}
	static async of(answer) {
		const said = await answer.json().catch(() => ({})) ?? {};
		const kind = String(said["type"] ?? "").split(":").at(-1) ?? "";
		const detail = String(said["detail"] ?? said["title"] ?? answer.statusText);
		return new Problem(answer.status, kind, detail, said["errors"] ?? [], said["scopes"] ?? []);
	}
	static unanswered(why) {
		const slow = why instanceof DOMException && why.name === "TimeoutError";
		return new Problem(0, "no-answer", slow ? "the server has not answered in time" : "the server cannot be reached");
	}
};
/** In words, whatever it was. */
function said(error) {
	return error instanceof Error ? error.message : String(error);
}
// src/core/session.svelte.ts
var REACHES = {
	look: {
		title: "Look",
		scopes: ["read", "audit:read"]
	},
	stop: {
		title: "Look, cancel and stop",
		scopes: [
			"read",
			"audit:read",
			"halt",
			"orders:cancel"
		]
	},
	trade: {
		title: "Trade",
		scopes: [
			"read",
			"audit:read",
			"halt",
			"orders:cancel",
			"orders:place",
			"executions",
			"exit",
			"resume"
		]
	},
	all: {
		title: "All that the key may",
		scopes: [
			"read",
			"audit:read",
			"halt",
			"orders:cancel",
			"orders:place",
			"executions",
			"exit",
			"resume",
			"risk:write",
			"propose"
		]
	}
};
function reachFor(needs) {
	return Object.entries(REACHES).find(([, each]) => each.scopes.some((scope) => needs.includes(scope)))?.[0] ?? "look";
}
var TAB = "token";
var RETRY_MS = 5e3;
var token = null;
var inTab = false;
var renewing;
var asked$1 = state(null);
/** The server wants a key, and there is none that counts. */
var locked = state(false);
var principal = state("");
var scopes = state(null);
var opened = /* @__PURE__ */ new Set();
async function exchange(credential, body) {
	const answer = await fetch("/api/v1/tokens", {
		method: "POST",
		headers: {
			"Content-Type": "application/json",
			"X-API-Key": credential
		},
		body: JSON.stringify(body),
		cache: "no-store",
		signal: AbortSignal.timeout(1e4)
	}).catch((error) => {
		throw Problem.unanswered(error);
	});
	if (!answer.ok) throw await Problem.of(answer);
	return await answer.json();
}
function take(made, renewIn) {
	token = made;
	set(locked, false);
	set(principal, made.principal, true);
	set(scopes, made.scopes);
	if (inTab) sessionStorage.setItem(TAB, JSON.stringify(made));
	clearTimeout(renewing);
	if (renewIn !== null) renewing = setTimeout(renew, renewIn);
}
/** Milliseconds until a new one is to be renewed, counted from its answer; null: its session ends with it. */
function renewal(made) {
	const [from, until, end] = [
		made.made_at,
		made.expires_at,
		made.ends_at
	].map((each) => Date.parse(each));
	return end > until ? Math.max(1e3, (until - from) * 2 / 3) : null;
}
async function renew() {
	if (!token) return;
	const old = token;
	try {
		const made = await exchange(old.token, {});
		if (token === old) take(made, renewal(made));
	} catch (error) {
		if (token !== old) return;
		if (error instanceof Problem && error.passing) renewing = setTimeout(renew, RETRY_MS);
		else session.lost(old.token, "The session could not be renewed.");
	}
}
function forget() {
	token = null;
	clearTimeout(renewing);
	sessionStorage.removeItem(TAB);
}
var session = {
	/** Why a key is asked for, or null. */
	get asked() {
		return get$1(asked$1);
	},
	get principal() {
		return get$1(principal);
	},
	/** null: no key was needed, and the server says of each act whether it may be. */
	may(...any) {
		return get$1(scopes) === null || any.some((scope) => get$1(scopes)?.includes(scope));
	},
	credential() {
		return token?.token ?? "";
	},
	/** Nothing can be read until a key is given. */
	get locked() {
		return get$1(locked);
	},
	/** What this tab was told to keep, from before it was loaded anew. Whether it still counts the server says: it is renewed
	*  at once. */
	restore() {
		const kept = sessionStorage.getItem(TAB);
		if (!kept) return;
		inTab = true;
		take(JSON.parse(kept), 0);
	},
	async show(key, reach, keep) {
		const made = await exchange(key, { scopes: REACHES[reach].scopes });
		inTab = keep;
		if (!keep) sessionStorage.removeItem(TAB);
		take(made, renewal(made));
		set(asked$1, null);
		for (const each of opened) each();
	},
	/** The server does not take this credential. The answer to an older one than is in use says nothing of that; a question
	*  that was put off is not put again by itself. */
	lost(credential, why) {
		if (credential !== session.credential()) return;
		forget();
		if (!get$1(locked)) set(asked$1, get$1(asked$1) ?? {
			why,
			needs: []
		});
		set(locked, true);
	},
	/** A person wants to show another key. */
	ask() {
		set(asked$1, get$1(asked$1) ?? {
			why: "",
			needs: []
		});
	},
	/** An act asks for a scope that this session has not. */
	want(needed) {
		set(asked$1, get$1(asked$1) ?? {
			why: `This asks for a key with the scope ${needed.join(" or ")}.`,
			needs: needed
		});
	},
	/** Later. */
	dismiss() {
		set(asked$1, null);
	},
	/** Whenever a key was taken; returns what ends it. */
	onOpen(act) {
		opened.add(act);
		return () => void opened.delete(act);
	}
};
// src/core/api.ts
var SECONDS = 10;
function pathOf(template, { at = {}, query = {} }) {
	const path = template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(at[name] ?? ""));
	const params = new URLSearchParams();
	for (const [name, value] of Object.entries(query)) for (const each of Array.isArray(value) ? value : [value]) if (each !== null && each !== void 0 && each !== "") params.append(name, String(each));
	const text = params.toString();
	return text ? `${path}?${text}` : path;
}
async function request(method, path, body, key, signal, seconds = SECONDS) {
	const patience = AbortSignal.timeout(seconds * 1e3);
	return (await answered$2(method, path, signal ? AbortSignal.any([signal, patience]) : patience, {
		body,
		key
	})).json().catch((error) => {
		throw Problem.unanswered(error);
	});
}
/** The answer as it begins to come, as long as `signal` has patience: asked for as who this page is, refusals as Problem. */
async function answered$2(method, path, signal, { body, key, accept = "application/json" } = {}) {
	const headers = { Accept: accept };
	const credential = session.credential();
	if (credential) headers["X-API-Key"] = credential;
	if (method !== "GET" && method !== "DELETE") headers["Content-Type"] = "application/json";
	if (key) headers["Idempotency-Key"] = key;
	const answer = await fetch(path, {
		method,
		headers,
		body: body === void 0 ? void 0 : JSON.stringify(body),
		cache: "no-store",
		signal
	}).catch((error) => {
		throw Problem.unanswered(error);
	});
	if (answer.ok) return answer;
	const problem = await Problem.of(answer);
	if (problem.status === 401) session.lost(credential, credential ? "The session is over, or its key no longer counts." : "");
	throw problem;
}
async function get(template, asked = {}) {
	return await request("GET", pathOf(template, asked), void 0, void 0, asked.signal, asked.seconds);
}
/** A request that changes nothing though it is a POST: a preview. */
async function ask(template, body, asked = {}) {
	return await request("POST", pathOf(template, asked), body, void 0, asked.signal);
}
// src/core/batch.ts
/** Changes are told to the page together, at most ten times a second and before a frame: thousands of messages a second
*  cost one drawing, and a key pressed meanwhile is not kept waiting. */
var BETWEEN_MS = 100;
var waiting = /* @__PURE__ */ new Set();
var planned = false;
var last$1 = 0;
function batched(tell) {
	waiting.add(tell);
	if (planned) return;
	planned = true;
	const left = Math.max(0, last$1 + BETWEEN_MS - performance.now());
	setTimeout(() => requestAnimationFrame(flush), left);
}
function flush() {
	planned = false;
	last$1 = performance.now();
	const now = [...waiting];
	waiting.clear();
	for (const tell of now) tell();
}
// src/core/elapsed.ts
var present = () => ({
	wall: Date.now(),
	own: performance.now()
});
/** Milliseconds, never fewer than went by. */
var since$1 = (then) => Math.max(Date.now() - then.wall, performance.now() - then.own);
// src/core/kinds.ts
var OVER = /* @__PURE__ */ new Set([
	"denied",
	"filled",
	"canceled",
	"rejected",
	"never_accepted",
	"not_sent"
]);
var isOver = (order) => OVER.has(order.status);
var ENDED$1 = /* @__PURE__ */ new Set([
	"completed",
	"completed_with_dust",
	"partial_expired",
	"canceled",
	"rejected",
	"failed"
]);
var hasEnded = (execution) => ENDED$1.has(execution.status);
var sideTone = (row) => row.side === "buy" ? "up" : "down";
var words = (name) => name.replaceAll("_", " ");
// src/core/reading.ts
/** What is read whole, and again after each word of a change: one reading at a time, so that no older answer comes after a newer;
*  whoever asks meanwhile is served by one more. A failed one is told of and tried again. */
var AGAIN_MS = 3e3;
var Reading = class {
	ask;
	tell;
	read = {
		value: null,
		error: ""
	};
	tail = Promise.resolve();
	next = null;
	retry;
	constructor(ask, tell) {
		this.ask = ask;
		this.tell = tell;
	}
	/** What a reading came to that began after this was asked for. */
	again() {
		if (this.next) return this.next;
		this.next = this.tail.then(() => {
			this.next = null;
			return this.once();
		});
		this.tail = this.next;
		return this.next;
	}
	async once() {
		clearTimeout(this.retry);
		try {
			this.read = {
				value: await this.ask(),
				error: ""
			};
		} catch (error) {
			this.read = {
				...this.read,
				error: said(error)
			};
			if (!(error instanceof Problem && error.status === 401)) this.retry = setTimeout(() => void this.again(), AGAIN_MS);
		}
		this.tell(this.read);
		return this.read;
	}
};
// src/core/stream.ts
/** So long nothing at all was heard, a heartbeat neither: the connection is dead, whatever the network says of it. */
var SILENT_MS = 12e3;
/** What a close says, and whether to come back by itself. */
var ENDS = {
	1011: "The server ended the stream after a fault.",
	1012: "The server stops or starts anew.",
	4499: "This page was too slow for the stream.",
	4503: "There are too many streams, or none for now."
};
var FINAL = {
	4400: "The server does not understand this page: load it anew.",
	4403: "The key lacks the scope read.",
	4422: "The server does not take what this page asks for: load it anew."
};
var Stream = class {
	wanted;
	ears;
	credential;
	open;
	base;
	socket = null;
	after = null;
	whole = false;
	heard = present();
	/** With which the connection that is open was asked for. */
	shown = "";
	silence;
	tries = 0;
	timer;
	stopped = false;
	why = "";
	constructor(wanted, ears, credential, open = (address) => new WebSocket(address), base = location.origin.replace(/^http/, "ws")) {
		this.wanted = wanted;
		this.ears = ears;
		this.credential = credential;
		this.open = open;
		this.base = base;
	}
	start() {
		this.stopped = false;
		this.connect();
	}
	stop() {
		this.stopped = true;
		clearTimeout(this.timer);
		this.drop();
	}
	/** At once, whatever the wait: a key was shown, the machine woke up, somebody pressed the button. */
	again() {
		if (this.stopped) return;
		this.tries = 0;
		clearTimeout(this.timer);
		this.drop();
		this.connect();
	}
	drop() {
		this.gone();
		if (!this.socket) return;
		this.socket.onmessage = this.socket.onclose = this.socket.onopen = null;
		this.socket.close();
		this.socket = null;
	}
	/** What was heard of a whole that was never read is nothing to go on after. */
	gone() {
		clearTimeout(this.silence);
		if (!this.whole) this.after = null;
	}
	listen() {
		this.silence = setTimeout(() => {
			if (since$1(this.heard) < 12e3) return this.listen();
			this.why = "The server is silent.";
			this.drop();
			this.ended(1006);
		}, Math.max(0, SILENT_MS - since$1(this.heard)));
	}
	async begin(reading) {
		const { socket } = this;
		const fault = await reading.then(() => "", (error) => `Not everything could be read: ${said(error)}.`);
		if (this.socket !== socket) return;
		if (!fault) {
			this.whole = true;
			this.tries = 0;
			return;
		}
		this.why = fault;
		this.drop();
		this.ended(1006);
	}
	connect() {
		this.ears.phase("connecting", this.why);
		const said = {
			channels: this.wanted.channels,
			books: this.wanted.books,
			...this.after === null ? {} : { after: this.after }
		};
		const key = this.shown = this.credential();
		const query = new URLSearchParams(Object.entries(said).map(([name, value]) => [name, String(value)]).filter(([, value]) => value));
		const socket = this.open(`${this.base}/api/v1/stream${key ? "" : `?${query}`}`);
		this.socket = socket;
		socket.onopen = () => {
			if (key) socket.send(JSON.stringify({
				key,
				...said
			}));
		};
		socket.onmessage = ({ data }) => this.hear(JSON.parse(data));
		socket.onclose = ({ code }) => this.ended(code);
		this.heard = present();
		this.listen();
	}
	hear(message) {
		this.heard = present();
		if (message.type === "error") {
			this.why = message.problem.detail ?? message.problem.title ?? "";
			return;
		}
		if (message.type === "hello") {
			this.why = "";
			const anew = this.after === null;
			this.after = message.after;
			this.ears.phase("live", "");
			const reading = anew ? this.ears.anew() : void 0;
			this.whole = !reading;
			if (reading) this.begin(reading);
			else this.tries = 0;
		} else if (message.type === "event") {
			if (this.after !== null && message.seq <= this.after) return;
			this.after = message.seq;
		} else if (message.type === "heartbeat") this.after = Math.max(this.after ?? 0, message.as_of);
		this.ears.message(message);
	}
	ended(code) {
		this.socket = null;
		this.gone();
		if (this.stopped) return;
		if (code === 4401 && this.shown !== this.credential()) {
			this.connect();
			return;
		}
		if (code === 4401) {
			this.ears.phase("refused", "The key or its session no longer counts.");
			this.ears.lost(this.shown);
			return;
		}
		const final = FINAL[code];
		if (final) {
			this.ears.phase("refused", this.why || final);
			return;
		}
		if (code === 4409 || code === 4410) this.after = null;
		this.why = this.why || ENDS[code] || "The connection broke off.";
		this.ears.phase("broken", this.why);
		const wait = Math.min(8e3, 500 * 2 ** this.tries);
		this.tries += 1;
		this.timer = setTimeout(() => this.connect(), wait);
	}
};
// src/core/live.svelte.ts
var FILLS = 200;
var EVENTS = 500;
var LINES = 20;
var ENDED = 5e3;
var SAMPLES = 2e3;
var Told = class {
	#shown;
	get shown() {
		return get$1(this.#shown);
	}
	set shown(value) {
		set(this.#shown, value);
	}
	next;
	constructor(first) {
		this.#shown = state(first);
		this.next = first;
	}
	get now() {
		return this.shown;
	}
	get newest() {
		return this.next;
	}
	put(value) {
		this.next = value;
		batched(this.tell);
	}
	tell = () => {
		this.shown = this.next;
	};
};
/** Rows by their id, in the order in which they came. */
var ToldRows = class {
	#shown = state([]);
	get shown() {
		return get$1(this.#shown);
	}
	set shown(value) {
		set(this.#shown, value);
	}
	known = /* @__PURE__ */ new Map();
	get now() {
		return this.shown;
	}
	/** With what came since the page was last told. */
	rows() {
		return this.known.values();
	}
	get(id) {
		return this.known.get(id);
	}
	put(id, row) {
		this.known.set(id, row);
		batched(this.tell);
	}
	drop(id) {
		if (this.known.delete(id)) batched(this.tell);
	}
	clear() {
		this.known.clear();
		batched(this.tell);
	}
	/** Only the newest so many. */
	keep(most) {
		for (const id of this.known.keys()) {
			if (this.known.size <= most) return;
			this.known.delete(id);
		}
	}
	tell = () => {
		this.shown = [...this.known.values()];
	};
};
var status = new Told(null);
var account = new Told(null);
var positions = new Told(null);
var executions = new Told(null);
var orders = new ToldRows();
var fills = new ToldRows();
var alerts = new Told({
	value: null,
	error: ""
});
var events = new ToldRows();
var curve = new Told([]);
var loaded = new Told(false);
var link = new Told({
	phase: "connecting",
	why: "",
	since: Date.now()
});
var over = /* @__PURE__ */ new Set();
var listeners = /* @__PURE__ */ new Set();
var heardAt = null;
/** Whether what is shown is all there is: false while everything is read anew. */
var whole = state(false);
var readings = 0;
/** The orders of which the stream told since that reading began. */
var meanwhile = /* @__PURE__ */ new Map();
var clock = state(proxy(Date.now()));
var readOnly = state(false);
function heard() {
	if (get$1(whole)) heardAt = present();
}
function hearOrder(order) {
	if (!get$1(whole)) meanwhile.set(order.order_id, order);
	if (isOver(order)) {
		over.add(order.order_id);
		if (over.size > ENDED) over.delete(over.values().next().value);
		orders.drop(order.order_id);
	} else if (!over.has(order.order_id)) orders.put(order.order_id, order);
}
function hearFill(fill) {
	const id = `${fill.instrument_id} ${fill.trade_id} ${fill.order_id}`;
	fills.put(id, fill);
	fills.keep(FILLS);
}
function hearEvent(event) {
	const of = event.order?.order_id ?? event.execution?.parent_id ?? event.step?.parent_id ?? null;
	events.put(String(event.seq), {
		seq: event.seq,
		at: event.at,
		kind: event.kind,
		principal: event.principal,
		of
	});
	events.keep(EVENTS);
	if (event.order) hearOrder(event.order);
	for (const fill of event.fills ?? []) hearFill(fill);
	if (event.alert?.kind.startsWith("alert.")) alertReading.again();
}
function hear(message) {
	heard();
	if (message.type === "event") hearEvent(message);
	else if (message.type === "status") takeStatus(message.status);
	else if (message.type === "positions") positions.put(message.positions);
	else if (message.type === "executions") executions.put(message.executions);
	else if (message.type === "balances") takeAccount(message.account);
	for (const each of listeners) each(message);
}
function takeStatus(told) {
	status.put(told);
	set(readOnly, told.phase === "read-only");
}
function takeAccount(told) {
	account.put(told);
	const before = curve.newest;
	const last = before.at(-1);
	const sample = {
		at: Date.now(),
		equity: told.equity
	};
	if (last && sample.at - last.at < 1e3) return;
	curve.put(before.length < SAMPLES ? [...before, sample] : [...before.filter((_, at) => at % 2 === 0), sample]);
}
var alertReading = new Reading(async () => (await get("/api/v1/alerts", { query: { open_only: true } })).alerts, (read) => alerts.put(read));
/** All that the stream tells only as it changes, and what it would tell within seconds. What was shown before stands until
*  all of it has come. */
async function readAnew() {
	const turn = ++readings;
	set(whole, false);
	meanwhile = /* @__PURE__ */ new Map();
	const warned = alertReading.again();
	const [found, traded, told, held, worth, under] = await Promise.all([
		get("/api/v1/trading/orders/active"),
		get("/api/v1/trading/trades", { query: { limit: 50 } }),
		get("/api/v1/status"),
		get("/api/v1/trading/positions"),
		get("/api/v1/trading/account"),
		get("/api/v1/trading/executions", { query: { open_only: true } })
	]);
	if (turn !== readings) return;
	set(whole, true);
	heard();
	orders.clear();
	over.clear();
	for (const order of found.orders) if (!meanwhile.has(order.order_id)) hearOrder(order);
	for (const order of meanwhile.values()) hearOrder(order);
	meanwhile = /* @__PURE__ */ new Map();
	const newer = [...fills.rows()];
	fills.clear();
	for (const fill of [...traded.trades].reverse()) hearFill(fill);
	for (const fill of newer) hearFill(fill);
	takeStatus(told);
	positions.put(held.positions);
	takeAccount(worth);
	executions.put(under.executions);
	await readEvents(told);
	const { error } = await warned;
	if (error) throw new Error(error);
	loaded.put(true);
}
/** The last lines of the journal, which take the scope audit:read; without it there are those that the stream tells. */
async function readEvents(told) {
	const found = await get("/api/v1/events", { query: {
		after_seq: Math.max(0, told.journal_seq - LINES),
		limit: LINES
	} }).catch((error) => {
		if (error instanceof Problem && error.kind === "scope-needed") return null;
		throw error;
	});
	const newer = [...events.rows()];
	events.clear();
	for (const { seq, at, kind, principal, order_id, parent_id } of found?.events ?? []) events.put(String(seq), {
		seq,
		at,
		kind,
		principal,
		of: order_id ?? parent_id
	});
	for (const each of newer) events.put(String(each.seq), each);
}
var stream = new Stream({
	channels: [
		"orders",
		"fills",
		"executions",
		"positions",
		"balances",
		"alerts",
		"status"
	],
	books: []
}, {
	message: hear,
	anew: readAnew,
	phase: setLink,
	lost: (credential) => session.lost(credential, "The server no longer knows this session: it was started anew, or the key was revoked.")
}, session.credential);
function setLink(phase, why) {
	if (phase === "live") heard();
	const before = link.newest;
	link.put({
		phase,
		why,
		since: before.phase === phase ? before.since : Date.now()
	});
}
var live = {
	get status() {
		return status.now;
	},
	get account() {
		return account.now;
	},
	get positions() {
		return positions.now;
	},
	/** Those that are not over. */
	get executions() {
		return executions.now;
	},
	/** Those that are not over, oldest first. */
	get orders() {
		return orders.now;
	},
	/** The last ones, oldest first. */
	get fills() {
		return fills.now;
	},
	/** Those that are not over, as they were read last. */
	get alerts() {
		return alerts.now.value ?? [];
	},
	/** The same, with whether they could be read. */
	get alertsRead() {
		return alerts.now;
	},
	get events() {
		return events.now;
	},
	/** The equity since this page was opened. */
	get curve() {
		return curve.now;
	},
	/** Whether what there was at the beginning has been read. */
	get loaded() {
		return loaded.now;
	},
	/** Rows of orders, fills or events; null where there is none of them because they have not been read. */
	known(rows) {
		return rows.length || loaded.now ? rows : null;
	},
	get link() {
		return link.now;
	},
	get readOnly() {
		return get$1(readOnly);
	},
	/** Now, to the second. */
	get clock() {
		return get$1(clock);
	},
	/** When the last word came, if that is so long ago that nothing on the page may be taken for current; or null. */
	get staleSince() {
		const { phase } = link.now;
		get$1(clock);
		return heardAt && (phase !== "live" || !get$1(whole) || since$1(heardAt) > 12e3) ? heardAt.wall : null;
	},
	order(id) {
		return orders.get(id);
	},
	/** Whether the stream has told of this order, open or over. */
	knows(id) {
		return orders.get(id) !== void 0 || over.has(id);
	},
	/** Whether this order is known to be over: the stream told so, or it is not among all that are open. */
	ended(id) {
		return over.has(id) || get$1(whole) && orders.get(id) === void 0;
	},
	/** Every message as it comes; returns what ends it. */
	listen(act) {
		listeners.add(act);
		return () => listeners.delete(act);
	},
	again() {
		stream.again();
	},
	start() {
		setInterval(() => set(clock, Date.now(), true), 1e3);
		session.onOpen(() => stream.again());
		document.addEventListener("visibilitychange", () => {
			if (!document.hidden && live.staleSince !== null) stream.again();
		});
		addEventListener("online", () => stream.again());
		stream.start();
		if (!session.credential()) get("/api/v1/trading/kill-switch").catch(() => void 0);
	}
};
function followBook(instrumentId) {
	const told = untrack(() => new Told(null));
	const phase = untrack(() => new Told("connecting"));
	const own = new Stream({
		channels: ["status"],
		books: [instrumentId]
	}, {
		message: (message) => {
			if (message.type === "book") told.put({
				book: message,
				at: present()
			});
		},
		anew: () => void 0,
		phase: (next) => phase.put(next),
		lost: (credential) => session.lost(credential, "")
	}, session.credential);
	own.start();
	const unheard = session.onOpen(() => own.again());
	const current = () => {
		get$1(clock);
		return phase.now === "live" && told.now !== null && told.now.book.valid && since$1(told.now.at) <= 12e3;
	};
	return {
		book: () => told.now?.book ?? null,
		current,
		stop: () => {
			unheard();
			own.stop();
		}
	};
}
// src/core/instants.ts
/** Instants and lengths of time in words. Pure. */
/** 2026-11-29T14:03:07.123, in UTC or as the clock here has it. */
function zoned(instant, utc) {
	const date = new Date(instant);
	return (/* @__PURE__ */ new Date(date.getTime() - (utc ? 0 : date.getTimezoneOffset() * 6e4))).toISOString().slice(0, -1);
}
/** 14:03:07 of today; of another day with its date, 11-28 14:03:07 or 2025-11-28 14:03:07. */
function dated(instant, now, utc) {
	const [[day = "", time = ""], [today = ""]] = [zoned(instant, utc), zoned(now, utc)].map((each) => each.split("T"));
	return (day === today ? "" : day.slice(0, 4) === today.slice(0, 4) ? `${day.slice(5)} ` : `${day} `) + time.slice(0, 8);
}
/** How long, whichever way: 12 s, 4 min, 3 h 05 min, 2 d 4 h. */
function span(seconds) {
	if (seconds === null || seconds === void 0 || !Number.isFinite(seconds)) return "–";
	const whole = Math.round(Math.abs(seconds));
	if (Math.abs(seconds) < 1) return `${Math.round(Math.abs(seconds) * 1e3)} ms`;
	if (whole < 120) return `${whole} s`;
	if (whole < 7200) return `${Math.floor(whole / 60)} min`;
	if (whole < 172800) return `${Math.floor(whole / 3600)} h ${String(Math.floor(whole / 60) % 60).padStart(2, "0")} min`;
	return `${Math.floor(whole / 86400)} d ${Math.floor(whole / 3600) % 24} h`;
}
/** The same with its sign: +3 ms, −12 s. */
function offset(seconds) {
	const long = span(seconds);
	return seconds && !/^(0 ms|–)$/.test(long) ? `${seconds < 0 ? "−" : "+"}${long}` : long;
}
// src/core/look.svelte.ts
function kept(name, otherwise) {
	try {
		return localStorage.getItem(name) ?? otherwise;
	} catch {
		return otherwise;
	}
}
function keep$1(name, value) {
	try {
		localStorage.setItem(name, value);
	} catch {
		return;
	}
}
var dark = matchMedia("(prefers-color-scheme: dark)");
var theme = state(proxy(kept("theme", "auto")));
var utc = state(kept("times", "utc") === "utc");
var systemDark = state(proxy(dark.matches));
var toured = state(kept("toured", "") === "yes");
dark.addEventListener("change", (event) => {
	set(systemDark, event.matches, true);
	apply();
});
function apply() {
	document.documentElement.dataset["theme"] = look.dark ? "dark" : "light";
}
var look = {
	get dark() {
		return get$1(theme) === "auto" ? get$1(systemDark) : get$1(theme) === "dark";
	},
	get utc() {
		return get$1(utc);
	},
	get toured() {
		return get$1(toured);
	},
	turn() {
		set(theme, look.dark ? "light" : "dark", true);
		keep$1("theme", get$1(theme));
		apply();
	},
	turnTimes() {
		set(utc, !get$1(utc));
		keep$1("times", get$1(utc) ? "utc" : "local");
	},
	tourDone(done = true) {
		set(toured, done, true);
		keep$1("toured", done ? "yes" : "");
	},
	apply
};
var none = (instant) => instant === null || instant === void 0 || instant === "";
/** 14:03:07, in the zone that was chosen. Reads the choice, so that what shows it follows. */
function time(instant) {
	return none(instant) ? "–" : zoned(instant, get$1(utc)).slice(11, 19);
}
/** What `time` says, of another day with its date: 11-28 14:03:07. */
function when(instant) {
	return none(instant) ? "–" : dated(instant, Date.now(), get$1(utc));
}
/** 2026-11-29 14:03:07.123, with its zone. */
function moment(instant) {
	return none(instant) ? "–" : `${zoned(instant, get$1(utc)).replace("T", " ")} ${get$1(utc) ? "UTC" : "local"}`;
}
/** What a field of date and time holds for an instant, in the zone that was chosen; "" for what is none. */
function toField(instant) {
	return Number.isNaN(Date.parse(instant)) ? "" : zoned(instant, get$1(utc)).slice(0, 19);
}
/** The instant of such a field. */
function fromField(text) {
	return text ? new Date(get$1(utc) ? `${text}Z` : text).toISOString() : "";
}
// src/core/acts.svelte.ts
var KEPT = "acts";
var RETRIES_MS = [1e3, 3e3];
var PATIENCE_MS = 2e4;
var SHOWN_MS = 8e3;
var TWICE_MS = 1e3;
var acts = state([]);
function newKey() {
	return [...crypto.getRandomValues(/* @__PURE__ */ new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
var isOpen = (act) => act.phase === "sending" || act.phase === "waiting";
var told$2 = (wish) => JSON.stringify(wish.said ?? wish.body);
var alike = (one, other) => one.subject === other.subject && one.method === other.method && one.path === other.path && told$2(one) === told$2(other);
/** Whether its route takes an Idempotency-Key. */
var keyed = ({ method, path }) => path.startsWith(method === "POST" ? "/api/v1/trading/" : "/api/v1/trading/executions/");
/** Whether to ask for it again does it once and undoes nothing that came after it. */
var repeatable = (wish) => keyed(wish) || wish.method !== "PATCH" && !wish.path.startsWith("/api/v1/strategies/");
/** Of each subject what was sent last, and when it was last sent or answered; also when it was put away. */
var last = /* @__PURE__ */ new Map();
var known = (key) => get$1(acts).find((act) => act.key === key);
function change(key, changes) {
	set(acts, get$1(acts).map((act) => act.key === key ? {
		...act,
		...changes
	} : act));
	const now = known(key);
	const latest = now && last.get(now.subject);
	if (now && latest?.act.key === key) latest.act = now;
	keep();
}
/** What has no outcome yet outlives a reload; nothing secret is in it. */
function keep() {
	const kept = get$1(acts).filter((act) => act.phase === "sending" || act.phase === "unanswered").map(({ key, title, method, path, body, said, subject, at, overtaken }) => ({
		key,
		title,
		method,
		path,
		body,
		said,
		subject,
		at,
		overtaken
	}));
	if (kept.length) sessionStorage.setItem(KEPT, JSON.stringify(kept));
	else sessionStorage.removeItem(KEPT);
}
function settle(key, phase, changes = {}) {
	change(key, {
		phase,
		...changes
	});
	if (phase === "done") setTimeout(() => acts_.dismiss(key), SHOWN_MS);
}
/** Nothing is proved by what is shown while the stream is away or all is read anew. */
function confirmed(act) {
	return !act.until || live.staleSince === null && act.until(act.answer);
}
function answered$1(key, answer) {
	change(key, { answer });
	const act = known(key);
	if (!act) return;
	const latest = last.get(act.subject);
	if (latest?.act.key === key && !act.stops) latest.at = performance.now();
	if (act.overtaken || confirmed(act)) settle(key, "done");
	else watch(act);
}
async function send(act) {
	for (const wait of repeatable(act) ? [...RETRIES_MS, null] : [null]) try {
		answered$1(act.key, await request(act.method, act.path, act.body, keyed(act) ? act.key : void 0));
		break;
	} catch (error) {
		const problem = error instanceof Problem ? error : Problem.unanswered(error);
		if (problem.unknown && wait !== null && !known(act.key)?.overtaken) {
			await new Promise((go) => setTimeout(go, wait));
			if (!known(act.key)?.overtaken) continue;
		}
		if (problem.kind === "scope-needed") session.want(problem.scopes);
		settle(act.key, problem.unknown || problem.status === 401 ? "unanswered" : "refused", { problem });
		break;
	}
	return known(act.key) ?? act;
}
/** Answered; the stream has yet to say so. Where it does not within a while, that is said. */
function watch(act) {
	change(act.key, { phase: "waiting" });
	const began = present();
	const timer = setInterval(() => {
		if (known(act.key)?.phase === "waiting") {
			if (confirmed(act)) settle(act.key, "done");
			else if (since$1(began) < PATIENCE_MS || live.staleSince !== null) return;
			else settle(act.key, "done", { title: `${act.title}: answered; the stream has not shown it yet` });
		}
		clearInterval(timer);
	}, 100);
}
var made = (wish) => ({
	...wish,
	key: newKey(),
	at: Date.now(),
	phase: "sending",
	problem: null,
	answer: null,
	before: false,
	overtaken: ""
});
function add$1(act) {
	const settled = get$1(acts).filter((each) => !isOpen(each) && each.phase !== "unanswered");
	set(acts, [
		...get$1(acts).filter((each) => !settled.includes(each)),
		...settled.slice(-20),
		act
	]);
	keep();
}
/** What came before it of its subject is not asked for again. */
function overtake(wish) {
	set(acts, get$1(acts).filter((each) => each.subject !== wish.subject || each.phase !== "unanswered"));
	for (const each of acts_.of(wish.subject)) {
		change(each.key, { overtaken: wish.title });
		if (each.phase === "waiting") settle(each.key, "done", { title: `${each.title}: answered` });
	}
}
var acts_ = {
	get all() {
		return get$1(acts);
	},
	/** What is under way for this subject. */
	of(subject) {
		return get$1(acts).filter((act) => act.subject === subject && isOpen(act));
	},
	/** What this wish has to wait for: the same, or anything of its subject where it does not stop that. */
	under(wish) {
		const open = acts_.of(wish.subject);
		return open.find((act) => alike(act, wish)) ?? (wish.stops ? void 0 : open[0]);
	},
	/** What of this subject had no answer. */
	unanswered(subject) {
		return get$1(acts).find((act) => act.subject === subject && act.phase === "unanswered" && !act.overtaken);
	},
	/** Do it, once. The same while it is under way, or within a second, is that one; without an answer it is asked for again.
	*  Something else of the same subject is refused while one is under way, but for what stops. */
	async perform(wish) {
		const under = acts_.under(wish);
		if (under && alike(under, wish)) return under;
		if (under) {
			const problem = new Problem(409, "under-way", `It was not sent: “${under.title}” is under way. Ask for it when that is done.`);
			const act = {
				...made(wish),
				phase: "refused",
				problem
			};
			add$1(act);
			return act;
		}
		const lost = acts_.unanswered(wish.subject);
		if (lost && alike(lost, wish) && repeatable(lost)) return await acts_.again(lost.key) ?? lost;
		const before = last.get(wish.subject);
		if (before && alike(before.act, wish) && performance.now() - before.at < TWICE_MS) return before.act;
		overtake(wish);
		const act = made(wish);
		last.set(wish.subject, {
			act,
			at: performance.now()
		});
		add$1(act);
		return send(act);
	},
	/** Ask again, with the same key. */
	async again(key) {
		const act = known(key);
		if (act?.phase !== "unanswered" || act.overtaken || !repeatable(act)) return void 0;
		change(key, {
			phase: "sending",
			problem: null
		});
		return send(act);
	},
	dismiss(key) {
		set(acts, get$1(acts).filter((act) => act.key !== key));
		keep();
	},
	/** What was sent before the page was loaded anew and had no answer yet. */
	restore() {
		const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
		set(acts, kept.map((act) => ({
			...act,
			phase: "unanswered",
			problem: null,
			answer: null,
			before: true
		})));
	}
};
// src/core/polled.svelte.ts
function polled(path, seconds, asked = () => ({})) {
	let value = state(null);
	let error = state("");
	let at = state(null);
	let turn = state(0);
	/** What was asked for, and by whom, when what is shown was read. */
	let of = "";
	user_effect(() => {
		const wanted = asked();
		get$1(turn);
		untrack(() => {
			const now = JSON.stringify([session.principal, wanted]);
			if (now !== of) set(value, null);
			of = now;
			set(error, "");
		});
		if (!wanted) return;
		const ended = new AbortController();
		let timer;
		const read = async () => {
			if (!document.hidden && !session.locked) try {
				const found = await get(path, {
					...wanted,
					signal: ended.signal
				});
				if (ended.signal.aborted) return;
				set(value, found);
				set(error, "");
				set(at, present());
			} catch (failure) {
				if (ended.signal.aborted) return;
				set(error, said(failure), true);
			}
			timer = setTimeout(() => void read(), seconds * 1e3);
		};
		untrack(() => void read());
		const unheard = session.onOpen(() => void set(turn, get$1(turn) + 1));
		return () => {
			unheard();
			ended.abort();
			clearTimeout(timer);
		};
	});
	return {
		get value() {
			return get$1(value);
		},
		get error() {
			return get$1(error);
		},
		get old() {
			live.clock;
			return get$1(at) !== null && since$1(get$1(at)) > 12e3 + seconds * 1e3;
		},
		again: () => void set(turn, get$1(turn) + 1)
	};
}
// src/core/decimal.ts
var PLAIN = /^([+-])?(\d+)(?:\.(\d*))?$|^([+-])?\.(\d+)$/;
/** null for what is no plain decimal: empty, words, exponents. */
function read(text) {
	const found = PLAIN.exec(text.trim());
	if (!found) return null;
	const negative = (found[1] ?? found[4]) === "-";
	const fraction = found[3] ?? found[5] ?? "";
	const units = BigInt((found[2] ?? "0") + fraction);
	return {
		units: negative ? -units : units,
		places: fraction.length
	};
}
function parts(text) {
	const found = read(text);
	if (!found) throw new RangeError(`${JSON.stringify(text)} is no decimal`);
	return found;
}
function text$1({ units, places }) {
	const digits = (units < 0n ? -units : units).toString().padStart(places + 1, "0");
	const whole = digits.slice(0, digits.length - places);
	const fraction = places ? digits.slice(-places).replace(/0+$/, "") : "";
	return (units < 0n ? "-" : "") + whole + (fraction ? `.${fraction}` : "");
}
function scaled({ units, places }, to) {
	return units * 10n ** BigInt(to - places);
}
function isDecimal(value) {
	return read(value) !== null;
}
function add(a, b) {
	const [x, y] = [parts(a), parts(b)];
	const places = Math.max(x.places, y.places);
	return text$1({
		units: scaled(x, places) + scaled(y, places),
		places
	});
}
function negate(a) {
	const { units, places } = parts(a);
	return text$1({
		units: -units,
		places
	});
}
function subtract(a, b) {
	return add(a, negate(b));
}
function multiply(a, b) {
	const [x, y] = [parts(a), parts(b)];
	return text$1({
		units: x.units * y.units,
		places: x.places + y.places
	});
}
/** Towards zero. */
function divide(a, b, places) {
	const [x, y] = [parts(a), parts(b)];
	return text$1({
		units: x.units * 10n ** BigInt(places + y.places) / (y.units * 10n ** BigInt(x.places)),
		places
	});
}
/** -1, 0 or 1. */
function compare(a, b) {
	const [x, y] = [parts(a), parts(b)];
	const places = Math.max(x.places, y.places);
	const difference = scaled(x, places) - scaled(y, places);
	return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
function sign(value) {
	const found = read(value ?? "");
	return !found || found.units === 0n ? 0 : found.units < 0n ? -1 : 1;
}
function absolute(value) {
	return sign(value) < 0 ? negate(value) : text$1(parts(value));
}
function isMultiple(value, step) {
	const [x, y] = [parts(value), parts(step)];
	const places = Math.max(x.places, y.places);
	return scaled(x, places) % scaled(y, places) === 0n;
}
/** The largest multiple of step that is no further from zero. */
function toStep(value, step) {
	const [x, y] = [parts(value), parts(step)];
	const places = Math.max(x.places, y.places);
	const size = scaled(y, places);
	return text$1({
		units: scaled(x, places) / size * size,
		places
	});
}
/** Half away from zero. */
function round(value, places) {
	const found = parts(value);
	if (found.places <= places) return text$1(found);
	const unit = 10n ** BigInt(found.places - places);
	const half = found.units < 0n ? -unit / 2n : unit / 2n;
	return text$1({
		units: (found.units + half) / unit,
		places
	});
}
/** Digits after the point of a tick or a lot. */
function placesOf(step) {
	return text$1(parts(step)).split(".")[1]?.length ?? 0;
}
var REMEMBERED = 4e3;
var written = /* @__PURE__ */ new Map();
/** As it is shown: thousands apart, at most `places` digits after the point, `fixed` of them always. What would round to
*  nothing keeps three digits that say something, as a coin of a billionth does. */
function shown(value, places = 18, fixed = 0) {
	if (value === null || value === void 0 || value === "") return "–";
	const key = `${value} ${places} ${fixed}`;
	const before = written.get(key);
	if (before !== void 0) return before;
	if (written.size >= REMEMBERED) written.clear();
	const made = write(value, places, fixed);
	written.set(key, made);
	return made;
}
function write(value, places, fixed) {
	const found = read(value);
	if (!found) return value;
	let rounded = round(value, places);
	if (found.units !== 0n && Number(rounded) === 0) rounded = round(value, (/^-?0\.(0*)/.exec(text$1(found))?.[1]?.length ?? 0) + 3);
	const [whole = "0", fraction = ""] = rounded.replace("-", "").split(".");
	const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
	const tail = fraction.padEnd(fixed, "0");
	return (rounded.startsWith("-") ? "−" : "") + grouped + (tail ? `.${tail}` : "");
}
var money = (value) => shown(value, 2, 2);
/** With its sign, also where it is a gain. */
function signed(value, places = 2, fixed = places) {
	return (sign(value) > 0 ? "+" : "") + shown(value, places, fixed);
}
var PRICE_DIGITS = 6;
/** A price that is on no tick, as a mean or a mark: eight digits after the point, and six that say something. */
function price(value) {
	const zeros = /^-?0?\.(0*)/.exec(value ?? "")?.[1]?.length ?? 0;
	return shown(value, Math.max(8, zeros + PRICE_DIGITS));
}
/** A number that was drawn, on an axis. */
var drawn = (value) => price(value.toFixed(18));
var LARGE = [
	["T", 12],
	["B", 9],
	["M", 6]
];
/** How much, where there is room for few digits: from a million on three of them, else at most `places` after the point. */
function amount$2(value, places = 4) {
	const whole = absolute(value).split(".")[0]?.length ?? 0;
	const unit = LARGE.find(([, digits]) => whole > digits);
	return unit && whole <= unit[1] + 3 ? `${shown(multiply(value, `0.${"1".padStart(unit[1], "0")}`), 3 - (whole - unit[1]))}${unit[0]}` : shown(value, places);
}
/** A fraction as percent. Statistics come as numbers, limits as text. */
function percent(value, places = 2) {
	if (value === null || value === void 0) return "–";
	if (typeof value === "number") {
		const digits = Math.abs(value * 100).toFixed(places);
		return `${value < 0 && Number(digits) !== 0 ? "−" : ""}${digits} %`;
	}
	return `${shown(multiply(value, "100"), places, places)} %`;
}
/** For drawing alone. */
var approximate = (value) => Number(value ?? NaN);
// src/parts/Panel.svelte
var root$9 = from_html(`<span class="count svelte-tf8cbu"> </span>`);
var root_1$7 = from_html(`<p class="warn" role="status"> </p>`);
var root_2$4 = from_html(`<section><header class="svelte-tf8cbu"><h2 class="svelte-tf8cbu"> <!></h2> <span class="grow"></span> <!></header> <!> <!></section>`);
function Panel($$anchor, $$props) {
	/** A part of a page, with its heading and what may be said of it: how many, an error, levers. */
	const count = prop($$props, "count", 3, null), error = prop($$props, "error", 3, ""), place = prop($$props, "class", 3, "");
	var section = root_2$4();
	var header = child(section);
	var h2 = child(header);
	var text = child(h2, true);
	var node = sibling(text);
	var consequent = ($$anchor) => {
		var span = root$9();
		var text_1 = only_child(span, true);
		template_effect(() => set_text(text_1, count()));
		append($$anchor, span);
	};
	if_block(node, ($$render) => {
		if (count() !== null) $$render(consequent);
	});
	reset(h2);
	var node_1 = sibling(h2, 4);
	snippet(node_1, () => $$props.aside ?? noop);
	reset(header);
	var node_2 = sibling(header, 2);
	var consequent_1 = ($$anchor) => {
		var p = root_1$7();
		var text_2 = only_child(p);
		template_effect(() => set_text(text_2, `Not read anew: ${error() ?? ""}`));
		append($$anchor, p);
	};
	if_block(node_2, ($$render) => {
		if (error()) $$render(consequent_1);
	});
	var node_3 = sibling(node_2, 2);
	snippet(node_3, () => $$props.children);
	reset(section);
	template_effect(() => {
		set_class(section, 1, clsx(place()), "svelte-tf8cbu");
		set_attribute(section, "aria-label", $$props.title);
		set_text(text, $$props.title);
	});
	append($$anchor, section);
}
// src/core/wishes.ts
var V1 = "/api/v1";
var at = (id) => encodeURIComponent(id);
var cancelOrder = (order) => ({
	title: `Cancel ${order.side} ${shown(order.size)} ${order.instrument_id}`,
	method: "DELETE",
	path: `${V1}/trading/orders/${at(order.order_id)}`,
	subject: order.order_id,
	stops: true,
	until: (answer) => isOver(answer) || live.ended(order.order_id)
});
var cancelAll = (instrumentId) => ({
	title: instrumentId ? `Cancel all of ${instrumentId}` : "Cancel all orders",
	method: "POST",
	path: `${V1}/trading/orders/cancel-all`,
	body: instrumentId ? { instrument_id: instrumentId } : {},
	subject: `cancel-all ${instrumentId ?? ""}`,
	stops: true
});
/** Of one instrument, or of all that is ours. */
var flatten = (instrumentId) => ({
	title: instrumentId ? `Close the position in ${instrumentId}` : "Flatten: cancel all and close every position",
	method: "POST",
	path: `${V1}/trading/positions/flatten`,
	body: instrumentId ? { instrument_id: instrumentId } : {},
	subject: `flatten ${instrumentId ?? ""}`,
	stops: true
});
var WORDS = {
	pause: "Pause",
	resume: "Resume",
	cancel: "End"
};
function steer(execution, word, reason = "") {
	const now = () => live.executions?.find((each) => each.parent_id === execution.parent_id);
	const ended = (answer) => hasEnded(now() ?? answer);
	const done = {
		pause: () => now()?.status === "paused",
		resume: (answer) => ended(answer) || !["paused", "suspended"].includes(now()?.status ?? "paused"),
		cancel: (answer) => ended(answer) || live.executions !== null && !now()
	}[word];
	return {
		title: `${WORDS[word]} ${execution.strategy} ${execution.side} ${shown(execution.size)} ${execution.instrument_id}`,
		method: "POST",
		path: `${V1}/trading/executions/${at(execution.parent_id)}/${word}`,
		body: reason ? { reason } : {},
		subject: execution.parent_id,
		stops: word !== "resume",
		until: done
	};
}
var inMinutes = (minutes) => new Date(Date.now() + Number(minutes) * 6e4);
/** Asked for again without an answer, so many minutes end when they first would have. Throws RangeError for minutes that are none. */
function amendExecution(execution, amendment) {
	const { config, minutes, ...told } = amendment;
	const end_at = minutes === "" ? "" : inMinutes(minutes).toISOString();
	const said = Object.fromEntries(Object.entries({
		...told,
		end_at
	}).filter(([, value]) => value !== ""));
	return {
		said: amendment,
		title: `Amend ${execution.strategy} ${execution.side} ${shown(execution.size)} ${execution.instrument_id}`,
		method: "PATCH",
		path: `${V1}/trading/executions/${at(execution.parent_id)}`,
		body: Object.keys(config).length ? {
			...said,
			config: Object.fromEntries(Object.entries(config).map(([name, value]) => [name, spoken(value)]))
		} : said,
		subject: execution.parent_id
	};
}
/** A written value as JSON has it; numbers stay text. */
function spoken(value) {
	const word = value.trim();
	return word === "none" ? null : word === "true" ? true : word === "false" ? false : word;
}
var acknowledge = (alert) => ({
	title: `Take up ${alert.rule} ${alert.subject}`,
	method: "POST",
	path: `${V1}/alerts/${at(alert.alert_id)}/acknowledge`,
	body: {},
	subject: alert.alert_id
});
var strategy = (id, word) => ({
	title: `${word === "start" ? "Start" : "Stop"} strategy ${id}`,
	method: "POST",
	path: `${V1}/strategies/${at(id)}/${word}`,
	body: word === "stop" ? { reason: "stopped from the page" } : {},
	subject: `strategy ${id}`,
	stops: word === "stop"
});
var decide = (room, id, word, what) => ({
	title: `${word === "confirm" ? "Confirm" : "Refuse"} ${what}`,
	method: "POST",
	path: `${V1}/${room}/${at(id)}/${word}`,
	body: {},
	subject: `${room} ${id}`,
	stops: word === "refuse"
});
/** What a person knows of an order that the exchange no longer tells. */
var resolveOrder = (order, told) => ({
	title: `Resolve ${order.side} ${shown(order.size)} ${order.instrument_id}`,
	method: "POST",
	path: `${V1}/trading/orders/${at(order.order_id)}/resolve`,
	body: told,
	subject: order.order_id
});
var acceptDifference = (kind, subject, by, why) => ({
	title: `Accept the difference of ${subject}`,
	method: "POST",
	path: `${V1}/trading/differences/accept`,
	body: {
		kind,
		subject,
		by,
		why
	},
	subject: `difference ${kind} ${subject}`
});
/** Of the simulated exchange alone. times: null until it is repaired. */
var breakExchange = (name, times, value) => ({
	title: `Break: ${name.replaceAll("_", " ")}${times === null ? "" : times === 1 ? ", once" : `, ${times} times`}`,
	method: "POST",
	path: `${V1}/simulator/faults`,
	body: {
		name,
		times,
		...value ? { value } : {}
	},
	subject: `fault ${name}`
});
/** One fault, or all. */
var repairExchange = (name) => ({
	title: name === null ? "Repair the exchange" : `Repair: ${name.replaceAll("_", " ")}`,
	method: "POST",
	path: `${V1}/simulator/faults/repair`,
	body: name === null ? {} : { name },
	subject: name === null ? "faults" : `fault ${name}`,
	stops: true
});
// src/parts/Lever.svelte
var root$8 = from_html(`<button type="button"> </button>`);
function Lever($$anchor, $$props) {
	push($$props, true);
	/** A button that asks for one act, once: it is off while it is under way, or what it would have to wait for. */
	const danger = prop($$props, "danger", 3, false);
	const under = user_derived(() => acts_.under($$props.wish()));
	async function act(event) {
		event.stopPropagation();
		const done = await acts_.perform($$props.wish());
		$$props.onact?.(done);
	}
	var fragment = comment();
	var node = first_child(fragment);
	var consequent = ($$anchor) => {
		var button = root$8();
		var text = only_child(button, true);
		template_effect(($0) => {
			set_class(button, 1, `small ${danger() ? "danger" : ""}`);
			button.disabled = get$1(under) !== void 0;
			set_attribute(button, "title", $0);
			set_text(text, get$1(under) ? "…" : $$props.words);
		}, [() => $$props.wish().title]);
		delegated("click", button, act);
		append($$anchor, button);
	};
	if_block(node, ($$render) => {
		if (!live.readOnly) $$render(consequent);
	});
	append($$anchor, fragment);
	pop();
}
delegate(["click"]);
// src/parts/Table.svelte
var root$7 = from_html(`<p class="quiet empty svelte-1dquqf0"> </p>`);
var root_1$6 = from_html(`<span class="hidden">Acts</span>`);
var root_2$3 = from_html(`<th scope="col"> <!></th>`);
var root_3$2 = from_html(`<tr aria-hidden="true"><td class="space svelte-1dquqf0"></td></tr>`);
var root_4$1 = from_html(`<td><!></td>`);
var root_5$1 = from_html(`<tr></tr>`);
var root_6$1 = from_html(`<div class="scroll svelte-1dquqf0" tabindex="0" role="group"><table class="svelte-1dquqf0"><thead><tr></tr></thead><tbody><!><!><!></tbody></table></div>`);
function Table($$anchor, $$props) {
	push($$props, true);
	/** Rows of one kind. Of many only those in sight are drawn, so that ten thousand scroll as ten do. */
	/** What the rows are, for who does not see them. */
	/** null while it is not known whether there are any. */
	/** The most it is high, in pixels; more is scrolled. */
	/** What a row leads to. */
	const height = prop($$props, "height", 3, 420), chosen = prop($$props, "chosen", 3, () => false);
	const rows = user_derived(() => $$props.rows ?? []);
	const HIGH = 27;
	const MARGIN = 8;
	const ALL = 80;
	let top = state(0);
	const inSight = user_derived(() => Math.ceil(height() / HIGH) + 16);
	const first = user_derived(() => get$1(rows).length <= ALL ? 0 : Math.max(0, Math.min(Math.floor(get$1(top) / HIGH) - MARGIN, get$1(rows).length - get$1(inSight))));
	const drawn = user_derived(() => get$1(rows).length <= ALL ? get$1(rows) : get$1(rows).slice(get$1(first), get$1(first) + get$1(inSight)));
	const below = user_derived(() => get$1(rows).length - get$1(first) - get$1(drawn).length);
	/** What a row's levers stand in stays in sight, however wide the rest is. */
	const acts = (column) => !column.title && column === $$props.columns.at(-1);
	function pressed(event, row) {
		if (event.key !== "Enter" || event.target !== event.currentTarget) return;
		event.preventDefault();
		$$props.onrow?.(row);
	}
	var fragment = comment();
	var node = first_child(fragment);
	var consequent = ($$anchor) => {
		var p = root$7();
		var text = only_child(p, true);
		template_effect(($0) => set_text(text, $0), [() => $$props.rows ? $$props.empty : `Reading the ${$$props.caption.toLowerCase()} …`]);
		append($$anchor, p);
	};
	var alternate_1 = ($$anchor) => {
		var div = root_6$1();
		let styles;
		var table = child(div);
		var thead = child(table);
		var tr = child(thead);
		each(tr, 21, () => $$props.columns, (column) => column.title, ($$anchor, column) => {
			var th = root_2$3();
			let classes;
			var text_1 = child(th, true);
			var node_1 = sibling(text_1);
			var consequent_1 = ($$anchor) => {
				var span = root_1$6();
				append($$anchor, span);
			};
			if_block(node_1, ($$render) => {
				if (!get$1(column).title) $$render(consequent_1);
			});
			reset(th);
			template_effect(($0) => {
				classes = set_class(th, 1, "svelte-1dquqf0", null, classes, {
					number: get$1(column).number,
					levers: $0
				});
				set_text(text_1, get$1(column).title);
			}, [() => acts(get$1(column))]);
			append($$anchor, th);
		});
		reset(tr);
		reset(thead);
		var tbody = sibling(thead);
		var node_2 = child(tbody);
		var consequent_2 = ($$anchor) => {
			var tr_1 = root_3$2();
			var td = child(tr_1);
			let styles_1;
			reset(tr_1);
			template_effect(() => {
				set_attribute(td, "colspan", $$props.columns.length);
				styles_1 = set_style(td, "", styles_1, { height: `${get$1(first) * HIGH}px` });
			});
			append($$anchor, tr_1);
		};
		if_block(node_2, ($$render) => {
			if (get$1(first)) $$render(consequent_2);
		});
		var node_3 = sibling(node_2);
		each(node_3, 19, () => get$1(drawn), (row) => $$props.id(row), ($$anchor, row, at) => {
			var tr_2 = root_5$1();
			let classes_1;
			each(tr_2, 21, () => $$props.columns, (column) => column.title, ($$anchor, column) => {
				var td_1 = root_4$1();
				let classes_2;
				var node_4 = child(td_1);
				var consequent_3 = ($$anchor) => {
					var fragment_1 = comment();
					var node_5 = first_child(fragment_1);
					snippet(node_5, () => get$1(column).cell, () => get$1(row));
					append($$anchor, fragment_1);
				};
				var alternate = ($$anchor) => {
					var text_2 = text$2();
					template_effect(($0) => set_text(text_2, $0), [() => get$1(column).value?.(get$1(row)) || "–"]);
					append($$anchor, text_2);
				};
				if_block(node_4, ($$render) => {
					if (get$1(column).cell) $$render(consequent_3);
					else $$render(alternate, -1);
				});
				reset(td_1);
				template_effect(($0, $1, $2) => {
					classes_2 = set_class(td_1, 1, `${get$1(column).number ? "number" : ""} ${$0 ?? ""}`, "svelte-1dquqf0", classes_2, { levers: $1 });
					set_attribute(td_1, "title", $2);
				}, [
					() => get$1(column).tone?.(get$1(row)) ?? "",
					() => acts(get$1(column)),
					() => get$1(column).hint?.(get$1(row))
				]);
				append($$anchor, td_1);
			});
			reset(tr_2);
			template_effect(($0) => {
				set_attribute(tr_2, "tabindex", $$props.onrow ? 0 : void 0);
				set_attribute(tr_2, "aria-rowindex", get$1(first) + get$1(at) + 2);
				classes_1 = set_class(tr_2, 1, "svelte-1dquqf0", null, classes_1, {
					leads: $$props.onrow,
					chosen: $0
				});
			}, [() => chosen()(get$1(row))]);
			delegated("click", tr_2, () => $$props.onrow?.(get$1(row)));
			delegated("keydown", tr_2, (event) => pressed(event, get$1(row)));
			append($$anchor, tr_2);
		});
		var node_6 = sibling(node_3);
		var consequent_4 = ($$anchor) => {
			var tr_3 = root_3$2();
			var td_2 = child(tr_3);
			let styles_2;
			reset(tr_3);
			template_effect(() => {
				set_attribute(td_2, "colspan", $$props.columns.length);
				styles_2 = set_style(td_2, "", styles_2, { height: `${get$1(below) * HIGH}px` });
			});
			append($$anchor, tr_3);
		};
		if_block(node_6, ($$render) => {
			if (get$1(below) > 0) $$render(consequent_4);
		});
		reset(tbody);
		reset(table);
		reset(div);
		template_effect(() => {
			set_attribute(div, "aria-label", $$props.caption);
			styles = set_style(div, "", styles, { "max-height": `${height() ?? ""}px` });
			set_attribute(table, "aria-rowcount", get$1(rows).length + 1);
		});
		event("scroll", div, (event) => set(top, event.currentTarget.scrollTop, true));
		append($$anchor, div);
	};
	if_block(node, ($$render) => {
		if (get$1(rows).length === 0) $$render(consequent);
		else $$render(alternate_1, -1);
	});
	append($$anchor, fragment);
	pop();
}
delegate(["click", "keydown"]);
// src/parts/ExecutionTable.svelte
var levers$1 = ($$anchor, row = noop) => {
	var fragment = comment();
	var node_1 = first_child(fragment);
	var consequent_4 = ($$anchor) => {
		var fragment_1 = root_2$2();
		var node_2 = first_child(fragment_1);
		var consequent_1 = ($$anchor) => {
			Lever($$anchor, {
				words: "Resume",
				wish: () => steer(row(), "resume")
			});
		};
		var consequent_2 = ($$anchor) => {
			Lever($$anchor, {
				words: "Pause",
				wish: () => steer(row(), "pause")
			});
		};
		if_block(node_2, ($$render) => {
			if (row().status === "suspended" || row().status === "paused") $$render(consequent_1);
			else if (row().status === "running") $$render(consequent_2, 1);
		});
		var node_3 = sibling(node_2, 2);
		var consequent_3 = ($$anchor) => {
			Lever($$anchor, {
				words: "End",
				wish: () => steer(row(), "cancel")
			});
		};
		if_block(node_3, ($$render) => {
			if (row().status !== "canceling") $$render(consequent_3);
		});
		append($$anchor, fragment_1);
	};
	var d = user_derived(() => !hasEnded(row()));
	if_block(node_1, ($$render) => {
		if (get$1(d)) $$render(consequent_4);
	});
	append($$anchor, fragment);
};
var root$6 = from_html(`<i class="svelte-17mspwy"></i>`);
var root_1$5 = from_html(`<span class="bar svelte-17mspwy" role="meter" aria-label="Done" aria-valuemin="0" aria-valuemax="100"><span class="done svelte-17mspwy"></span><!></span>`);
var root_2$2 = from_html(`<!> <!>`, 1);
function ExecutionTable($$anchor, $$props) {
	push($$props, true);
	const bar = ($$anchor, row = noop) => {
		const at = user_derived(() => due(row()));
		var span_1 = root_1$5();
		var span_2 = child(span_1);
		let styles;
		var node = sibling(span_2);
		var consequent = ($$anchor) => {
			var i = root$6();
			let styles_1;
			template_effect(($0, $1) => {
				set_attribute(i, "title", `Scheduled by now: ${$0 ?? ""}`);
				styles_1 = set_style(i, "", styles_1, { left: $1 });
			}, [() => shown(scheduled()[row().parent_id]), () => `${Math.min(1, get$1(at)) * 100}%`]);
			append($$anchor, i);
		};
		if_block(node, ($$render) => {
			if (get$1(at) !== null) $$render(consequent);
		});
		reset(span_1);
		template_effect(($0, $1) => {
			set_attribute(span_1, "aria-valuenow", $0);
			styles = set_style(span_2, "", styles, { width: $1 });
		}, [() => Math.round(share(row()) * 100), () => `${Math.min(1, share(row())) * 100}%`]);
		append($$anchor, span_1);
	};
	const scheduled = prop($$props, "scheduled", 19, () => ({})), height = prop($$props, "height", 3, 300), empty = prop($$props, "empty", 3, "No executions are running."), onrow = prop($$props, "onrow", 3, go);
	function go(row) {
		address.go(`/executions/${row.parent_id}`);
	}
	const share = (row) => approximate(row.filled_size) / approximate(row.size);
	function due(row) {
		const size = scheduled()[row.parent_id];
		return size === null || size === void 0 || hasEnded(row) ? null : approximate(size) / approximate(row.size);
	}
	const tone = (row) => row.status === "suspended" || row.status === "failed" ? "warn" : "";
	const columns = [
		{
			title: "Strategy",
			value: (row) => row.strategy,
			hint: (row) => row.parent_id
		},
		{
			title: "Instrument",
			value: (row) => row.instrument_id
		},
		{
			title: "Side",
			value: (row) => row.side,
			tone: sideTone
		},
		{
			title: "Done and due",
			cell: bar
		},
		{
			title: "Filled / size",
			number: true,
			value: (row) => `${shown(row.filled_size)} / ${shown(row.size)}`
		},
		{
			title: "Status",
			value: (row) => words(row.status),
			tone
		},
		{
			title: "Why",
			value: (row) => row.reason || row.waiting_for,
			hint: (row) => row.reason || row.waiting_for
		},
		{
			title: "Ends",
			value: (row) => row.end_at ? when(row.end_at) : "",
			hint: (row) => row.end_at ? `${moment(row.end_at)}, in ${span((Date.parse(row.end_at) - live.clock) / 1e3)}` : ""
		},
		{
			title: "",
			cell: levers$1
		}
	];
	Table($$anchor, {
		caption: "Executions",
		get columns() {
			return columns;
		},
		get rows() {
			return $$props.executions;
		},
		id: (row) => row.parent_id,
		get empty() {
			return empty();
		},
		get height() {
			return height();
		},
		get onrow() {
			return onrow();
		},
		get chosen() {
			return $$props.chosen;
		}
	});
	pop();
}
// src/parts/Curve.svelte
var root$5 = from_html(`<div class="curve svelte-1c3vsy1" role="img"></div>`);
function Curve($$anchor, $$props) {
	push($$props, true);
	/** Lines over time (uPlot): seconds and values, for drawing alone. dots: single values, without a line between them. */
	/** Its times are days. */
	const height = prop($$props, "height", 3, 150), days = prop($$props, "days", 3, false);
	let place;
	let width = state(0);
	let plot = null;
	const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
	user_effect(() => {
		look.dark, look.utc;
		if (get$1(width)) plot = untrack(draw);
		return () => {
			plot?.destroy();
			plot = null;
		};
	});
	function draw() {
		const axis = {
			stroke: colour("quiet"),
			grid: {
				stroke: colour("line"),
				width: 1
			},
			ticks: { show: false },
			font: "11px system-ui"
		};
		const stepped = uPlot.paths.stepped?.({ align: 1 });
		return new uPlot({
			width: get$1(width),
			height: height(),
			legend: { show: false },
			cursor: {
				y: false,
				points: { size: 5 }
			},
			axes: [{
				...axis,
				size: 26,
				space: 100,
				values: (_, splits) => splits.map((seconds) => days() ? (/* @__PURE__ */ new Date(seconds * 1e3)).toISOString().slice(0, 10) : when(seconds * 1e3))
			}, {
				...axis,
				size: 76,
				values: (_, splits) => splits.map($$props.words)
			}],
			series: [{}, ...$$props.lines.map((line) => ({
				label: line.title,
				stroke: colour(line.colour),
				width: line.dots ? 0 : 1.5,
				spanGaps: !line.dots,
				points: line.dots ? {
					show: true,
					size: 6,
					fill: colour(line.colour)
				} : { show: false },
				fill: line.fill ? `${colour(line.colour)}22` : void 0,
				dash: line.dash,
				paths: line.stepped ? stepped : void 0
			}))]
		}, data(), place);
	}
	const data = () => [[...$$props.times], ...$$props.lines.map((line) => [...line.values])];
	user_effect(() => {
		const next = data();
		plot?.setData(next);
	});
	var div = root$5();
	let styles;
	bind_this(div, ($$value) => place = $$value, () => place);
	template_effect(() => {
		set_attribute(div, "aria-label", $$props.label);
		styles = set_style(div, "", styles, { height: `${height() ?? ""}px` });
	});
	bind_element_size(div, "clientWidth", ($$value) => set(width, $$value));
	append($$anchor, div);
	pop();
}
// src/core/download.ts
/** A file of the server's, whole or not at all, asked for as who this page is: no credential stands in an address. The browser
*  keeps it until it is saved. */
/** How long nothing may come of it. */
var QUIET_MS = 12e4;
/** kind: its media type; told: how many bytes have come. Throws Problem, also where it broke off, and AbortError where `stop` says so. */
async function download(path, kind, name, told, stop) {
	const silence = new AbortController();
	const patience = () => setTimeout(() => silence.abort(new DOMException("", "TimeoutError")), QUIET_MS);
	let waiting = patience();
	const pieces = [];
	let bytes = 0;
	try {
		const answer = await answered$2("GET", path, AbortSignal.any([stop, silence.signal]), { accept: kind });
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
var root$4 = from_html(`<button type="button" class="small"> </button>`);
var root_1$4 = from_html(`<!> <span role="status"> </span>`, 1);
function Download($$anchor, $$props) {
	push($$props, true);
	/** A button that saves a file of the server's: how much has come, what stops it, and why it did not. Who leaves, stops it. */
	/** Its media type. */
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
			await download($$props.path, $$props.kind, $$props.name, (come) => set(bytes, come, true), own.signal);
			set(told, `${$$props.name}, ${size(get$1(bytes))}, was handed to the browser.`);
		} catch (failure) {
			set(failed, !own.signal.aborted);
			set(told, own.signal.aborted ? "Stopped: nothing of it was saved." : `Not saved: ${said(failure)}.`, true);
		}
		set(bytes, null);
	}
	var fragment = root_1$4();
	var node = first_child(fragment);
	var consequent = ($$anchor) => {
		var button = root$4();
		var text = only_child(button, true);
		template_effect(() => {
			button.disabled = session.asked !== null;
			set_text(text, $$props.words);
		});
		delegated("click", button, () => void act());
		append($$anchor, button);
	};
	var alternate = ($$anchor) => {
		var button_1 = root$4();
		var text_1 = only_child(button_1);
		template_effect(($0) => set_text(text_1, `Stop, ${$0 ?? ""} so far`), [() => size(get$1(bytes))]);
		delegated("click", button_1, () => going?.abort());
		append($$anchor, button_1);
	};
	if_block(node, ($$render) => {
		if (get$1(bytes) === null) $$render(consequent);
		else $$render(alternate, -1);
	});
	var span = sibling(node, 2);
	var text_2 = only_child(span, true);
	template_effect(() => {
		set_class(span, 1, clsx(get$1(failed) ? "warn" : "quiet"));
		set_text(text_2, get$1(told));
	});
	append($$anchor, fragment);
	pop();
}
delegate(["click"]);
// src/parts/Figure.svelte
var root$3 = from_html(`<span class="quiet note svelte-unemz4"> </span>`);
var root_1$3 = from_html(`<div class="figure svelte-unemz4"><span class="quiet svelte-unemz4"> </span> <b> </b> <!></div>`);
function Figure($$anchor, $$props) {
	/** One number with its name; `exact` is its whole text, shown on pointing. */
	const tone = prop($$props, "tone", 3, ""), exact = prop($$props, "exact", 3, ""), note = prop($$props, "note", 3, "");
	var div = root_1$3();
	var span = child(div);
	var text = only_child(span, true);
	var b = sibling(span, 2);
	var text_1 = only_child(b, true);
	var node = sibling(b, 2);
	var consequent = ($$anchor) => {
		var span_1 = root$3();
		var text_2 = only_child(span_1, true);
		template_effect(() => set_text(text_2, note()));
		append($$anchor, span_1);
	};
	if_block(node, ($$render) => {
		if (note()) $$render(consequent);
	});
	reset(div);
	template_effect(() => {
		set_attribute(div, "title", exact());
		set_text(text, $$props.title);
		set_class(b, 1, clsx(tone()), "svelte-unemz4");
		set_text(text_1, $$props.value);
	});
	append($$anchor, div);
}
// src/parts/Meter.svelte
var root$2 = from_html(`<i class="svelte-nbq2m3"></i>`);
var root_1$2 = from_html(`<div class="meter"><div class="row svelte-nbq2m3"><span class="svelte-nbq2m3"> </span><span class="grow svelte-nbq2m3"></span><span class="quiet svelte-nbq2m3"> </span></div> <div class="bar svelte-nbq2m3" role="meter" aria-valuemin="0" aria-valuemax="100"><div></div> <!></div></div>`);
function Meter($$anchor, $$props) {
	/** How much of something is used, as a bar with its words; `mark` is where it should stand. */
	/** 0 to 1, and beyond where a limit is exceeded. */
	/** What is full is bad news: a limit. Else it is progress. */
	const mark = prop($$props, "mark", 3, null), limit = prop($$props, "limit", 3, false);
	const wide = user_derived(() => Math.max(0, Math.min(1, Number.isFinite($$props.share) ? $$props.share : 0)));
	const tone = user_derived(() => !limit() ? "calm" : $$props.share >= 1 ? "bad" : $$props.share >= .8 ? "warn" : "calm");
	var div = root_1$2();
	var div_1 = child(div);
	var span = child(div_1);
	var text = only_child(span, true);
	var span_1 = sibling(span, 2);
	var text_1 = only_child(span_1, true);
	reset(div_1);
	var div_2 = sibling(div_1, 2);
	var div_3 = child(div_2);
	let styles;
	var node = sibling(div_3, 2);
	var consequent = ($$anchor) => {
		var i = root$2();
		let styles_1;
		template_effect(($0) => styles_1 = set_style(i, "", styles_1, { left: $0 }), [() => `${Math.max(0, Math.min(1, mark())) * 100}%`]);
		append($$anchor, i);
	};
	if_block(node, ($$render) => {
		if (mark() !== null) $$render(consequent);
	});
	reset(div_2);
	reset(div);
	template_effect(($0) => {
		set_text(text, $$props.title);
		set_text(text_1, $$props.words);
		set_attribute(div_2, "aria-label", $$props.title);
		set_attribute(div_2, "aria-valuenow", $0);
		set_attribute(div_2, "aria-valuetext", $$props.words);
		set_class(div_3, 1, clsx(get$1(tone)), "svelte-nbq2m3");
		styles = set_style(div_3, "", styles, { width: `${get$1(wide) * 100}%` });
	}, [() => Math.round(get$1(wide) * 100)]);
	append($$anchor, div);
}
// src/core/limits.ts
/** A risk limit as a bar: its name, its words, how much of it is used. */
function amount$1(value, unit) {
	if (value === null) return "–";
	if (unit === "fraction") return percent(value);
	if (unit === "orders") return shown(value);
	if (unit === "seconds") return `${shown(value)} s`;
	if (unit === "base") return shown(value);
	return `${money(value)} ${unit}`;
}
var share = (limit) => limit.limit === null || limit.used === null ? 0 : approximate(limit.limit) > 0 ? approximate(limit.used) / approximate(limit.limit) : Number(approximate(limit.used) > 0);
var title = (limit) => words(limit.name.replace(/^max_/, "").replace(/_pct$/, ""));
var told$1 = (limit) => limit.why ?? (limit.limit === null ? `${amount$1(limit.used, limit.unit)}, no limit` : `${amount$1(limit.used, limit.unit)} of ${amount$1(limit.limit, limit.unit)}`);
// src/parts/FillTable.svelte
function FillTable($$anchor, $$props) {
	push($$props, true);
	/** Fills, newest first. */
	const height = prop($$props, "height", 3, 300), empty = prop($$props, "empty", 3, "No fills yet.");
	const rows = user_derived(() => $$props.fills && [...$$props.fills].reverse());
	const columns = [
		{
			title: "Time",
			value: (row) => when(row.traded_at),
			hint: (row) => moment(row.traded_at)
		},
		{
			title: "Instrument",
			value: (row) => row.instrument_id
		},
		{
			title: "Side",
			value: (row) => row.side,
			tone: sideTone
		},
		{
			title: "Size",
			number: true,
			value: (row) => shown(row.size)
		},
		{
			title: "Price",
			number: true,
			value: (row) => shown(row.price)
		},
		{
			title: "Fee",
			number: true,
			value: (row) => row.fee === null ? "not told yet" : `${shown(row.fee)} ${row.fee_currency}`
		},
		{
			title: "As",
			value: (row) => row.liquidity
		},
		{
			title: "Of",
			value: (row) => row.strategy_id,
			hint: (row) => row.order_id
		}
	];
	Table($$anchor, {
		caption: "Fills",
		get columns() {
			return columns;
		},
		get rows() {
			return get$1(rows);
		},
		id: (row) => `${row.instrument_id} ${row.trade_id} ${row.order_id}`,
		get empty() {
			return empty();
		},
		get height() {
			return height();
		}
	});
	pop();
}
// src/parts/OrderTable.svelte
var levers = ($$anchor, row = noop) => {
	Lever($$anchor, {
		words: "Cancel",
		wish: () => cancelOrder(row())
	});
};
function OrderTable($$anchor, $$props) {
	push($$props, true);
	/** Orders that are not over, newest first, each with its lever. */
	const height = prop($$props, "height", 3, 300), empty = prop($$props, "empty", 3, "No open orders. Executions and strategies place theirs here too.");
	const rows = user_derived(() => $$props.orders && [...$$props.orders].reverse());
	const status = (order) => acts_.of(order.order_id).some((act) => act.method === "DELETE") || order.cancel_requested ? "cancelling …" : words(order.status);
	const columns = [
		{
			title: "Time",
			value: (row) => when(row.created_at),
			hint: (row) => moment(row.created_at)
		},
		{
			title: "Instrument",
			value: (row) => row.instrument_id
		},
		{
			title: "Side",
			value: (row) => row.side,
			tone: sideTone
		},
		{
			title: "Type",
			value: (row) => words(row.order_type)
		},
		{
			title: "Filled / size",
			number: true,
			value: (row) => `${shown(row.filled_size)} / ${shown(row.size)}`
		},
		{
			title: "Price",
			number: true,
			value: (row) => shown(row.price)
		},
		{
			title: "Status",
			value: status,
			tone: (row) => row.status === "unknown" ? "warn" : "",
			hint: (row) => row.order_id
		},
		{
			title: "Of",
			value: (row) => row.strategy_id ?? (row.parent_id ? "an execution" : ""),
			hint: (row) => row.parent_id
		},
		{
			title: "",
			cell: levers
		}
	];
	Table($$anchor, {
		caption: "Open orders",
		get columns() {
			return columns;
		},
		get rows() {
			return get$1(rows);
		},
		id: (row) => row.order_id,
		get empty() {
			return empty();
		},
		get height() {
			return height();
		},
		get onrow() {
			return $$props.onrow;
		},
		get chosen() {
			return $$props.chosen;
		}
	});
	pop();
}
// src/core/verdict.ts
var FULL = .8;
/** Whether nothing is known to be wrong because not all is known yet. */
var unfinished = ({ alerts, risk }) => alerts.value === null || risk.value === null;
function findings({ status, alerts, risk }) {
	if (status.phase === "read-only") return [];
	const found = [];
	const bad = (what, todo, link) => void found.push({
		grade: "bad",
		what,
		todo,
		link
	});
	const warn = (what, todo, link) => void found.push({
		grade: "warn",
		what,
		todo,
		link
	});
	if (status.kill_switch.engaged) bad(`The kill switch is on, by ${status.kill_switch.principal || "somebody"}: ${status.kill_switch.reason || "no reason given"}`, "No new order is taken. Find out why, then resume trading with a reason.");
	if (status.store_failed) bad("The database takes no writes", "Nothing is sent meanwhile. Look at the disk and the log.");
	for (const reason of status.reasons) if (!(status.kill_switch.engaged && reason.startsWith("the kill switch"))) bad(`No new order is taken: ${reason}`, "It goes on by itself as soon as this is over; cancels and flatten work meanwhile.");
	for (const [name, stream] of Object.entries(status.streams ?? {})) if (!stream.up) bad(`The exchange's ${name} stream is down`, "It connects again by itself. Does it not, look at the network and the exchange's status.", "#/system");
	if (status.unknown_orders) bad(`${status.unknown_orders} ${status.unknown_orders === 1 ? "order has" : "orders have"} an unknown outcome`, "The exchange is being asked; their whole size counts as exposure. If it does not clear, resolve them with evidence.", "#/system");
	if (alerts.error) warn(`The alerts could not be read: ${alerts.error}`, "Whether one is raised is not known; they are read again by themselves.");
	for (const alert of alerts.value ?? []) found.push({
		grade: alert.severity === "critical" ? "bad" : "warn",
		what: [alert.what, alert.subject && !alert.what.includes(alert.subject) ? `(${alert.subject})` : ""].filter(Boolean).join(" "),
		todo: alert.acknowledged_by ? `Taken up by ${alert.acknowledged_by}. ${alert.advice}` : alert.advice,
		link: "#/system"
	});
	const differences = status.differences?.standing.length ?? 0;
	if (differences) warn(`${differences} ${differences === 1 ? "difference" : "differences"} from the exchange's account`, "Look where it comes from; an operator may accept it.", "#/system");
	for (const closed of status.closed ?? []) warn(`${closed.subject} is closed to new orders: ${closed.reason}`, `It was closed by ${closed.source}.`);
	for (const [market, why] of Object.entries(status.refused_markets ?? {})) warn(`No market data of ${market}: ${why}`, "Orders that need its price are refused.");
	if (status.set_aside?.length) warn(`${status.set_aside.length} messages of the exchange could not be read`, "They are kept; what they told is learned from the exchange's records.", "#/system");
	for (const notice of status.notices ?? []) if (notice.failures) warn(`Notices ${notice.rule} do not reach ${notice.channel}: ${notice.last_error ?? ""}`, "They are kept and tried again. Look at the channel.", "#/system");
	if (risk.error) warn(`The limits could not be read: ${risk.error}`, "How much of them is used is not known; they are read again by themselves.");
	for (const limit of risk.value?.limits ?? []) {
		const share = limit.limit !== null && limit.used !== null && Number(limit.limit) > 0 ? Number(limit.used) / Number(limit.limit) : 0;
		if (share >= FULL) warn(`The limit ${title(limit)} is ${Math.floor(share * 100)} % used`, share >= 1 ? "Orders that add to it are refused." : "Orders beyond it will be refused.");
	}
	return found.sort((a, b) => Number(b.grade === "bad") - Number(a.grade === "bad"));
}
// src/parts/Verdict.svelte
var root$1 = from_html(`<p><b>Read only.</b> This server reads the database; orders go to the executor's own address.</p>`);
var root_1$1 = from_html(`<p><b>Not known.</b> </p>`);
var root_2$1 = from_html(`<p><b class="good svelte-jgr467">All is well.</b> Orders are taken; both streams of the exchange are up; the books agree with the exchange <!>.</p>`);
var root_3$1 = from_html(`<a>Look</a>`);
var root_4 = from_html(`<li><b> </b> <span class="quiet"> </span><!></li>`);
var root_5 = from_html(`<ul class="svelte-jgr467"></ul>`);
var root_6 = from_html(`<section aria-label="Whether all is well" id="verdict"><!></section>`);
function Verdict($$anchor, $$props) {
	push($$props, true);
	/** Whether all is well, and if not, why and what to do. */
	const status = user_derived(() => live.status);
	const known = user_derived(() => get$1(status) && {
		status: get$1(status),
		alerts: live.alertsRead,
		risk: $$props.risk.old && !$$props.risk.error ? {
			value: $$props.risk.value,
			error: "nothing was heard of them for a while"
		} : $$props.risk
	});
	const found = user_derived(() => get$1(known) ? findings(get$1(known)) : []);
	const open = user_derived(() => get$1(known) === null || unfinished(get$1(known)) || live.staleSince !== null);
	const worst = user_derived(() => get$1(found).some((each) => each.grade === "bad") ? "bad" : get$1(found).length ? "warn" : get$1(open) ? "open" : "good");
	var fragment = comment();
	var node = first_child(fragment);
	var consequent_5 = ($$anchor) => {
		var section = root_6();
		var node_1 = child(section);
		var consequent = ($$anchor) => {
			var p = root$1();
			append($$anchor, p);
		};
		var consequent_1 = ($$anchor) => {
			var p_1 = root_1$1();
			var text = sibling(child(p_1));
			reset(p_1);
			template_effect(($0) => set_text(text, ` ${$0 ?? ""}`), [() => live.staleSince === null ? "The alerts and the limits are being read …" : `Nothing is known to be wrong as of ${when(live.staleSince)}; nothing is heard since.`]);
			append($$anchor, p_1);
		};
		var consequent_3 = ($$anchor) => {
			var p_2 = root_2$1();
			var node_2 = sibling(child(p_2), 2);
			var consequent_2 = ($$anchor) => {
				var text_1 = text$2();
				template_effect(($0) => set_text(text_1, `as of ${$0 ?? ""} ago`), [() => span(get$1(status).differences.compared_seconds_ago)]);
				append($$anchor, text_1);
			};
			if_block(node_2, ($$render) => {
				if (get$1(status).differences?.compared_seconds_ago != null) $$render(consequent_2);
			});
			next();
			reset(p_2);
			append($$anchor, p_2);
		};
		var alternate = ($$anchor) => {
			var ul = root_5();
			each(ul, 21, () => get$1(found), index, ($$anchor, each) => {
				var li = root_4();
				var b = child(li);
				var text_2 = only_child(b, true);
				var span_1 = sibling(b, 2);
				var text_3 = only_child(span_1, true);
				var node_3 = sibling(span_1);
				var consequent_4 = ($$anchor) => {
					var a = root_3$1();
					template_effect(() => set_attribute(a, "href", get$1(each).link));
					append($$anchor, a);
				};
				if_block(node_3, ($$render) => {
					if (get$1(each).link) $$render(consequent_4);
				});
				reset(li);
				template_effect(() => {
					set_class(b, 1, clsx(get$1(each).grade), "svelte-jgr467");
					set_text(text_2, get$1(each).what);
					set_text(text_3, get$1(each).todo);
				});
				append($$anchor, li);
			});
			reset(ul);
			append($$anchor, ul);
		};
		if_block(node_1, ($$render) => {
			if (live.readOnly) $$render(consequent);
			else if (get$1(worst) === "open") $$render(consequent_1, 1);
			else if (get$1(worst) === "good") $$render(consequent_3, 2);
			else $$render(alternate, -1);
		});
		reset(section);
		template_effect(() => set_class(section, 1, clsx(get$1(worst)), "svelte-jgr467"));
		append($$anchor, section);
	};
	if_block(node, ($$render) => {
		if (get$1(status)) $$render(consequent_5);
	});
	append($$anchor, fragment);
	pop();
}
// src/core/sheet.ts
/** What is drawn of a tear sheet, and the periods that one asks for. Pure. */
/** Returns one after another; null where one of them is not known. */
function chained(changes) {
	let grown = 1;
	for (const each of changes) {
		if (each === null) return null;
		grown *= 1 + each;
	}
	return grown - 1;
}
/** Months, named 2026-01, as a row a year, the newest year first. */
function byYear(periods) {
	const years = /* @__PURE__ */ new Map();
	for (const each of periods) years.set(each.name.slice(0, 4), [...years.get(each.name.slice(0, 4)) ?? [], each]);
	return [...years].reverse().map(([year, months]) => {
		const known = new Map(months.map((each) => [Number(each.name.slice(5)), each.change]));
		return {
			year,
			months: Array.from({ length: 12 }, (_, at) => known.get(at + 1)),
			whole: chained(months.map((each) => each.change))
		};
	});
}
/** How far each day's close is below the highest so far, the start included: zero or negative, null where that is not above zero. */
function underWater(days) {
	let highest = 1;
	return days.map(({ growth }) => {
		const grown = approximate(growth);
		highest = Math.max(highest, grown);
		return highest > 0 ? grown / highest - 1 : null;
	});
}
/** The instant of a day's close, in seconds: what a curve by day is drawn at. */
var daySeconds = (day) => Date.parse(day) / 1e3;
var SPANS = [
	"today",
	"7 days",
	"30 days",
	"90 days",
	"this year",
	"all"
];
/** Since when a period that goes up to now begins: whole UTC days, today among them; "" from the first record on. */
function since(span, now) {
	const [year, month, day] = [
		now.getUTCFullYear(),
		now.getUTCMonth(),
		now.getUTCDate()
	];
	const begins = {
		today: Date.UTC(year, month, day),
		"7 days": Date.UTC(year, month, day - 6),
		"30 days": Date.UTC(year, month, day - 29),
		"90 days": Date.UTC(year, month, day - 89),
		"this year": Date.UTC(year, 0, 1),
		all: null
	}[span];
	return begins === null ? "" : new Date(begins).toISOString();
}
// src/core/paged.svelte.ts
var EMPTY_MAX = 10;
function paged(path, seconds, asked, part) {
	let rows = state(null);
	let cursor = state(null);
	let since = state(0);
	let busy = state(false);
	let error = state("");
	let turn = state(0);
	let ended = new AbortController();
	let wanted = null;
	const page = async (from, signal) => part(await get(path, {
		...wanted,
		query: {
			...wanted?.query,
			cursor: from
		},
		signal
	}));
	user_effect(() => {
		wanted = asked();
		get$1(turn);
		untrack(() => {
			set(rows, null);
			set(cursor, null);
			set(since, 0);
			set(busy, false);
			set(error, "");
		});
		if (!wanted) return;
		const own = ended = new AbortController();
		let timer;
		const read = async () => {
			if (!document.hidden && !session.locked && !get$1(since) && !get$1(busy)) try {
				const found = await page(null, own.signal);
				if (own.signal.aborted) return;
				if (!get$1(since) && !get$1(busy)) set(rows, found.rows), set(cursor, found.cursor, true);
				set(error, "");
			} catch (failure) {
				if (own.signal.aborted) return;
				set(error, said(failure), true);
			}
			timer = setTimeout(() => void read(), seconds * 1e3);
		};
		untrack(() => void read());
		const unheard = session.onOpen(() => void set(turn, get$1(turn) + 1));
		return () => {
			unheard();
			own.abort();
			clearTimeout(timer);
		};
	});
	async function further() {
		if (get$1(cursor) === null || get$1(busy)) return;
		const own = ended;
		set(busy, true);
		try {
			for (let empty = 0; get$1(cursor) !== null && empty < EMPTY_MAX; empty += 1) {
				const found = await page(get$1(cursor), own.signal);
				if (own.signal.aborted) return;
				set(since, get$1(since) || Date.now(), true);
				set(rows, [...get$1(rows) ?? [], ...found.rows]);
				set(cursor, found.cursor, true);
				if (found.rows.length) break;
			}
			set(error, "");
		} catch (failure) {
			if (own.signal.aborted) return;
			set(error, said(failure), true);
		}
		set(busy, false);
	}
	return {
		get rows() {
			return get$1(rows);
		},
		get more() {
			return get$1(cursor) !== null;
		},
		get busy() {
			return get$1(busy);
		},
		get since() {
			return get$1(since);
		},
		get error() {
			return get$1(error);
		},
		further,
		again: () => void set(turn, get$1(turn) + 1)
	};
}
// src/core/told.ts
/** What an event of the journal says, in words: of one event there may be several things, each at its own moment. */
/** Dates of a browser keep milliseconds; what an order takes is often less. */
function micros(instant) {
	const fraction = /\.(\d+)/.exec(instant)?.[1] ?? "";
	return Math.floor(Date.parse(instant) / 1e3) * 1e6 + Number(fraction.slice(0, 6).padEnd(6, "0"));
}
/** 0.42 ms, 8.3 ms, 1.25 s, 3 min 20 s, 5 h 3 min; negative where a clock was set back. */
function delay(us) {
	const sign = us < 0 ? "−" : "";
	const ms = Math.abs(us) / 1e3;
	if (ms < 1e3) return `${sign}${ms < 10 ? ms.toFixed(2) : ms.toFixed(1)} ms`;
	const seconds = ms / 1e3;
	if (seconds < 60) return `${sign}${seconds.toFixed(2)} s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return `${sign}${minutes} min ${Math.floor(seconds % 60)} s`;
	return `${sign}${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
var text = (value) => value === null || value === void 0 ? "" : String(value);
var inside = (value) => typeof value === "object" && value !== null ? value : {};
var parsed = (value) => typeof value === "string" ? inside(JSON.parse(value)) : {};
var amount = (value) => typeof value === "string" ? shown(value) : text(value);
var listed = (...parts) => parts.filter(Boolean).join(", ");
/** A number of the browser holds nanoseconds to some 256 of them. */
var ofNs = (value) => Math.floor(Number(value) / 1e3);
/** Every reason, as a refusal says them. */
function reasons(value) {
	return (Array.isArray(value) ? value : []).map(inside).map((each) => `${text(each["check"])}: ${text(each["field"])}=${text(each["value"])}: ${text(each["rule"])}`).join("; ");
}
/** The order of an intent. */
function asked(payload) {
	const of = inside(payload["request"]);
	const price = of["price"] === null || of["price"] === void 0 ? "" : ` @ ${amount(of["price"])}`;
	return `${text(of["side"])} ${amount(of["size"])} ${text(of["instrument_id"])} ${words(text(of["order_type"]))}${price}`;
}
function decided(event, at) {
	const risk = inside(event.payload["risk"]);
	const checks = (Array.isArray(risk["checked"]) ? risk["checked"] : []).length;
	if (event.kind === "order.denied") return [{
		at,
		name: "Risk refused it",
		detail: reasons(risk["reasons"]),
		tone: "bad"
	}, {
		at,
		name: "Denied",
		detail: asked(event.payload),
		tone: "bad",
		end: true
	}];
	const waits = inside(event.payload["request"])["condition"] ? "it waits at the exchange for its price" : "";
	return [{
		at,
		name: "Risk let it pass",
		detail: `${checks} checks`,
		tone: "good"
	}, {
		at,
		name: RECORDED,
		detail: listed(asked(event.payload), waits),
		tone: ""
	}];
}
var SENT = "Sent";
var RECORDED = "Intent recorded";
var ANSWERS = {
	"order.accepted": ["Accepted by the exchange", "good"],
	"order.rejected": ["Rejected by the exchange", "bad"],
	"order.not_sent": ["Not sent: nothing of it left", "bad"],
	"order.unknown": ["No clear answer: it is being looked for", "warn"]
};
function answered(event, at) {
	const said = event.payload;
	const [name, tone] = ANSWERS[event.kind];
	const code = text(said["code"]) === "0" ? "" : text(said["code"]);
	const detail = listed(said["venue_order_id"] ? `as ${text(said["venue_order_id"])}` : "", [code, text(said["message"])].filter(Boolean).join(" "), reasons(said["reasons"]));
	return [...said["sent_ns"] ? [{
		at: ofNs(said["sent_ns"]),
		name: SENT,
		detail: "",
		tone: ""
	}] : [], {
		at,
		name,
		detail,
		tone,
		...tone === "bad" ? { end: true } : {}
	}];
}
var STATES = {
	filled: ["Filled", "good"],
	canceled: ["Canceled", "quiet"],
	mmp_canceled: ["Canceled", "quiet"],
	live: ["The exchange has it live", ""],
	partially_filled: ["The exchange has it partly filled", ""]
};
function reported(event, at) {
	const said = event.payload;
	const fill = inside(said["fill"]);
	const state = text(said["state"]);
	const of = `${amount(said["filled"])} of ${amount(said["size"])}`;
	const [name, tone] = STATES[state] ?? [`The exchange says ${words(state)}`, ""];
	const over = state === "filled" || state.endsWith("canceled") ? { end: true } : {};
	const why = listed(text(said["cancel_source"]) ? `source ${text(said["cancel_source"])}` : "", text(said["message"]));
	if (event.trade_id !== null) {
		const fee = fill["fee"] ? `fee ${amount(fill["fee"])} ${text(fill["fee_currency"])}` : "fee not told yet";
		const took = fill["time_ns"] ? `known ${delay(at - ofNs(fill["time_ns"]))} after the exchange's time of it` : "";
		const filled = {
			at,
			name: `Fill of ${amount(fill["size"])} @ ${amount(fill["price"])}`,
			detail: listed(text(fill["liquidity"]), fee, `trade ${event.trade_id}`, took),
			tone: "good"
		};
		return over.end ? [filled, {
			at,
			name,
			detail: of,
			tone,
			...over
		}] : [filled];
	}
	if (fill["trade_id"]) return [{
		at,
		name: `Told of trade ${text(fill["trade_id"])} again`,
		detail: fill["fee"] ? `fee ${amount(fill["fee"])} ${text(fill["fee_currency"])}` : "",
		tone: "quiet"
	}];
	return [{
		at,
		name,
		detail: listed(of, said["amend_outcome"] ? `amendment ${words(text(said["amend_outcome"]))}: ${listed(amount(said["size"]), amount(said["price"]))}` : "", why),
		tone,
		...over
	}];
}
function changeAnswered(what, event, at) {
	const kind = text(event.payload["kind"]);
	const code = text(event.payload["code"]) === "0" ? "" : text(event.payload["code"]);
	return [{
		at,
		name: `${what} ${words(kind)}`,
		detail: [code, text(event.payload["message"])].filter(Boolean).join(" "),
		tone: kind === "accepted" ? "good" : "warn"
	}];
}
function ofSignal(event, at) {
	const said = event.payload;
	const since = said["decision_at"] ? `decided ${delay(at - micros(text(said["decision_at"])))} before` : "";
	const size = said["size"] ? amount(said["size"]) : "";
	const worked = said["strategy"] ? `to be worked by ${text(said["strategy"])}` : "";
	const whose = said["strategy_id"] ? `of ${text(said["strategy_id"])}` : "";
	return [{
		at,
		name: `Signal ${[
			text(said["type"]),
			size,
			text(said["instrument_id"])
		].filter(Boolean).join(" ")}`,
		detail: listed(whose, worked, since),
		tone: ""
	}];
}
/** The row of an execution; `before`: as it was told before, where that is known. It begins at the moment of its first event. */
function ofExecution(event, at, before) {
	const said = event.payload;
	const status = text(said["status"]);
	const reason = text(said["reason"]);
	if (Math.abs(ofNs(said["created_ns"]) - at) <= 1) {
		const params = parsed(said["params"]);
		const of = `${text(said["strategy"])} ${text(params["side"])} ${amount(params["size"])} ${text(params["instrument_id"])}`;
		const trigger = parsed(said["config"])["trigger_price"];
		const held = status === "scheduled" ? "it waits for its start" : trigger ? `it waits for the price ${amount(trigger)}` : "";
		return [{
			at,
			name: "Execution accepted",
			detail: listed(of, held),
			tone: held ? "warn" : "good"
		}];
	}
	if (before && status === before["status"] && reason === text(before["reason"])) return [{
		at,
		name: "Its terms moved on",
		detail: "",
		tone: "quiet"
	}];
	const bad = ["failed", "rejected"].includes(status);
	const held = [
		"paused",
		"suspended",
		"partial_expired"
	].includes(status);
	return [{
		at,
		name: `Execution ${words(status)}`,
		detail: reason,
		tone: bad ? "bad" : held ? "warn" : status.startsWith("completed") ? "good" : ""
	}];
}
function ofApproval(event, at) {
	const said = event.payload;
	const state = event.kind.slice(9);
	if (state === "asked") return [{
		at,
		name: "Waits for a second person",
		detail: words(text(said["act"])),
		tone: "warn"
	}];
	return [{
		at: ofNs(said["asked_ns"]),
		name: "Proposed: it waits for a second person",
		detail: `by ${text(said["asked_by"])}`,
		tone: "warn"
	}, {
		at,
		name: `Proposal ${state}`,
		detail: listed(said["decided_by"] ? `by ${text(said["decided_by"])}` : "", text(said["reason"])),
		tone: state === "confirmed" ? "good" : state === "reopened" ? "warn" : "bad"
	}];
}
var CHANGED = {
	price: "price",
	size: "size"
};
/** What an event says, in words. before: the execution's row as the event before had it. */
function told(event, before) {
	const at = micros(event.at);
	const said = event.payload;
	if (event.kind in ANSWERS) return answered(event, at);
	if (event.kind.startsWith("approval.")) return ofApproval(event, at);
	switch (event.kind) {
		case "signal.received": return ofSignal(event, at);
		case "order.intent":
		case "order.denied": return decided(event, at);
		case "order.report": return reported(event, at);
		case "order.cancel_requested": return [{
			at,
			name: "Cancel asked for",
			detail: "",
			tone: ""
		}];
		case "order.cancel_answered": return changeAnswered("Cancel", event, at);
		case "order.amend_intent": {
			const wanted = inside(said["amendment"]);
			return [{
				at,
				name: "Amendment asked for",
				detail: Object.entries(CHANGED).flatMap(([name, shownAs]) => wanted[name] ? [`${shownAs} ${amount(wanted[name])}`] : []).join(", "),
				tone: ""
			}];
		}
		case "order.amend_answered": return changeAnswered("Amendment", event, at);
		case "order.adopted": return [{
			at,
			name: "Found at the exchange",
			detail: listed(asked(said), text(said["source"])),
			tone: "warn"
		}];
		case "order.never_accepted": return [{
			at,
			name: "The exchange never had it",
			detail: text(said["evidence"]),
			tone: "bad",
			end: true
		}];
		case "request.refused": return [{
			at,
			name: "Refused",
			detail: reasons(said["reasons"]),
			tone: "bad"
		}];
		case "request.kept": return [{
			at,
			name: "Its key is kept",
			detail: "the same request gets the same answer",
			tone: "quiet"
		}];
		case "parent.changed": return ofExecution(event, at, before);
		case "parent.controlled": return [{
			at,
			name: `Asked to ${text(said["control"])}`,
			detail: text(said["why"]),
			tone: ""
		}];
		case "parent.step": return [{
			at,
			name: `Step ${text(said["step"])}: ${text(said["kind"])}`,
			detail: text(parsed(said["content"])["reason"]),
			tone: ""
		}];
		case "anomaly": return [{
			at,
			name: `Anomaly: ${words(text(said["code"]))}`,
			detail: text(said["reason"]),
			tone: "bad"
		}];
		default: return [{
			at,
			name: words(event.kind.replace(".", ": ")),
			detail: "",
			tone: "quiet"
		}];
	}
}
// src/parts/EventTable.svelte
function EventTable($$anchor, $$props) {
	push($$props, true);
	/** Events of the journal as they stand there. */
	const empty = prop($$props, "empty", 3, "There is no event."), height = prop($$props, "height", 3, 420);
	const said = (event) => told(event, null).map((each) => [each.name, each.detail].filter(Boolean).join(": ")).join("; ");
	const columns = [
		{
			title: "Time",
			value: (row) => moment(row.at)
		},
		{
			title: "No.",
			number: true,
			value: (row) => String(row.seq)
		},
		{
			title: "Caused by",
			number: true,
			value: (row) => row.cause_seq === null ? "" : String(row.cause_seq)
		},
		{
			title: "Event",
			value: (row) => row.kind
		},
		{
			title: "What it says",
			value: said,
			hint: said,
			tone: (row) => told(row, null).at(-1)?.tone ?? ""
		},
		{
			title: "By",
			value: (row) => row.principal
		},
		{
			title: "Of",
			value: (row) => row.order_id ?? row.parent_id ?? row.position
		},
		{
			title: "In full",
			value: (row) => JSON.stringify(row.payload),
			hint: (row) => JSON.stringify(row.payload)
		}
	];
	Table($$anchor, {
		caption: "Events",
		get columns() {
			return columns;
		},
		get rows() {
			return $$props.rows;
		},
		id: (row) => String(row.seq),
		get empty() {
			return empty();
		},
		get height() {
			return height();
		},
		get onrow() {
			return $$props.onrow;
		}
	});
	pop();
}
// src/parts/Further.svelte
var root = from_html(`<button type="button" class="small"> </button>`);
var root_1 = from_html(`<span class="quiet"> </span>`);
var root_2 = from_html(`<span class="quiet"> </span> <button type="button" class="small">The newest, read anew</button>`, 1);
var root_3 = from_html(`<div class="row"><!> <!></div>`);
function Further($$anchor, $$props) {
	push($$props, true);
	var fragment = comment();
	var node = first_child(fragment);
	var consequent_2 = ($$anchor) => {
		var div = root_3();
		var node_1 = child(div);
		var consequent = ($$anchor) => {
			var button = root();
			var text = only_child(button, true);
			template_effect(() => {
				button.disabled = $$props.list.busy;
				set_text(text, $$props.list.busy ? "Reading …" : `Older ${$$props.what}`);
			});
			delegated("click", button, () => void $$props.list.further());
			append($$anchor, button);
		};
		var alternate = ($$anchor) => {
			var span = root_1();
			var text_1 = only_child(span);
			template_effect(() => set_text(text_1, `These are all ${$$props.what ?? ""} that fit.`));
			append($$anchor, span);
		};
		if_block(node_1, ($$render) => {
			if ($$props.list.more) $$render(consequent);
			else $$render(alternate, -1);
		});
		var node_2 = sibling(node_1, 2);
		var consequent_1 = ($$anchor) => {
			var fragment_1 = root_2();
			var span_1 = first_child(fragment_1);
			var text_2 = only_child(span_1);
			var button_1 = sibling(span_1, 2);
			template_effect(($0) => set_text(text_2, `As read at ${$0 ?? ""}.`), [() => when($$props.list.since)]);
			delegated("click", button_1, function(...$$args) {
				$$props.list.again?.apply(this, $$args);
			});
			append($$anchor, fragment_1);
		};
		if_block(node_2, ($$render) => {
			if ($$props.list.since) $$render(consequent_1);
		});
		reset(div);
		append($$anchor, div);
	};
	if_block(node, ($$render) => {
		if ($$props.list.more || $$props.list.since) $$render(consequent_2);
	});
	append($$anchor, fragment);
	pop();
}
delegate(["click"]);
export { ANSWERS, Curve, Download, EventTable, ExecutionTable, Figure, FillTable, Further, Lever, Meter, OrderTable, Panel, Problem, REACHES, RECORDED, Reading, SENT, SILENT_MS, SPANS, Table, Verdict, absolute, acceptDifference, acknowledge, acts_, add, address, amendExecution, amount$1 as amount, amount$2 as amount$1, approximate, ask, asked, breakExchange, byYear, cancelAll, cancelOrder, compare, daySeconds, decide, delay, divide, drawn, flatten, followBook, fromField, get, hasEnded, inMinutes, inside, isDecimal, isMultiple, isOver, link$1 as link, listed, live, look, micros, moment, money, multiply, offset, paged, parsed, pathOf, percent, placesOf, polled, price, reachFor, repairExchange, repeatable, resolveOrder, round, said, session, share, shown, sideTone, sign, signed, since, span, steer, strategy, subtract, text, time, title, toField, toStep, told, told$1, underWater, when, words };
