import { Capsule, describeType, toList, type Value } from '@ingot/syntax'
import type { ReceiverReference } from '../frame.ts'
import { type Decoding, elementPlace, type ValuePlace } from './decoding.ts'

/**
 * The receivers that an argument lists. In the arguments themselves stands null: the room puts its output there.
 * @param types what the component sends to each of them
 */
export function decodeReceivers(decoding: Decoding, types: readonly string[], value: Value, at: ValuePlace): unknown {
  const list = toList(value)
  if (!list.ok) return decoding.refuse('wrong-type', at, list.reason, 'put it into a list: [ … ]')
  const receivers: ReceiverReference[] = []
  for (const [index, element] of list.value.entries()) {
    const receiver = decodeReceiver(decoding, types, element, elementPlace(at, index))
    if (receiver) receivers.push(receiver)
  }
  decoding.outputs.push({ path: at.path, receivers })
  return null
}

function decodeReceiver(
  decoding: Decoding,
  types: readonly string[],
  value: Value,
  at: ValuePlace,
): ReceiverReference | undefined {
  const wanted = types.join(' or ')
  if (!(value instanceof Capsule) || value.kind !== 'receiver') {
    return decoding.refuse('wrong-type', at, `found ${describeType(value)}, want a receiver of ${wanted}`)
  }
  const receiver = value.data as ReceiverReference
  const accepted: readonly string[] = receiver.types
  const lost = types.filter((type) => !accepted.includes(type))
  if (lost.length === 0) return receiver
  const name = `${receiver.component}.${receiver.port}`
  const message = `Cannot send ${lost.join(' or ')} to ${name}: it takes ${accepted.join(', ')}`
  const advice = `${at.owner} sends ${wanted}: give it a receiver that takes that`
  decoding.report('wrong-port-type', at.expression.span, message, { advice })
  return undefined
}
