import { STATEFUN_JOURNAL, STATEFUN_STATE } from '@weir/contracts';
import { type RecordPlace, withoutPlace } from './record-place.js';
import { type SdkAddress, type SdkInvocation, ToFunction } from './sdk-messages.js';

/** Who is called: a function type such as `weir/flow`, and an id. */
export interface FunctionAddress {
  readonly type: string;
  readonly id: string;
}

/** One message to a function. */
export interface Invocation {
  /** Type of the message, such as `weir/packet-batch`. */
  readonly type: string;
  /** Lies in the memory of the request. Undefined for a message without a value. */
  readonly bytes: Uint8Array | undefined;
  /** Of a message that is a record of a topic. */
  readonly place?: RecordPlace;
}

/** What Flink asks for in one request: the messages for one address, in order, with its state. */
export interface FunctionCall {
  readonly target: FunctionAddress;
  /** Names of the values that Flink has not been told of yet. */
  readonly unknownValues: readonly string[];
  /** The state as it was written last, in the memory of the request; undefined for a new address. */
  readonly state: Uint8Array | undefined;
  /** What each call since then has added to the journal, in order. */
  readonly journal: readonly Uint8Array[];
  readonly invocations: readonly Invocation[];
}

/** A request that is no call of a function. */
export class MalformedCall extends Error {
  override readonly name = 'MalformedCall';
}

/** The call in the body of a request. Throws a MalformedCall when there is none. */
export function readCall(body: Uint8Array): FunctionCall {
  const batch = parse(body).getInvocation();
  const target = batch?.getTarget();
  if (!batch || !target)
    throw new MalformedCall('the request calls no function. POST a ToFunction message with a target.');
  const values = new Map(batch.getStateList().map((value) => [value.getStateName(), value.getStateValue()]));
  const bytesOf = (name: string) => {
    const value = values.get(name);
    return value?.getHasValue() ? value.getValue_asU8() : undefined;
  };
  return {
    target: addressOf(target),
    unknownValues: [STATEFUN_STATE, ...STATEFUN_JOURNAL].filter((name) => !values.has(name)),
    state: bytesOf(STATEFUN_STATE),
    journal: STATEFUN_JOURNAL.map(bytesOf).filter((bytes) => bytes !== undefined),
    invocations: batch.getInvocationsList().map(invocationOf),
  };
}

function invocationOf(invocation: SdkInvocation): Invocation {
  const argument = invocation.getArgument();
  const type = argument?.getTypename() ?? '';
  if (!argument?.getHasValue()) return { type, bytes: undefined };
  const { bytes, place } = withoutPlace(argument.getValue_asU8());
  return place ? { type, bytes, place } : { type, bytes };
}

function parse(body: Uint8Array) {
  try {
    return ToFunction.deserializeBinary(body);
  } catch (error) {
    throw new MalformedCall(`the request is no ToFunction message: ${(error as Error).message}`);
  }
}

function addressOf(address: SdkAddress): FunctionAddress {
  return { type: `${address.getNamespace()}/${address.getType()}`, id: address.getId() };
}
