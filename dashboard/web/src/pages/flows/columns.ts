/** Columns of the flow table that can be hidden. */
export const FLOW_COLUMNS = [
  ['time', 'Last heard'],
  ['protocol', 'Protocol'],
  ['application', 'Application'],
  ['outcome', 'Outcome'],
  ['packets', 'Packets'],
  ['bytes', 'Bytes'],
  ['duration', 'Lasted'],
  ['sensor', 'Sensor'],
  ['communityId', 'Community ID'],
] as const;
export type FlowColumn = (typeof FLOW_COLUMNS)[number][0];

/** Shown when nothing was chosen. */
export const DEFAULT_COLUMNS: readonly FlowColumn[] = [
  'time',
  'protocol',
  'application',
  'outcome',
  'packets',
  'bytes',
  'duration',
];
