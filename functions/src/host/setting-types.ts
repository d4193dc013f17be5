import { Type } from '@sinclair/typebox';

/** A whole number from 1 on. */
export const whole = (value: number, unit: string, description: string, maximum = 1e9) =>
  Type.Integer({ default: value, minimum: 1, maximum, unit, description });

/** A number in [0, 1]. */
export const share = (value: number, description: string) =>
  Type.Number({ default: value, minimum: 0, maximum: 1, unit: 'share', description });

/** Thresholds that grow with the window: for 10 s, 60 s and 300 s. */
export const perWindow = (values: readonly [number, number, number], unit: string, description: string) =>
  Type.Object(
    {
      in10s: whole(values[0], unit, 'In ten seconds'),
      in60s: whole(values[1], unit, 'In a minute'),
      in300s: whole(values[2], unit, 'In five minutes'),
    },
    { default: {}, description, additionalProperties: false },
  );

/** Settings that belong together; each has its default, and none may be unknown. */
export const section = <P extends Parameters<typeof Type.Object>[0]>(properties: P, description: string) =>
  Type.Object(properties, { default: {}, description, additionalProperties: false });
