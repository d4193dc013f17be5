import { describe, expect, it } from 'vitest';
import type { ScoreStatus, Scoring } from '../../score/index.js';
import { Metrics } from './metrics.js';
import { watchModels } from './score-watch.js';

const status: ScoreStatus = {
  model: 'flow-x',
  list: 'flow',
  isLearning: false,
  cleanRows: 2000,
  neededRows: 1600,
  threshold: 4.5,
  smallestAlarmsPerDay: 20,
  drift: { rows: 900, features: [{ feature: 3, psi: 0.5 }] },
  rows: 12,
  alarms: 1,
  toldByRules: 2,
  alarmsHeldBack: 0,
};

const scoringThat = (says: { status: ScoreStatus[]; shadow?: boolean }) =>
  ({
    status: () => says.status,
    shadowStatus: () => (says.shadow ? { both: 1, onlyInUse: 2, onlyShadow: 3, examples: [] } : undefined),
  }) as unknown as Scoring;

describe('metrics of models', () => {
  it('tell threshold, learning, alarms, drift and where the shadow differs', () => {
    const metrics = new Metrics();
    watchModels(metrics)(scoringThat({ status: [status], shadow: true }));
    const page = metrics.text();
    for (const line of [
      'weir_functions_model_rows{model="flow-x"} 12',
      'weir_functions_model_threshold_decades{model="flow-x"} 4.5',
      'weir_functions_model_learning{model="flow-x"} 0',
      'weir_functions_model_drift_psi{model="flow-x",feature="durationS"} 0.5',
      'weir_functions_model_shadow_alarms{who="only_shadow"} 3',
    ])
      expect(page).toContain(`${line}\n`);
  });

  it('say nothing of a model that does not score any more', () => {
    const metrics = new Metrics();
    const watch = watchModels(metrics);
    watch(scoringThat({ status: [status] }));
    for (let message = 0; message < 200; message++) watch(scoringThat({ status: [] }));
    expect(metrics.text()).not.toContain('flow-x');
  });
});
