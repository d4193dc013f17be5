import { STATEFUN_STATE, StatefunEgress, StatefunFunction, StatefunType } from '@weir/contracts';
import { type Context, kafkaEgressMessage, messageBuilder, StateFun, type Type } from 'apache-flink-statefun';
import { describe, expect, it } from 'vitest';
import { LoopbackCluster, writeCall } from './loopback.js';
import { Outgoing, writeMissingValues, writeReply } from './reply.js';
import { FromFunction } from './sdk-messages.js';

/**
 * What Weir takes for granted of the SDK, and why it does without its dispatcher. A release that changes any of it fails here.
 */

const TARGET = { type: StatefunFunction.flow, id: 'office/0' };
const bytesType = (name: string) =>
  StateFun.customType<Buffer>(
    name,
    (value) => value,
    (bytes) => bytes,
  );
const STATE_TYPE = bytesType(StatefunType.state);
const BATCH_TYPE = bytesType(StatefunType.hostBatch);

/** The SDK's own answer to a request, and its HTTP status. */
async function sdkAnswer(fn: (context: Context) => void, request: Uint8Array, type = STATE_TYPE as never) {
  const sdk = new StateFun();
  sdk.bind({ typename: TARGET.type, specs: [{ name: STATEFUN_STATE, type }], fn });
  let status = 0;
  let body: Uint8Array = new Uint8Array();
  const response = {
    writeHead: (code: number) => {
      status = code;
    },
    end: (bytes: Uint8Array = body) => {
      body = bytes;
    },
  };
  await sdk.handle([Buffer.from(request)], response);
  return { status, body: Buffer.from(body) };
}

const oneMessage = [{ type: StatefunType.packetBatch, bytes: Uint8Array.of(1) }];
const call = (state: Uint8Array | null | undefined, messages = oneMessage) =>
  writeCall(TARGET, state === undefined ? undefined : new Map([[STATEFUN_STATE, state]]), messages);

describe('the answers of the SDK and ours', () => {
  it('are the same bytes for state, messages, delayed messages and records', async () => {
    const state = Buffer.from([1, 2, 3]);
    const batch = Buffer.from([4, 5]);
    const { status, body } = await sdkAnswer((context) => {
      context.storage.state = state;
      context.send(messageBuilder({ typename: StatefunFunction.host, id: '3', value: batch, valueType: BATCH_TYPE }));
      context.send(
        kafkaEgressMessage({ typename: StatefunEgress.out, topic: 'network_flows', key: 'office', value: 'é' }),
      );
      context.send(kafkaEgressMessage({ typename: StatefunEgress.out, topic: 'dead_letters', value: '{}' }));
      context.sendAfter(
        5000,
        messageBuilder({ typename: StatefunFunction.flow, id: 'office/0', value: batch, valueType: BATCH_TYPE }),
      );
    }, call(null));
    expect(status).toBe(200);
    const outgoing = new Outgoing();
    const target = { type: StatefunFunction.host, id: '3' };
    outgoing.send({ target, type: StatefunType.hostBatch, bytes: batch });
    outgoing.sendAfter(5000, { target: TARGET, type: StatefunType.hostBatch, bytes: batch });
    outgoing.lines('network_flows', 'office', Buffer.from('é'));
    outgoing.record('dead_letters', '', {});
    expect(Buffer.from(writeReply([{ name: STATEFUN_STATE, bytes: state }], outgoing)).equals(body)).toBe(true);
  });

  it('are the same bytes where Flink does not know of the state', async () => {
    const { body } = await sdkAnswer(() => undefined, call(undefined));
    expect(Buffer.from(writeMissingValues([STATEFUN_STATE])).equals(body)).toBe(true);
  });

  it('are read by the loopback as by Flink', async () => {
    const outgoing = new Outgoing();
    outgoing.record('sensor_health', 'office', { a: 1 });
    const cluster = new LoopbackCluster(() => writeReply([], outgoing), {
      messagesPerCall: 1,
      lostAnswers: 0,
      random: () => 0,
    });
    cluster.put(TARGET, 'x', Uint8Array.of());
    await cluster.settle();
    expect(cluster.records).toEqual([{ topic: 'sensor_health', key: 'office', value: '{"a":1}' }]);
  });
});

describe('traps of the SDK', () => {
  const mutations = (body: Uint8Array) =>
    FromFunction.deserializeBinary(body).getInvocationResult()!.getStateMutationsList();
  const json = StateFun.jsonType<{ count: number }>(StatefunType.state) as never;
  const state = Buffer.from('{"count":1}');

  it('a value changed in place is lost without a word', async () => {
    const { status, body } = await sdkAnswer(({ storage }) => void storage.state.count++, call(state), json);
    expect(status).toBe(200);
    expect(mutations(body)).toHaveLength(0);
  });

  it('each read of a value parses it again', async () => {
    let parses = 0;
    const counted = StateFun.customType<Buffer>(
      StatefunType.state,
      (value) => value,
      (bytes) => {
        parses++;
        return bytes;
      },
    ) as never;
    const messages = [...oneMessage, ...oneMessage];
    await sdkAnswer((context) => void [context.storage.state, context.storage.state], call(state, messages), counted);
    expect(parses).toBe(4);
  });

  it('an exception is status 500 with nothing said', async () => {
    const throwing = () => {
      throw new Error('a message nobody sees');
    };
    expect(await sdkAnswer(throwing, call(null))).toEqual({ status: 500, body: Buffer.alloc(0) });
  });

  it.each(['state2', 'hostState', 'a-b'])('"%s" is no name for a state', (name) => {
    const bind = () =>
      new StateFun().bind({ typename: TARGET.type, fn: () => undefined, specs: [{ name, type: STATE_TYPE }] });
    expect(bind).toThrow('a name can only contain');
    expect(/^[_a-z]+$/.test(STATEFUN_STATE)).toBe(true);
  });

  it('an int has 32 bits and a float single precision', async () => {
    const keep = (type: Numeric, value: number) => {
      const assign = ({ storage }: Context) => {
        storage.state = value;
      };
      return sdkAnswer(assign, call(null), type as never);
    };
    const kept = async (type: Numeric, value: number) => {
      const { body } = await keep(type, value);
      return type.deserialize(Buffer.from(mutations(body)[0]!.getStateValue().getValue_asU8()));
    };
    expect(await kept(StateFun.intType(), 2 ** 31 - 1)).toBe(2 ** 31 - 1);
    expect(await kept(StateFun.floatType(), 0.1)).toBe(Math.fround(0.1));
    expect((await keep(StateFun.intType(), 2 ** 31)).status).toBe(500);
  });
});

type Numeric = Type<number>;
