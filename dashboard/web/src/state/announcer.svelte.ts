import type { IncidentItem } from '@weir/contracts/dashboard-api';
import { count } from '../formats/numbers.js';

const PAUSE_MS = 3000;

/** Says new incidents to screen readers: one at a time with its title, many as a number. */
export class Announcer {
  text = $state('');
  #waiting: IncidentItem[] = [];
  #isPausing = false;

  tell(incidents: readonly IncidentItem[]): void {
    this.#waiting.push(...incidents);
    if (!this.#isPausing) this.#say();
  }

  #say(): void {
    const fresh = this.#waiting;
    this.#waiting = [];
    this.#isPausing = fresh.length > 0;
    if (!this.#isPausing) return;
    const [only] = fresh;
    this.text =
      fresh.length === 1 ? `New incident, ${only!.severity}: ${only!.title}` : count(fresh.length, 'new incident');
    setTimeout(() => this.#say(), PAUSE_MS);
  }
}
