import { ContractError, type Control, parseControl, StatefunFunction, StatefunType, Topic } from '@weir/contracts';
import type { Surroundings } from './address-function.js';
import type { FunctionAddress, FunctionCall, Invocation } from './call.js';
import { deadLetterOf } from './dead-letter.js';
import type { Callable } from './dispatcher.js';
import { COMPLAIN_EVERY_MS, Seldom } from './log.js';
import { partitionIds, textOf } from './partition-id.js';
import { Outgoing, writeReply } from './reply.js';

/** How many partitions a control message goes to. */
export interface ControlTargets {
  readonly hostPartitions: number;
  readonly incidentPartitions: number;
}

/** Hands each message of the `controls` topic to the partitions that it concerns. It keeps no state. */
export class ControlFunction implements Callable {
  readonly name = 'control';

  private readonly complaints: Seldom;

  constructor(
    private readonly targets: ControlTargets,
    private readonly around: Pick<Surroundings, 'log' | 'metrics' | 'nowMs'>,
  ) {
    this.complaints = new Seldom(COMPLAIN_EVERY_MS, around.nowMs);
  }

  answer({ target, invocations }: FunctionCall): Uint8Array {
    const outgoing = new Outgoing();
    for (const invocation of invocations) this.route(invocation, `control/${target.id}`, outgoing);
    return writeReply([], outgoing);
  }

  private route({ type, bytes, place }: Invocation, address: string, outgoing: Outgoing): void {
    const { metrics, log, nowMs } = this.around;
    metrics.messageTaken('control', StatefunType.control);
    try {
      if (bytes === undefined) throw new ContractError('the message has no value. Send a Control as JSON.');
      const control = parseControl(textOf(bytes));
      for (const receiver of this.receiversOf(control))
        outgoing.send({ target: receiver, type: StatefunType.control, bytes });
    } catch (error) {
      const reason = (error as Error).message;
      metrics.messagePutAside('control', 'unreadable');
      if (this.complaints.allows(address)) log.warn({ address, reason }, 'control message put aside');
      outgoing.record(Topic.deadLetters, address, deadLetterOf({ reason, type, address, bytes, place, atMs: nowMs() }));
    }
  }

  private receiversOf({ kind }: Control): FunctionAddress[] {
    const all = (type: string, partitions: number) => partitionIds(partitions).map((id) => ({ type, id }));
    switch (kind) {
      case 'thresholds':
        return all(StatefunFunction.host, this.targets.hostPartitions);
      case 'model':
      case 'model-shadow':
      case 'model-alarms':
        return all(StatefunFunction.score, 1);
      case 'suppress':
      case 'unsuppress':
        return all(StatefunFunction.incident, this.targets.incidentPartitions);
      case 'capture-start':
      case 'capture-stop':
      case 'capture-source':
        return []; // For agents, who read the topic themselves.
    }
  }
}
