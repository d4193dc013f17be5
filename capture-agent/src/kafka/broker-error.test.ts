import { describe, expect, it } from 'vitest';
import { describeBrokerError, refusalIn } from './broker-error.js';

/** An error as the client throws it: its own kind around the cause. */
function clientError(name: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { name, ...more });
}

describe('describeBrokerError', () => {
  it.each([
    [clientError('KafkaJSConnectionError', 'connect ECONNREFUSED'), 'cannot reach Kafka at kafka:9092'],
    [clientError('KafkaJSSASLAuthenticationError', 'SASL PLAIN authentication failed'), 'refused the login'],
    [clientError('KafkaJSProtocolError', 'not allowed', { type: 'TOPIC_AUTHORIZATION_FAILED' }), 'does not allow this'],
    [clientError('KafkaJSProtocolError', 'unknown', { type: 'UNKNOWN_TOPIC_OR_PARTITION' }), 'weir topics'],
    [clientError('Error', 'self-signed certificate in certificate chain'), 'KAFKA_TLS_*'],
    [clientError('Error', 'something else'), 'Kafka at kafka:9092: something else'],
  ])('tells %s with the remedy', (error, words) => {
    const wrapped = clientError('KafkaJSNonRetriableError', 'gave up', { cause: error });
    expect(describeBrokerError(wrapped, ['kafka:9092']).message).toContain(words);
  });
});

describe('refusalIn', () => {
  it('tells what no retry cures from what one may', () => {
    const tooLarge = clientError('KafkaJSProtocolError', 'too large', { type: 'MESSAGE_TOO_LARGE' });
    expect(refusalIn(clientError('KafkaJSNonRetriableError', 'gave up', { cause: tooLarge }))).toBe(
      'MESSAGE_TOO_LARGE',
    );
    expect(refusalIn(clientError('KafkaJSProtocolError', 'x', { type: 'NOT_LEADER_FOR_PARTITION' }))).toBeUndefined();
    expect(refusalIn(clientError('KafkaJSConnectionError', 'connect ECONNREFUSED'))).toBeUndefined();
  });
});
