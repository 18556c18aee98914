import { mount } from "svelte";
import "./app.css";
import App from "./App.svelte";
import { acts } from "./core/acts.svelte";
import { live } from "./core/live.svelte";
import { look } from "./core/look.svelte";
import { session } from "./core/session.svelte";

look.apply();
session.restore();
acts.restore();
live.start();

mount(App, { target: document.getElementById("app") as HTMLElement });
