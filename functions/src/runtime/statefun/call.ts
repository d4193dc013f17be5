import { STATEFUN_STATE } from '@weir/contracts';
import { type SdkAddress, ToFunction } from './sdk-messages.js';

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
}

/** What Flink asks for in one request: the messages for one address, in order, with its state. */
export interface FunctionCall {
  readonly target: FunctionAddress;
  /** False until Flink has been told that the function has a state. */
  readonly knowsState: boolean;
  /** The state as last returned, in the memory of the request; undefined for a new address. */
  readonly state: Uint8Array | undefined;
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
  const persisted = batch.getStateList().find((value) => value.getStateName() === STATEFUN_STATE);
  const state = persisted?.getStateValue();
  return {
    target: addressOf(target),
    knowsState: persisted !== undefined,
    state: state?.getHasValue() ? state.getValue_asU8() : undefined,
    invocations: batch.getInvocationsList().map((invocation) => {
      const argument = invocation.getArgument();
      const bytes = argument?.getHasValue() ? argument.getValue_asU8() : undefined;
      return { type: argument?.getTypename() ?? '', bytes };
    }),
  };
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
