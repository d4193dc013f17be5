import { FEATURE_LISTS } from '@weir/contracts';
import type { ScoreStatus, Scoring, ShadowStatus } from '../../score/index.js';
import type { Metrics } from './metrics.js';

/** Messages after which what models do is told again, so that telling costs little. */
const TOLD_EVERY = 64;

/** Keeps the metrics of models up to date; gives what is to be shown what scores after each message. */
export function watchModels(metrics: Pick<Metrics, 'modelsTold'>): (scoring: Scoring) => void {
  let untilTold = 0;
  return (scoring) => {
    if (untilTold-- > 0) return;
    untilTold = TOLD_EVERY;
    metrics.modelsTold(modelGauges(scoring.status(), scoring.shadowStatus()));
  };
}

/** What models do, as numbers by the names of their metrics and labels. */
export interface ModelGauge {
  readonly family:
    | 'rows'
    | 'alarms'
    | 'told_by_rules'
    | 'learning'
    | 'threshold_decades'
    | 'drift_psi'
    | 'shadow_alarms';
  /** Model, or who raised an alarm; and the feature that has moved. */
  readonly labels: readonly string[];
  readonly value: number;
}

function modelGauges(statuses: readonly ScoreStatus[], shadow: ShadowStatus | undefined): ModelGauge[] {
  return [...statuses.flatMap(gaugesOf), ...(shadow ? shadowGauges(shadow) : [])];
}

function gaugesOf({ model, list, isLearning, threshold, drift, ...counts }: ScoreStatus): ModelGauge[] {
  const gauge = (family: ModelGauge['family'], value: number): ModelGauge => ({ family, labels: [model], value });
  const moved = drift?.features ?? [];
  return [
    gauge('rows', counts.rows),
    gauge('alarms', counts.alarms),
    gauge('told_by_rules', counts.toldByRules),
    gauge('learning', isLearning ? 1 : 0),
    gauge('threshold_decades', threshold),
    ...moved.map(({ feature, psi }): ModelGauge => {
      return { family: 'drift_psi', labels: [model, FEATURE_LISTS[list][feature]!.name], value: psi };
    }),
  ];
}

function shadowGauges({ both, onlyInUse, onlyShadow }: ShadowStatus): ModelGauge[] {
  const gauge = (who: string, value: number): ModelGauge => ({ family: 'shadow_alarms', labels: [who], value });
  return [gauge('both', both), gauge('only_in_use', onlyInUse), gauge('only_shadow', onlyShadow)];
}
