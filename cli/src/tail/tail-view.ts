/** Shows the records of one topic as they come. */
export interface TailView {
  /** Shows one record; true when that said something new. Throws a ContractError for a record that is not valid. */
  take(record: string): boolean;
  /** Shows what can be shown only at the end. */
  finish(): void;
}

/** How a topic is to be shown. */
export interface ViewOptions {
  readonly isJson: boolean;
  /** The view is read to its end rather than followed. */
  readonly endsWhenQuiet: boolean;
  readonly print: (text: string) => void;
}
