import { type Broker, listInterfaces, type MessageProducer } from '@weir/capture-agent';
import { type Control, controlKey, Topic } from '@weir/contracts';
import { type ControlPort, RequestError } from '@weir/dashboard-server';
import { DEFAULT_DETECTION_CONFIG } from '@weir/functions';
import type { ClusterModels } from './cluster-models.js';
import { Thresholds } from './thresholds.js';

const NO_MODELS =
  'The functions run without models. Start them, and this dashboard, with WEIR_MODEL set, such as to flow-fusion.';

type CapabilityName = Parameters<ControlPort['missing']>[0];

/** Hands what an operator asks for on to the sensors and functions of a cluster, through the `controls` topic. */
export class ClusterControls implements ControlPort {
  private producer: MessageProducer | undefined;
  private last: Promise<unknown> = Promise.resolve();
  /** The defaults, with what was asked for through this server: what the functions were started with is not told. */
  private readonly thresholds = new Thresholds(DEFAULT_DETECTION_CONFIG);

  /** `functionModels`: undefined where the functions run without. */
  constructor(
    private readonly broker: Broker,
    private readonly functionModels: ClusterModels | undefined,
  ) {}

  missing(name: CapabilityName): string | undefined {
    if (name === 'models') return this.functionModels ? undefined : NO_MODELS;
    if (name !== 'test-traffic') return undefined;
    const loopback = listInterfaces().find(({ isLoopback }) => isLoopback)?.name ?? 'lo';
    return `Test traffic goes to one machine only. There, run weir start --interface ${loopback}.`;
  }

  models() {
    return this.functionModels?.list() ?? [];
  }

  /** One after the other, whoever asks: what changes goes on from what changed before. */
  apply(control: Control) {
    const applied = this.last.then(() => this.applyNow(control));
    this.last = applied.catch(() => undefined);
    return applied;
  }

  private async applyNow(control: Control) {
    if (control.kind === 'model') return this.chooseModel(control.name);
    const changed = control.kind === 'thresholds' ? this.thresholds.with(control.settings) : undefined;
    await this.send(control);
    if (changed) this.thresholds.use(changed);
    return { done: false, message: 'Handed on. It takes effect as soon as it is read.' };
  }

  private async chooseModel(name: string) {
    if (!this.functionModels) throw new RequestError(409, NO_MODELS);
    const ids = this.functionModels.with(name);
    await this.send({ kind: 'model', name: ids.join(',') || 'none' });
    this.functionModels.use(ids);
    return { done: false, message: 'Handed on. From then on it scores, and first learns what is normal here.' };
  }

  sensorFacts(): undefined {
    return undefined;
  }

  settings() {
    return this.thresholds.list();
  }

  async close(): Promise<void> {
    await this.producer?.disconnect();
  }

  private async send(control: Control): Promise<void> {
    const value = Buffer.from(JSON.stringify(control));
    try {
      this.producer ??= await this.connected();
      await this.producer.send([{ topic: Topic.controls, key: controlKey(control), value }]);
    } catch (error) {
      // A producer that failed is of no more use.
      await this.producer?.disconnect().catch(() => undefined);
      this.producer = undefined;
      throw new RequestError(503, `The control could not be sent: ${(error as Error).message}`);
    }
  }

  private async connected(): Promise<MessageProducer> {
    const producer = this.broker.producer();
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      await producer.disconnect().catch(() => undefined);
      throw error;
    }
  }
}
