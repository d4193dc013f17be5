import { ContractError, StatefunType, Topic } from '@weir/contracts';
import type { Surroundings } from './address-function.js';
import type { FunctionCall, Invocation } from './call.js';
import { deadLetterOf } from './dead-letter.js';
import type { Callable } from './dispatcher.js';
import { COMPLAIN_EVERY_MS, Seldom } from './log.js';
import { readParcel, sendParcels } from './parcel.js';
import { Outgoing, writeReply } from './reply.js';

/** Sends records on that the answer to another call had no room for. It keeps no state. */
export class RecordsFunction implements Callable {
  readonly name = 'records';

  private readonly complaints: Seldom;

  constructor(private readonly around: Pick<Surroundings, 'log' | 'metrics' | 'nowMs' | 'mostLinesBytes'>) {
    this.complaints = new Seldom(COMPLAIN_EVERY_MS, around.nowMs);
  }

  answer({ target, invocations }: FunctionCall): Uint8Array {
    const outgoing = new Outgoing();
    for (const invocation of invocations) this.unpack(invocation, target.id, outgoing);
    // However many parcels a call brings, its answer is bounded as well.
    sendParcels(outgoing, target.id, this.around.mostLinesBytes);
    for (const { topic, lengthBytes } of outgoing.records) this.around.metrics.recordSent(topic, lengthBytes);
    return writeReply([], outgoing);
  }

  private unpack({ type, bytes }: Invocation, sender: string, outgoing: Outgoing): void {
    const { metrics, log, nowMs } = this.around;
    metrics.messageTaken(this.name, StatefunType.parcel);
    try {
      if (bytes === undefined) throw new ContractError('the message has no value.');
      const { topic, key, lines } = readParcel(bytes);
      outgoing.lines(topic, key, lines);
    } catch (error) {
      const reason = `it is no parcel of records: ${(error as Error).message} Run one release.`;
      const address = `${this.name}/${sender}`;
      metrics.messagePutAside(this.name, 'unreadable');
      if (this.complaints.allows(address)) log.warn({ address, reason }, 'parcel put aside');
      outgoing.record(Topic.deadLetters, address, deadLetterOf({ reason, type, address, bytes, atMs: nowMs() }));
    }
  }
}
