import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePacketBatch, type PacketBatch } from '@weir/contracts';
import { UsageError } from '../errors.js';
import { reasonOf } from './result-file.js';

/** Writes batches as Arrow IPC streams: `<sensor>-<partition>-<sequence>.arrow` in a folder, or all to one output. */
export class BatchWriter {
  /** `target` is a folder, made when missing, or `-` for `output`. Throws a UsageError when it cannot be made. */
  constructor(
    private readonly target: string,
    private readonly output: { write(bytes: Uint8Array): void },
  ) {
    if (target !== '-') makeFolder(target);
  }

  write(batch: PacketBatch): void {
    const bytes = encodePacketBatch(batch);
    if (this.target === '-') {
      this.output.write(bytes);
      return;
    }
    const { sensor, partition, sequence } = batch.header;
    const name = `${sensor}-${String(partition).padStart(3, '0')}-${String(sequence).padStart(8, '0')}.arrow`;
    writeFileSync(join(this.target, name), bytes);
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new UsageError(`cannot make the folder "${path}": ${reasonOf(error)}. Choose another with --out.`);
  }
}
