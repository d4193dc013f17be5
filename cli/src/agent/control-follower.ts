import { setTimeout as sleep } from 'node:timers/promises';
import { type Broker, type CaptureControls, type MessageReader, obeyControl } from '@weir/capture-agent';
import { Topic } from '@weir/contracts';
import type { Logger } from '../log/logger.js';

/** Whose controls are followed, and how it is told. */
export interface FollowerParts {
  readonly broker: Broker;
  readonly sensor: string;
  readonly capture: CaptureControls;
  readonly log: Logger;
  /** Called for a control of this sensor that was not valid or not possible. */
  readonly refused: () => void;
  readonly stop: AbortSignal;
}

const RETRY_MS = 5000;

/**
 * Does what the `controls` topic asks of one sensor, until stopped. Controls that were sent while the agent was away are
 * done when it comes back; those from before its first start are not. Never rejects: a capture goes on without controls.
 */
export async function followControls(parts: FollowerParts): Promise<void> {
  const { broker, sensor, log, stop } = parts;
  while (!stop.aborted) {
    const reader = broker.reader({ topic: Topic.controls, group: `weir-agent-${sensor}`, from: 'next' });
    try {
      await reader.start(({ value }) => follow(parts, value));
      await stopped(reader, stop);
      return;
    } catch (error) {
      log.info({ reason: (error as Error).message }, 'controls cannot be read yet');
      await sleep(RETRY_MS, undefined, { signal: stop }).catch(() => undefined);
    }
  }
}

function stopped(reader: MessageReader, stop: AbortSignal): Promise<void> {
  const end = () => reader.stop().catch(() => undefined);
  if (stop.aborted) return end();
  return new Promise((resolve) => stop.addEventListener('abort', () => resolve(end()), { once: true }));
}

async function follow({ sensor, capture, log, refused }: FollowerParts, value: Uint8Array): Promise<void> {
  const outcome = await obeyControl(value, sensor, capture);
  if (outcome.kind === 'done') log.info({ control: outcome.control }, 'control done');
  if (outcome.kind !== 'refused') return;
  refused();
  log.warn({ reason: outcome.reason }, 'control refused');
}
