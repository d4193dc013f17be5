import { RequestError } from '@weir/dashboard-server';
import type { Registry } from '@weir/functions';
import { fullId } from '../models/model-options.js';
import { modelItem } from './model-choice.js';

/**
 * The models of a cluster, as far as they are known here: those that the functions were started with, and what was chosen
 * through this server since. What the functions refuse is told on the topic `dead_letters`.
 */
export class ClusterModels {
  constructor(
    private readonly registry: Registry,
    private inUse: readonly string[],
  ) {}

  list() {
    return this.registry.ids().map((id) => modelItem(this.registry, id, { isActive: this.inUse.includes(id) }));
  }

  /** All that is to score when `name` takes the place of the one of its list; `none`: no model. Throws a RequestError. */
  with(name: string): string[] {
    if (name === 'none') return [];
    const id = fullId(this.registry, name);
    const list = this.listOf(id);
    return [...this.inUse.filter((other) => this.listOf(other) !== list), id];
  }

  use(ids: readonly string[]): void {
    this.inUse = ids;
  }

  private listOf(id: string): string {
    try {
      return this.registry.manifest(id).list;
    } catch (error) {
      throw new RequestError(422, (error as Error).message);
    }
  }
}
