import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { parseRoute } from './router/route.js';
import { pageOf } from './shell/pages.js';

// The page's code comes while the server is asked who this is.
void pageOf(parseRoute(location.hash).page)?.load();

mount(App, { target: document.getElementById('app')! });
