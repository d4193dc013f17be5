import type { Static, TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { ContractError } from './contract-error.js';
import { Control } from './control.js';
import { DeadLetter } from './dead-letter.js';
import { FlowSummary } from './flow-summary.js';
import { Alert, Incident } from './incident.js';
import { ModelManifest } from './model-manifest.js';
import { SensorHealth } from './sensor-health.js';
import { TrafficWindow } from './window.js';

/** Breaches told in one error; a reader mends the first ones first. */
const BREACHES_TOLD = 3;

/**
 * `value`, when it fits `schema`. Throws a ContractError that names the message, the first fields that do not fit,
 * and what was expected of them. Unknown fields pass, so that an older reader bears a newer writer.
 */
export function checkAgainst<S extends TSchema>(schema: S, value: unknown): Static<S> {
  if (Value.Check(schema, value)) return value;
  const breaches: string[] = [];
  for (const { path, message, value: found } of Value.Errors(schema, value)) {
    if (breaches.length === BREACHES_TOLD) break;
    breaches.push(`${path || '/'}: ${message.toLowerCase()}, found ${shorten(found)}`);
  }
  throw new ContractError(
    `not a valid ${schema.$id}: ${breaches.join('; ')}. See docs/schemas, and bring the writer to this version.`,
  );
}

function shorten(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** `text` read as JSON and checked by checkAgainst. Throws a ContractError for either fault. */
export function parseJsonAs<S extends TSchema>(schema: S, text: string): Static<S> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ContractError(
      `not a valid ${schema.$id}: ${(error as Error).message}. Expected one JSON object, complete and in UTF-8.`,
    );
  }
  return checkAgainst(schema, value);
}

/** An alert from its JSON text. Throws a ContractError. */
export const parseAlert = (text: string) => parseJsonAs(Alert, text) as Alert;

/** An incident from its JSON text. Throws a ContractError. */
export const parseIncident = (text: string) => parseJsonAs(Incident, text) as Incident;

/** A flow summary from its JSON text. Throws a ContractError. */
export const parseFlowSummary = (text: string): FlowSummary => parseJsonAs(FlowSummary, text);

/** A traffic window from its JSON text. Throws a ContractError. */
export const parseTrafficWindow = (text: string): TrafficWindow => parseJsonAs(TrafficWindow, text);

/** A sensor health message from its JSON text. Throws a ContractError. */
export const parseSensorHealth = (text: string): SensorHealth => parseJsonAs(SensorHealth, text);

/** A control message from its JSON text. Throws a ContractError. */
export const parseControl = (text: string): Control => parseJsonAs(Control, text);

/** A dead letter from its JSON text. Throws a ContractError. */
export const parseDeadLetter = (text: string): DeadLetter => parseJsonAs(DeadLetter, text);

/** A model's manifest from its JSON text. Throws a ContractError. */
export const parseModelManifest = (text: string) => parseJsonAs(ModelManifest, text) as ModelManifest;
