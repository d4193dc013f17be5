import { Type } from '@sinclair/typebox';
import {
  AddressText,
  FlowPage,
  FlowQuery,
  GeoMap,
  HeatMap,
  HeatMapQuery,
  HostDetail,
  HostPage,
  HostQuery,
  Overview,
  RangeQuery,
  Topology,
  TopologyQuery,
  TrafficQuery,
  TrafficSeries,
} from '@weir/contracts/dashboard-api';
import type { FastifyInstance } from 'fastify';
import { geoMap } from '../geo/places.js';
import { addRoute } from '../http/route.js';
import type { Parts } from '../parts.js';
import { RequestError } from '../ports.js';
import { listFlows } from '../queries/flows.js';
import { hostDetail, listHosts } from '../queries/hosts.js';
import { FINE_MS, type Range, rangeOf, stepFor } from '../queries/ranges.js';
import { topology } from '../queries/topology.js';
import { hasSeconds, heatMap, trafficSeries } from '../queries/traffic.js';
import { missing } from './capabilities.js';

const HOUR_MS = 3_600_000;
const CHART_STEPS = 300;
/** Steps that one answer may have, whatever is asked. */
const MOST_STEPS = 20_000;

/** What the network, its hosts and its flows did. */
export function trafficRoutes(app: FastifyInstance, parts: Parts): void {
  const { watch } = parts;
  addRoute(app, {
    method: 'GET', path: 'overview', needs: 'read', summary: 'The network at a glance', answer: Overview,
    handle: () => watch.overview(),
  }); // biome-ignore format: short
  chartRoutes(app, parts);
  hostRoutes(app, parts);
}

function chartRoutes(app: FastifyInstance, { history }: Parts): void {
  const { database } = history;
  const defaultStep = async (range: Range) =>
    range.toMs - range.fromMs <= FINE_MS && (await hasSeconds(database, range)) ? 1 : stepFor(range, CHART_STEPS);
  addRoute(app, {
    method: 'GET', path: 'traffic', needs: 'read', summary: 'Traffic over time, with incidents', query: TrafficQuery,
    answer: TrafficSeries,
    handle: async ({ query }) => {
      const range = rangeOf(query, history.newestMs, HOUR_MS);
      const stepS = query.stepS ?? (await defaultStep(range));
      if ((range.toMs - range.fromMs) / 1000 / stepS > MOST_STEPS) {
        throw new RequestError(422, `That would be more than ${MOST_STEPS} steps. Ask for less time or longer steps.`);
      }
      return trafficSeries(database, range, stepS);
    },
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'GET', path: 'heat-map', needs: 'read', summary: 'Hosts × time', query: HeatMapQuery, answer: HeatMap,
    handle: ({ query }) => {
      const { measure = 'packets', hosts = 25, steps = 48 } = query;
      const range = rangeOf(query, history.newestMs, HOUR_MS);
      return heatMap(database, range, { measure, hosts, stepS: stepFor(range, steps) });
    },
  }); // biome-ignore format: short
}

function hostRoutes(app: FastifyInstance, parts: Parts): void {
  const { history, feed, places } = parts;
  const { database } = history;
  addRoute(app, {
    method: 'GET', path: 'flows', needs: 'read', summary: 'Flows that fit', query: FlowQuery, answer: FlowPage,
    handle: async ({ query }) => ({ ...(await listFlows(database, query)), thinned: feed.counts().flowsThinned }),
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'GET', path: 'hosts', needs: 'read', summary: 'Hosts that fit', query: HostQuery, answer: HostPage,
    handle: ({ query }) => listHosts(database, query, rangeOf(query, history.newestMs)),
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'GET', path: 'hosts/:address', needs: 'read', summary: 'What a host normally does, and did',
    params: Type.Object({ address: AddressText('As in the host list') }), answer: HostDetail,
    handle: async ({ params: { address } }) => {
      const detail = await hostDetail(database, address);
      if (!detail) throw new RequestError(404, 'History knows nothing of this host.');
      return detail;
    },
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'GET', path: 'topology', needs: 'read', summary: 'Who talks to whom', query: TopologyQuery, answer: Topology,
    handle: ({ query }) => topology(database, rangeOf(query, history.newestMs, HOUR_MS), query.nodes ?? 300),
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'GET', path: 'map', needs: 'read', summary: 'Where traffic comes from',
    query: Type.Object(RangeQuery, { additionalProperties: false }), answer: GeoMap,
    handle: async ({ query }) => {
      if (!places) throw new RequestError(409, missing(parts, 'map') ?? '');
      return geoMap(database, places, rangeOf(query, history.newestMs));
    },
  }); // biome-ignore format: short
}
