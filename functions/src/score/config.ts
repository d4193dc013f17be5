/** How scores become alarms. */
export interface AlarmSettings {
  /** Alarms a day that the operator accepts: one alarm is one source in ten minutes, however many rows. */
  readonly alarmsPerDay: number;
  /** Instead of the budget: alarm from this score on, as 1 − tail probability, such as 0.9999. */
  readonly scoreThreshold?: number | undefined;
}

export const DEFAULT_ALARM_SETTINGS: AlarmSettings = { alarmsPerDay: 5 };

/** Alarms are counted, and learning goes on, in steps of this length: an alarm is an entity in one of them. Unit: s. */
export const SLOT_S = 600;

/** Clean rows after which a model's calibration is replaced by that of this network: half to fit, half to check. */
export const LEARNING_ROWS = 1600;
