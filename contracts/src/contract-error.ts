/**
 * A message that breaks its contract. The text says what is wrong, which value, and the remedy. Repeating the same
 * message cannot cure it: count it and put it aside.
 */
export class ContractError extends Error {
  override readonly name = 'ContractError';
}
