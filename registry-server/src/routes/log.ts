import { parseTilePath, signCheckpoint } from '@ingot/trust'
import { z } from 'zod'
import { media, type App } from '../api/zod-routes.ts'
import { tileBytes } from '../log/tile-bytes.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import type { LogStore } from '../storage/meta/log-store.ts'
import { cacheControl } from './cache-control.ts'

const count = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const inclusionQuery = z.strictObject({ leaf: count, size: count.optional() })
const consistencyQuery = z.strictObject({ from: count, to: count.optional() })
const proofQuery = z.object({
  leaf: count.optional(),
  size: count.optional(),
  from: count.optional(),
  to: count.optional(),
})

/** `GET /log/…`: the log as C2SP tlog-tiles; `GET /api/v1/log/proof`: proofs for whoever does not want to make them from tiles. */
export function logRoutes(app: App, registry: Registry): void {
  const { log } = registry.meta
  const { origin, log: key } = registry.keys
  let last: { readonly size: number; readonly text: string } | undefined

  const config = { action: 'registry.read' } as const
  const text = { summary: 'The signed head of the log', response: { 200: media('text/plain') } }
  app.get('/log/checkpoint', { config, schema: text }, async (_request, reply) => {
    const size = await log.size()
    if (last?.size !== size) {
      last = { size, text: signCheckpoint(origin, await log.head(size), key) }
    }
    return reply.header('cache-control', 'no-cache').type('text/plain; charset=utf-8').send(last.text)
  })

  const bytes = {
    summary: 'Hashes or entries of the log (C2SP tlog-tiles)',
    params: z.object({ '*': z.string() }),
    response: { 200: media('application/octet-stream') },
  }
  app.get('/log/tile/*', { config, schema: bytes }, async (request, reply) => {
    const tile = parseTilePath(request.params['*'])
    const bytes = tile && (await tileBytes(log, tile))
    if (!bytes) throw new Problem('not_found', 'Cannot find the tile: the log does not have it')
    return reply
      .header('cache-control', cacheControl.immutable)
      .type('application/octet-stream')
      .send(Buffer.from(bytes))
  })

  const proof = {
    summary: 'Proves that an entry is in the log, or that one log is the beginning of another',
    querystring: proofQuery,
    response: { 200: media('application/json') },
  }
  app.get('/api/v1/log/proof', { config, schema: proof }, async (request, reply) => {
    reply.header('cache-control', cacheControl.proof)
    const size = await log.size()
    const inclusion = inclusionQuery.safeParse(request.query)
    if (inclusion.success) return reply.send(await inclusionProof(registry, inclusion.data, size))
    const consistency = consistencyQuery.safeParse(request.query)
    if (consistency.success) return reply.send(await consistencyProof(registry, consistency.data, size))
    throw new Problem('request_invalid', 'Cannot prove that: want "leaf" and "size", or "from" and "to"')
  })
}

async function inclusionProof({ meta }: Registry, { leaf, size }: z.infer<typeof inclusionQuery>, logSize: number) {
  const of = size ?? logSize
  if (of > logSize || leaf >= of) throw beyond(`leaf ${leaf} in a log of ${of}`, logSize)
  return { index: leaf, ...(await proofText(meta.log, of, await meta.log.inclusion(leaf, of))) }
}

async function consistencyProof({ meta }: Registry, { from, to }: z.infer<typeof consistencyQuery>, logSize: number) {
  const of = to ?? logSize
  if (of > logSize || from > of || from === 0) throw beyond(`a log of ${from} in one of ${of}`, logSize)
  return { from, ...(await proofText(meta.log, of, await meta.log.consistency(from, of))) }
}

async function proofText(log: LogStore, of: number, proof: readonly Uint8Array[]) {
  const { size, root } = await log.head(of)
  return { size, root: base64(root), proof: proof.map(base64) }
}

function base64(hash: Uint8Array): string {
  return Buffer.from(hash).toString('base64')
}

function beyond(wanted: string, logSize: number): Problem {
  return new Problem('request_invalid', `Cannot prove ${wanted}: the log has ${logSize} leaves`)
}
