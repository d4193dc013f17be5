import { type ControlPort, RequestError } from '@weir/dashboard-server';
import { type EmbeddedRuntime, type Registry, type Selection, selectModels } from '@weir/functions';
import { fullId, statusText } from '../models/model-options.js';

type ModelItem = ReturnType<NonNullable<ControlPort['models']>>[number];

/** What manifests say besides what scoring needs. */
interface Told {
  readonly data?: readonly { readonly name: string }[];
  readonly metrics?: Readonly<Record<string, unknown>>;
}

/** Which models of a registry score in a run of this process; changed between two batches. */
export class ModelChoice {
  private waiting: readonly Selection[] | undefined;

  constructor(
    private readonly registry: Registry,
    private readonly functions: Pick<EmbeddedRuntime, 'useModels' | 'modelStatus'>,
    private inUse: readonly Selection[],
  ) {}

  /** All models of the registry; one that cannot be read with the reason. */
  list(): ModelItem[] {
    return this.registry.ids().map((id) => this.itemOf(id));
  }

  /** Loads a model, which takes the place of the one that scores the same features; `none`: no model scores. */
  async choose(name: string): Promise<string> {
    if (name === 'none') {
      this.use([]);
      return 'From now on no model scores.';
    }
    const [chosen] = await this.loaded(name);
    this.use([...this.inUse.filter(({ list }) => list !== chosen!.list), chosen!]);
    return `From the next packets on ${chosen!.id} scores. It first learns what is normal here.`;
  }

  /** To be called between batches, while nothing is scored. */
  settled(): void {
    if (this.waiting) this.functions.useModels(this.waiting);
    this.waiting = undefined;
  }

  /** Scoring failed: none of them scores any more, and the rest of Weir goes on. */
  giveUp(): void {
    this.use([]);
    this.settled();
  }

  private use(selections: readonly Selection[]): void {
    this.inUse = selections;
    this.waiting = selections;
  }

  private async loaded(name: string): Promise<Selection[]> {
    try {
      return await selectModels(this.registry, [fullId(this.registry, name)]);
    } catch (error) {
      throw new RequestError(422, (error as Error).message);
    }
  }

  private itemOf(id: string): ModelItem {
    const isActive = this.inUse.some((selection) => selection.id === id);
    const status = this.functions.modelStatus().find(({ model }) => model === id);
    return modelItem(this.registry, id, { isActive, ...(isActive && status ? { doing: statusText(status) } : {}) });
  }
}

/** A model of the registry as the page shows it; one that cannot be read with the reason. */
export function modelItem(
  registry: Registry,
  id: string,
  said: { readonly isActive: boolean; readonly doing?: string },
): ModelItem {
  try {
    const { kind, list, features, ...others } = registry.manifest(id);
    const { data = [], metrics = {} } = others as Told;
    const trainedOn =
      data.map(({ name }) => name.replace(/^captures: /, '')).join(', ') || 'data that it does not name';
    return { name: id, kind, list, ...said, trainedOn, metrics: numbersOf(metrics), features: features.length };
  } catch (error) {
    const refusal = (error as Error).message;
    return { name: id, kind: '', list: '', isActive: false, trainedOn: '', metrics: {}, features: 0, refusal };
  }
}

function numbersOf(metrics: Readonly<Record<string, unknown>>): Record<string, number> {
  const numbers = Object.entries(metrics).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return Object.fromEntries(numbers);
}
