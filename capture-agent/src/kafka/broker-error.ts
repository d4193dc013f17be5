/** The broker cannot be used; the message says which, why and the remedy. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
}

/** As much of kafkajs's errors as is looked at. */
interface ClientError {
  readonly name: string;
  readonly message: string;
  readonly type?: string;
  readonly cause?: unknown;
}

/** Error types of the protocol (https://kafka.apache.org/protocol#protocol_error_codes) that no retry cures. */
const REFUSALS = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
]);

/** Why the broker will never take a message, such as `MESSAGE_TOO_LARGE`; undefined where a retry may help. */
export function refusalIn(error: unknown): string | undefined {
  return chainOf(error).find(({ type }) => type !== undefined && REFUSALS.has(type))?.type;
}

/** What went wrong with `brokers`, in words, with the remedy. */
export function describeBrokerError(error: unknown, brokers: readonly string[]): BrokerError {
  const where = brokers.join(', ');
  const chain = chainOf(error);
  const reason = chain.at(-1)?.message ?? String(error);
  const has = (pattern: RegExp) => chain.some(({ name, message, type }) => pattern.test(`${name} ${type} ${message}`));
  if (has(/SASLAuthentication|SASL_AUTHENTICATION/))
    return new BrokerError(`Kafka at ${where} refused the login: ${reason}. Check the KAFKA_SASL_* settings.`);
  if (has(/AUTHORIZATION_FAILED/))
    return new BrokerError(`Kafka at ${where} does not allow this: ${reason}. Give the user rights on the topic.`);
  if (has(/UNKNOWN_TOPIC_OR_PARTITION|TopicMetadataNotLoaded/))
    return new BrokerError(`Kafka at ${where} has no such topic. Make the topics with "weir topics --kafka ${where}".`);
  if (has(/certificate|self.signed|SSL|TLS|EPROTO/i))
    return new BrokerError(`no secure connection to Kafka at ${where}: ${reason}. Check the KAFKA_TLS_* settings.`);
  if (has(/ConnectionError|ConnectionClosed|ECONN|ENOTFOUND|EAI_AGAIN|timed? ?out|BrokerNotFound/i))
    return new BrokerError(`cannot reach Kafka at ${where}: ${reason}. Check the address and that it runs.`);
  return new BrokerError(`Kafka at ${where}: ${reason}`);
}

/** The error and what caused it, outermost first. */
function chainOf(error: unknown): ClientError[] {
  const chain: ClientError[] = [];
  for (let at = error; at instanceof Error && chain.length < 8; at = at.cause) chain.push(at as ClientError);
  return chain;
}
