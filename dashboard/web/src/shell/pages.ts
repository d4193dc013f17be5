import type { Component } from 'svelte';
import type { IconName } from '../parts/icons.js';

/** A page of the dashboard, as the navigation names it. */
export interface Page {
  /** In the address. */
  readonly id: string;
  readonly name: string;
  readonly icon: IconName;
  /** Pressed after `g`. */
  readonly key: string;
  /** The question it answers. */
  readonly answers: string;
  /** Its code, fetched when it is first visited. */
  load(): Promise<{ default: Component }>;
}

/** Pages in the order of the navigation, in groups. */
export const PAGE_GROUPS: readonly { readonly name: string; readonly pages: readonly Page[] }[] = [
  {
    name: 'Watch',
    pages: [
      page('now', 'Now', 'pulse', 'n', 'How is the network right now?', () => import('../pages/Now.svelte')),
      page('incidents', 'Incidents', 'alert', 'i', 'What does not belong, and why?', () => import('../pages/Incidents.svelte')),
      page('flows', 'Flows', 'flow', 'f', 'Who is talking at this moment?', () => import('../pages/Flows.svelte')),
      page('hosts', 'Hosts', 'host', 'h', 'What does a host normally do, and what did it do?', () => import('../pages/Hosts.svelte')),
      page('topology', 'Topology', 'graph', 't', 'Who talks to whom, and where is trouble?', () => import('../pages/Topology.svelte')),
      page('map', 'Map', 'globe', 'm', 'Where does traffic come from?', () => import('../pages/Map.svelte')),
    ],
  },
  {
    name: 'Try',
    pages: [
      page('analyse', 'Analyse', 'upload', 'a', 'What is in this capture?', () => import('../pages/Analyse.svelte')),
      page('generate', 'Generate', 'flask', 'e', 'How does an attack look in the data?', () => import('../pages/Generate.svelte')),
    ],
  },
  {
    name: 'Run',
    pages: [
      page('control', 'Control', 'sliders', 'c', 'What is captured, and when does it matter?', () => import('../pages/Control.svelte')),
      page('system', 'System', 'server', 's', 'Is Weir itself well, and what can it not see?', () => import('../pages/System.svelte')),
    ],
  },
]; // biome-ignore format: a table to read

function page(...[id, name, icon, key, answers, load]: [string, string, IconName, string, string, Page['load']]): Page {
  return { id, name, icon, key, answers, load };
}

/** All pages. */
export const PAGES: readonly Page[] = PAGE_GROUPS.flatMap(({ pages }) => pages);

/** The page of an address, or undefined when there is none. */
export const pageOf = (id: string): Page | undefined => PAGES.find((page) => page.id === id);
