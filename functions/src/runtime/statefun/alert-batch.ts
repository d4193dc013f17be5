import { Type } from '@sinclair/typebox';
import { Alert, parseJsonAs } from '@weir/contracts';
import type { AlertBatch } from '../port.js';
import { textOf } from './partition-id.js';

const AlertBatchMessage = Type.Object(
  {
    upstream: Type.String({ description: 'Address of the sender, host/<n>' }),
    run: Type.Integer({ minimum: 0 }),
    sequence: Type.Integer({ minimum: 0 }),
    watermarkS: Type.Integer({ minimum: 0, maximum: 0xffff_ffff }),
    alerts: Type.Array(Alert),
  },
  { $id: 'AlertBatch' },
);

/** An alert batch as JSON in UTF-8. */
export function encodeAlertBatch(batch: AlertBatch): Uint8Array {
  return Buffer.from(JSON.stringify(batch));
}

/** The batch that encodeAlertBatch wrote. Throws a ContractError. */
export function decodeAlertBatch(bytes: Uint8Array): AlertBatch {
  const text = textOf(bytes);
  return parseJsonAs(AlertBatchMessage, text) as AlertBatch;
}
