import type { Cell } from './database.js';

/** Gathers what must hold and the values it names, for one statement. */
export class Conditions {
  readonly values: Cell[] = [];
  private readonly parts: string[] = [];

  /** `$n` for a value. */
  bind(value: Cell): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  /** Adds a part that must hold. */
  and(part: string): this {
    this.parts.push(part);
    return this;
  }

  /** Adds `make($n)` when there is a value. */
  when<V extends Cell>(value: V | undefined, make: (bound: string) => string): this {
    return value === undefined ? this : this.and(make(this.bind(value)));
  }

  /** Adds `column IN (…)` when there is a list. */
  oneOf(column: string, values: readonly string[] | undefined): this {
    if (values === undefined || values.length === 0) return this;
    return this.and(`${column} IN (${values.map((value) => this.bind(value)).join(', ')})`);
  }

  /** `WHERE …`, or nothing. */
  get where(): string {
    return this.parts.length === 0 ? '' : `WHERE ${this.parts.join(' AND ')}`;
  }
}

/** `text` as the pattern of a LIKE with ESCAPE '!', so that it stands for itself. */
export function likeText(text: string): string {
  return text.replace(/[!%_]/g, (sign) => `!${sign}`);
}
