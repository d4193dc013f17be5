/** A model that cannot be used; the message names it, what is wrong, and the remedy. The model in use goes on. */
export class ModelError extends Error {
  override readonly name = 'ModelError';

  constructor(id: string, reason: string) {
    super(`model "${id}" is refused: ${reason}`);
  }
}
