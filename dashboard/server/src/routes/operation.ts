import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { type Static, Type } from '@sinclair/typebox';
import {
  Capabilities,
  ControlAnswer,
  ControlBody,
  ControlLog,
  EXPORT_FORMATS,
  EXPORT_TABLES,
  ModelList,
  OneOf,
  RangeQuery,
  SensorList,
  SettingList,
  SystemHealth,
  TestTrafficBody,
  Version,
} from '@weir/contracts/dashboard-api';
import type { FastifyInstance } from 'fastify';
import { addRoute } from '../http/route.js';
import type { Parts } from '../parts.js';
import { RequestError } from '../ports.js';
import { exportTable } from '../store/export.js';
import { SystemReport } from '../watch/system-report.js';
import { capabilityList, missing, need } from './capabilities.js';

const EXPORTS_PER_MINUTE = 20;
const CONTROL_CAPABILITY = {
  'capture-start': 'capture-control',
  'capture-stop': 'capture-control',
  'capture-source': 'capture-filter',
  thresholds: 'thresholds',
  model: 'models',
} as const;

/** How Weir runs, and what an operator can change. */
export function operationRoutes(app: FastifyInstance, parts: Parts): void {
  stateRoutes(app, parts);
  controlRoutes(app, parts);
  exportRoute(app, parts);
}

function stateRoutes(app: FastifyInstance, parts: Parts): void {
  const { settings, watch } = parts;
  const report = new SystemReport(parts);
  addRoute(app, {
    method: 'GET', path: 'version', needs: 'public', summary: 'Which Weir this is', answer: Version,
    handle: async () => ({ name: 'weir', version: settings.version, upMs: parts.nowMs() - parts.startedAtMs }),
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'GET', path: 'capabilities', needs: 'read', summary: 'What works in this mode', answer: Capabilities,
    handle: async () => {
      const { mode, source, isReplay, version } = settings;
      return { mode, source, isReplay, version, capabilities: capabilityList(parts) };
    },
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'GET', path: 'sensors', needs: 'read', summary: 'All sensors', answer: SensorList,
    handle: async () => ({ items: watch.sensors.sensors() }),
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'GET', path: 'health', needs: 'read', summary: 'How the system is', answer: SystemHealth,
    handle: () => report.make(),
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'GET', path: 'models', needs: 'read', summary: 'Models that can score', answer: ModelList,
    handle: async () => {
      const reason = missing(parts, 'models');
      return { items: parts.ports.controls.models?.() ?? [], ...(reason === undefined ? {} : { reason }) };
    },
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'GET', path: 'settings', needs: 'read', summary: 'Detection settings in force', answer: SettingList,
    handle: async () => ({ items: parts.ports.controls.settings() }),
  }); // biome-ignore format: short
}

function controlRoutes(app: FastifyInstance, parts: Parts): void {
  const { history, ports, audit } = parts;
  addRoute(app, {
    method: 'GET', path: 'controls', needs: 'read', summary: 'Controls given, newest first', answer: ControlLog,
    handle: async () => ({ items: await controlLog(parts) }),
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'POST', path: 'controls', needs: 'control', summary: 'Steer sensors and detection', body: ControlBody,
    answer: ControlAnswer, status: 202,
    handle: async ({ body, who, request }) => {
      need(parts, CONTROL_CAPABILITY[body.kind]);
      const answer = await ports.controls.apply(body);
      await history.database.write((transaction) =>
        transaction.rows('INSERT INTO controls VALUES ($1, $2, $3, $4)', [
          parts.nowMs(), who, JSON.stringify(body), JSON.stringify(answer),
        ]),
      );
      await audit.note({ who, action: `control.${body.kind}`, details: body, from: request.ip });
      return answer;
    },
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'POST', path: 'test-traffic', needs: 'control', summary: 'Send harmless test traffic to this machine',
    body: TestTrafficBody, answer: ControlAnswer, status: 202, perMinute: 6,
    handle: async ({ body, who, request }) => {
      need(parts, 'test-traffic');
      await audit.note({ who, action: 'control.test-traffic', details: body, from: request.ip });
      return ports.testTraffic!.send(body);
    },
  }); // biome-ignore format: short
}

async function controlLog({ history }: Parts): Promise<Static<typeof ControlLog>['items']> {
  const rows = await history.database.rows<{ noted_at: number; noted_by: string; control: string; answer: string }>(
    'SELECT * FROM controls ORDER BY noted_at DESC, rowid DESC LIMIT 200',
  );
  return rows.map(({ noted_at, noted_by, control, answer }) => ({
    atMs: noted_at,
    by: noted_by,
    control: JSON.parse(control),
    answer: JSON.parse(answer),
  }));
}

const MEDIA_TYPE = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
} as const;

function exportRoute(app: FastifyInstance, { history, audit, exportFolder }: Parts): void {
  addRoute(app, {
    method: 'GET', path: 'export/:table', needs: 'read', summary: 'A table as a file', perMinute: EXPORTS_PER_MINUTE,
    params: Type.Object({ table: OneOf(EXPORT_TABLES, 'What to export') }),
    query: Type.Object({ ...RangeQuery, format: Type.Optional(OneOf(EXPORT_FORMATS, 'Default csv')) }, { additionalProperties: false }),
    produces: 'application/octet-stream',
    handle: async ({ params: { table }, query, who, identity, request, reply }) => {
      const format = query.format ?? 'csv';
      if (table === 'audit' && !identity?.scopes.has('triage')) {
        throw new RequestError(403, 'The audit log needs the right "triage". Ask an administrator.');
      }
      await audit.note({ who, action: 'export', subject: table, details: query, from: request.ip });
      const path = await exportTable(history.database, exportFolder, { table, format, ...query });
      const { size } = await stat(path);
      const stream = createReadStream(path).on('close', () => void rm(path, { force: true }));
      reply.header('content-type', MEDIA_TYPE[format]).header('content-length', size);
      reply.header('content-disposition', `attachment; filename="weir-${table}.${format}"`);
      return reply.send(stream) as never;
    },
  }); // biome-ignore format: short
}
