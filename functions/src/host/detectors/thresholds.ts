/** A threshold that differs by window. */
export interface PerWindow {
  in10s: number;
  in60s: number;
  in300s: number;
}

/** The threshold for a window, by index into WINDOW_LENGTHS_S. */
export function thresholdOf(threshold: PerWindow, window: number): number {
  return window === 0 ? threshold.in10s : window === 1 ? threshold.in60s : threshold.in300s;
}
