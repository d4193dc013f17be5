import { ContractError, type Control, parseControl } from '@weir/contracts';
import { SourceError } from '../sources/index.js';
import { type CaptureControls, ControlRefused } from './controlled-source.js';

/** Longer messages are no controls. */
const LONGEST_BYTES = 65_536;

/** What an agent did with one message of the `controls` topic. */
export type ControlOutcome =
  | { readonly kind: 'done'; readonly control: Control }
  | { readonly kind: 'not-ours' }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Does what a message of the `controls` topic asks of the sensor `sensor`. What is for others is left to them; what is
 * not valid or not possible is refused with a reason. Never throws for what is in the message.
 */
export async function obeyControl(
  value: Uint8Array,
  sensor: string,
  capture: CaptureControls,
): Promise<ControlOutcome> {
  // No value takes earlier controls back; there is nothing to do for a capture.
  if (value.length === 0) return { kind: 'not-ours' };
  try {
    const control = readControl(value);
    if (!('sensor' in control) || control.sensor !== sensor) return { kind: 'not-ours' };
    await apply(control, capture);
    return { kind: 'done', control };
  } catch (error) {
    if (isRefusal(error)) return { kind: 'refused', reason: error.message };
    throw error;
  }
}

function readControl(value: Uint8Array): Control {
  if (value.length > LONGEST_BYTES) {
    throw new ContractError(`a control of ${value.length} bytes. Send at most ${LONGEST_BYTES}.`);
  }
  return parseControl(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8'));
}

type CaptureControl = Extract<Control, { sensor: string }>;

async function apply(control: CaptureControl, capture: CaptureControls): Promise<void> {
  switch (control.kind) {
    case 'capture-start':
      return capture.resume();
    case 'capture-stop':
      return capture.pause();
    case 'capture-source':
      return capture.retarget({
        ...(control.interface === undefined ? {} : { interfaceName: control.interface }),
        ...(control.filter === undefined ? {} : { filter: control.filter }),
      });
  }
}

function isRefusal(error: unknown): error is Error {
  return error instanceof ContractError || error instanceof ControlRefused || error instanceof SourceError;
}
