import type { FastifyReply, FastifyRequest } from 'fastify'
import { RecordingError } from '../control/recordings.ts'
import type { CollectorView } from './view.ts'

/** Longer recordings are full before. */
const durationMsMax = 3_600_000
const durationMsDefault = 30_000
const batchesMax = 1_000_000

export interface RecordingQuery {
  readonly duration_ms?: string
  readonly batches?: string
}

/**
 * `POST …/recordings/<component id>`: starts the component anew and streams what it is told and says. A recording holds
 * telemetry as it is, so only who is on the collector's own machine gets one: no proxy's clients, and no page that a
 * browser there shows.
 */
export async function answerRecording(
  view: CollectorView,
  request: FastifyRequest<{ Params: { '*': string }; Querystring: RecordingQuery }>,
  reply: FastifyReply,
): Promise<unknown> {
  if (!isLocal(request))
    return reply.code(403).send('Cannot record: want a request from the machine that the collector runs on\n')
  const durationMs = numberIn(request.query.duration_ms, durationMsDefault, durationMsMax)
  const batches = numberIn(request.query.batches, batchesMax, batchesMax)
  if (durationMs === undefined || batches === undefined)
    return reply
      .code(400)
      .send(`Cannot record: want duration_ms from 1 to ${durationMsMax} and batches from 1 to ${batchesMax}\n`)
  try {
    const recording = await view.record(request.params['*'], { durationMs, batches })
    return await reply.type('application/octet-stream').send(recording)
  } catch (error) {
    if (error instanceof RecordingError) return reply.code(error.status).send(`${error.message}\n`)
    throw error
  }
}

function isLocal({ raw, headers }: FastifyRequest): boolean {
  const from = raw.socket.remoteAddress ?? ''
  const loopback = /^(?:::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/.test(from)
  return loopback && !['origin', 'forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => name in headers)
}

/** `undefined` for what is no whole number between 1 and `max`. */
function numberIn(text: string | undefined, otherwise: number, max: number): number | undefined {
  if (text === undefined) return otherwise
  const value = Number(text)
  return Number.isInteger(value) && value >= 1 && value <= max ? value : undefined
}
