import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import { parseJsonAs } from '@weir/contracts';
import { UsageError } from '../errors.js';

/** Earlier choices that are remembered. */
const MOST_REMEMBERED = 32;

const ids = (description: string) => Type.Array(Type.String({ maxLength: 64 }), { maxItems: 8, description });

/** Which models score: `default.json` as Weir comes, `in-use.json` once someone has chosen. */
export const ModelsInUse = Type.Object(
  {
    use: ids('Models that score, at most one for each feature list'),
    shadow: Type.Optional(ids('Models that score beside them, and are only compared')),
    before: Type.Optional(Type.Array(ids('What was in use'), { description: 'Earlier choices, newest last' })),
  },
  { $id: 'ModelsInUse', description: 'Which models of a registry score' },
);
export type ModelsInUse = Static<typeof ModelsInUse>;

/** What is in use in a registry; nothing where it says nothing. Throws a UsageError for a damaged file. */
export function readModelsInUse(registry: string): ModelsInUse {
  const path = ['in-use.json', 'default.json'].map((name) => join(registry, name)).find((file) => existsSync(file));
  if (path === undefined) return { use: [] };
  try {
    return parseJsonAs(ModelsInUse, readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(
      `${path} is ${(error as Error).message} Mend it, or delete it and choose with weir models use.`,
    );
  }
}

/** `now` with other models in use; what was in use can be rolled back to. */
export function withUse(now: ModelsInUse, use: readonly string[]): ModelsInUse {
  return { ...now, use: [...use], before: [...(now.before ?? []), now.use].slice(-MOST_REMEMBERED) };
}

/** `now` with what was in use before. Throws a UsageError when nothing was. */
export function rolledBack(now: ModelsInUse): ModelsInUse {
  const before = now.before ?? [];
  const last = before.at(-1);
  if (!last) throw new UsageError('there is nothing to roll back to: no other models were in use.');
  return { ...now, use: last, before: before.slice(0, -1) };
}

/** Writes the choice; a reader sees the old or the new one, never half. Throws a UsageError when it cannot be written. */
export function writeModelsInUse(registry: string, choice: ModelsInUse): void {
  const path = join(registry, 'in-use.json');
  try {
    writeFileSync(`${path}.new`, `${JSON.stringify(choice, undefined, 2)}\n`);
    renameSync(`${path}.new`, path);
  } catch (error) {
    throw new UsageError(`cannot write "${path}": ${(error as Error).message}. Choose a registry with --registry.`);
  }
}
