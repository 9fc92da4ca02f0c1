import type ivm from 'isolated-vm'
import { fromRunner } from '../protocol/frame.ts'
import type { LostMessage, RoomLimits } from '../protocol/messages.ts'
import type { FrameSink } from './host-calls.ts'

export interface LossContext {
  readonly spent: { readonly wallMs: number; readonly cpuMs: number }
  readonly isolate: ivm.Isolate
  readonly limits: RoomLimits | undefined
  readonly sink: FrameSink
}

/** Whether an error that a turn let out means that its isolate is lost; one of the component itself is logged. */
export function lossOf(what: 'load' | 'turn', error: unknown, context: LossContext): LostMessage | undefined {
  const { spent, isolate, limits, sink } = context
  const text = textOf(error)
  if (/timed out/i.test(text)) return { reason: 'timeout', ...spent }
  if (/memory limit|out of memory|allocation failed/i.test(text) || isolate.isDisposed) {
    return { reason: /disposed/i.test(text) && !/memory/i.test(text) ? 'disposed' : 'memory', ...spent }
  }
  const cut = text.slice(0, limits?.errorTextBytesMax ?? 0)
  if (what === 'load') return { reason: 'load', error: cut, ...spent }
  // A rejection that nobody handles surfaces here: the component's own affair, and its batch is settled elsewhere.
  sink.queue(
    { kind: fromRunner.log },
    Buffer.from(JSON.stringify({ level: 'error', message: `unhandled error in the component: ${cut}` })),
  )
  return undefined
}

/** A module's error that crossed over as a copy; its properties may be anything. */
function textOf(error: unknown): string {
  const message = (error as { readonly message?: unknown } | null)?.message
  return typeof message === 'string' ? message : typeof error === 'string' ? error : 'an error without a message'
}
