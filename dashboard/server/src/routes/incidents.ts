import { randomUUID } from 'node:crypto';
import {
  IncidentDetail,
  IncidentItem,
  IncidentPage,
  IncidentQuery,
  Note,
  NoteBody,
  ThresholdPreview,
  ThresholdPreviewBody,
  TriageBody,
} from '@weir/contracts/dashboard-api';
import type { FastifyInstance } from 'fastify';
import { addRoute, IdParams } from '../http/route.js';
import type { Parts } from '../parts.js';
import { RequestError } from '../ports.js';
import { incidentDetail, itemsById, listIncidents } from '../queries/incidents.js';
import { previewThresholds } from '../queries/thresholds.js';

const NO_INCIDENT = 'There is no such incident, or it is older than the history that is kept.';

/** Incidents and what people do with them. */
export function incidentRoutes(app: FastifyInstance, parts: Parts): void {
  const { database, newestMs } = { database: parts.history.database, newestMs: () => parts.history.newestMs };
  addRoute(app, {
    method: 'GET', path: 'incidents', needs: 'read', summary: 'Incidents that fit', query: IncidentQuery,
    answer: IncidentPage, handle: ({ query }) => listIncidents(database, query),
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'GET', path: 'incidents/:id', needs: 'read', summary: 'One incident as an argument', params: IdParams,
    answer: IncidentDetail,
    handle: async ({ params: { id } }) => {
      const detail = await incidentDetail(database, id);
      if (!detail) throw new RequestError(404, NO_INCIDENT);
      return detail;
    },
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'POST', path: 'thresholds/preview', needs: 'read', summary: 'What higher thresholds would have left',
    body: ThresholdPreviewBody, answer: ThresholdPreview,
    handle: ({ body }) =>
      previewThresholds(database, body, { newestMs: newestMs(), settings: () => parts.ports.controls.settings() }),
  }); // biome-ignore format: short
  triageRoutes(app, parts);
}

function triageRoutes(app: FastifyInstance, parts: Parts): void {
  const { database } = parts.history;
  addRoute(app, {
    method: 'PATCH', path: 'incidents/:id/triage', needs: 'triage', summary: 'Acknowledge, assign, close or reject',
    params: IdParams, body: TriageBody, answer: IncidentItem,
    handle: async ({ params: { id }, body, who, request }) => {
      await existing(parts, id);
      await database.write((transaction) =>
        transaction.rows(
          `INSERT INTO triage VALUES ($1, coalesce($2, 'new'), $3, $5, $6) ON CONFLICT (id) DO UPDATE SET
             status = coalesce($2, status), assignee = CASE WHEN $4 THEN excluded.assignee ELSE assignee END,
             changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
          [id, body.status ?? null, body.assignee ?? null, body.assignee !== undefined, who, parts.nowMs()],
        ),
      );
      await parts.audit.note({ who, action: 'triage.change', subject: id, details: body, from: request.ip });
      await parts.watch.tellIncidents([id]);
      return existing(parts, id);
    },
  }); // biome-ignore format: short
  addRoute(app, {
    method: 'POST', path: 'incidents/:id/notes', needs: 'triage', summary: 'Add a note', params: IdParams,
    body: NoteBody, answer: Note, status: 201,
    handle: async ({ params, body: { text }, who, request }) => {
      await existing(parts, params.id);
      const note = { id: randomUUID(), text: text.replaceAll('\0', ''), author: who, atMs: parts.nowMs() };
      await database.write((transaction) =>
        transaction.rows('INSERT INTO notes VALUES ($1, $2, $3, $4, $5)', [
          note.id, params.id, note.text, note.author, note.atMs,
        ]),
      );
      await parts.audit.note({ who, action: 'triage.note', subject: params.id, from: request.ip });
      await parts.watch.tellIncidents([params.id]);
      return note;
    },
  }); // biome-ignore format: short
}

async function existing({ history }: Parts, id: string): Promise<IncidentItem> {
  const [item] = await itemsById(history.database, [id]);
  if (!item) throw new RequestError(404, NO_INCIDENT);
  return item;
}
