import { ContractError, type FeatureListName, parseControl, StatefunFunction, StatefunType } from '@weir/contracts';
import type { IncidentPartitionState } from '../../incident/index.js';
import {
  type AlarmSettings,
  createScoreFunction,
  ModelError,
  type ScoreSettings,
  type Scoring,
  type Selection,
  type Shelf,
} from '../../score/index.js';
import type { ScorePartitionState } from '../../score/partition-state.js';
import type { IncidentInput, ScoreInput } from '../port.js';
import { encodeAlertBatch } from './alert-batch.js';
import type { Binding } from './binding.js';
import { textOf } from './partition-id.js';
import { decodeScoreRows, decodeScoreTime } from './score-message.js';
import { SCORE_ID } from './score-sender.js';

/** Models for functions that are served to Flink. */
export interface ServedModels {
  /** Models that score until an operator chooses others; may be none. */
  readonly selections: readonly Selection[];
  readonly alarms: AlarmSettings;
  /** Whether what was learned outlives the end of all sensors' runs. */
  readonly keepsLearned: boolean;
  /** Where models are found that an operator chooses. */
  readonly shelf: Pick<Shelf, 'open' | 'get'>;
  /** Is shown what scores after each message. */
  readonly watch?: (scoring: Scoring) => void;
}

/** Features that are computed for the models: those of the models chosen at the start, flows where none was. */
export function scoredLists({ selections }: Pick<ServedModels, 'selections'>): FeatureListName[] {
  return selections.length === 0 ? ['flow'] : [...new Set(selections.map(({ list }) => list))];
}

/** The score function as Flink calls it: rows, time and controls in; alerts to the incidents out. */
export function bindScore(
  settings: ScoreSettings,
  models: ServedModels | undefined,
): Binding<ScorePartitionState, ScoreInput> {
  const fn = createScoreFunction(settings);
  return {
    name: fn.name,
    initialState: fn.initialState,
    encode: fn.encode,
    decode: fn.decode,
    refusalOf: (id) => (id === SCORE_ID ? undefined : `"${id}" is no score partition; there is one, "${SCORE_ID}".`),
    read: (type, bytes) => readScoreInput(type, bytes, models),
    apply: (state, input, outgoing) => {
      fn.transition(state, input, ({ partition, batch }) => {
        const target = { type: StatefunFunction.incident, id: String(partition) };
        outgoing.send({ target, type: StatefunType.alertBatch, bytes: encodeAlertBatch(batch) });
      });
      models?.watch?.(state.scoring);
    },
  };
}

function readScoreInput(type: string, bytes: Uint8Array, models: ServedModels | undefined): ScoreInput {
  switch (type) {
    case StatefunType.scoreRows:
      return { kind: 'score-rows', batch: decodeScoreRows(bytes) };
    case StatefunType.scoreTime:
      return { kind: 'score-time', batch: decodeScoreTime(bytes) };
    case StatefunType.control:
      return controlledBy(bytes, models);
  }
  throw new ContractError(
    `"${type}" is no type of message for the score partition. Expected ${StatefunType.scoreRows}.`,
  );
}

/** What a control asks for. Throws a ContractError that says why it is refused; all goes on as before then. */
function controlledBy(bytes: Uint8Array, models: ServedModels | undefined): ScoreInput {
  const control = parseControl(textOf(bytes));
  if (!models) throw new ContractError('no models can be chosen: the functions run without. Start them with --model.');
  switch (control.kind) {
    case 'model':
      return { kind: 'use-models', selections: chosenBy(control.name, models) };
    case 'model-shadow':
      return { kind: 'shadow-models', selections: chosenBy(control.name, models) };
    case 'model-alarms': {
      const { alarmsPerDay, scoreThreshold } = control;
      return { kind: 'alarm-settings', alarms: { alarmsPerDay, scoreThreshold } };
    }
  }
  throw new ContractError(`a control of the kind "${control.kind}" is none for scoring.`);
}

/** The models of these names, separated by commas. */
function chosenBy(names: string, models: ServedModels): Selection[] {
  if (names === 'none') return [];
  const lists = scoredLists(models);
  const chosen: Selection[] = [];
  for (const id of names.split(',')) {
    const selection = openedBy(models.shelf, id.trim());
    if (!lists.includes(selection.list))
      throw new ContractError(
        `model "${selection.id}" looks at ${selection.list}, which is not computed here. Start the functions with it in --model.`,
      );
    const other = chosen.find(({ list }) => list === selection.list);
    if (other)
      throw new ContractError(
        `models "${other.id}" and "${selection.id}" both score ${other.list}. Choose one of them.`,
      );
    chosen.push(selection);
  }
  return chosen;
}

function openedBy(shelf: ServedModels['shelf'], id: string): Selection {
  try {
    return shelf.open(id);
  } catch (error) {
    if (error instanceof ModelError) throw new ContractError(error.message);
    throw error;
  }
}

/**
 * The incident function with the upstreams that are set now, whatever its state knew: models may have been put into use, or
 * out of it, since. One that joins is waited for from its first word on.
 */
export function withUpstreams(
  binding: Binding<IncidentPartitionState, IncidentInput>,
  upstreams: readonly string[],
): Binding<IncidentPartitionState, IncidentInput> {
  return { ...binding, decode: (bytes) => adjusted(binding.decode(bytes), upstreams) };
}

function adjusted(state: IncidentPartitionState, upstreams: readonly string[]): IncidentPartitionState {
  const reached = Math.min(...[...state.upstreams.values()].map(({ watermarkS }) => watermarkS));
  for (const address of state.upstreams.keys()) if (!upstreams.includes(address)) state.upstreams.delete(address);
  for (const address of upstreams)
    if (!state.upstreams.has(address)) state.upstreams.set(address, { run: 0, nextSequence: 0, watermarkS: reached });
  return state;
}
