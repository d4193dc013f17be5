import { type Static, Type } from '@sinclair/typebox';

/** Bytes of a refused message that its dead letter shows. */
export const DEAD_LETTER_BYTES = 256;

/** Base64 of DEAD_LETTER_BYTES. */
const MAX_BASE64 = 4 * Math.ceil(DEAD_LETTER_BYTES / 3);

/** A message that could not be processed, on the `dead_letters` topic. No retry can cure it. */
export const DeadLetter = Type.Object(
  {
    reason: Type.String({ description: 'What is wrong with it, and what to do' }),
    topic: Type.String({ description: 'Where it was read; for messages between functions, the type of the message' }),
    partition: Type.Optional(Type.Integer({ minimum: 0, description: 'Kafka partition' })),
    offset: Type.Optional(Type.String({ description: 'Kafka offset, decimal, as it may pass 2^53' })),
    key: Type.Optional(Type.String({ description: 'Key of the record' })),
    address: Type.Optional(Type.String({ description: 'Function that refused it, such as flow/office/0' })),
    firstBytes: Type.String({ maxLength: MAX_BASE64, description: 'Its beginning, at most 256 bytes, in base64' }),
    lengthBytes: Type.Integer({ minimum: 0, description: 'How long it was' }),
    atMs: Type.Number({ description: 'When it was refused. Unix epoch, ms by the clock' }),
  },
  { $id: 'DeadLetter', description: 'A message that could not be processed' },
);
export type DeadLetter = Static<typeof DeadLetter>;
