import { createHash } from 'node:crypto'
import { moduleName, moduleVersion, nameLabel, scopeOf } from '@ingot/manifest'
import { canonicalJson, indexPayloadType, signEnvelope, type DsseEnvelope } from '@ingot/trust'
import { z } from 'zod'
import { anonymous, authorOf } from '../access/principal.ts'
import { mayRead } from '../access/authorize.ts'
import { media, type App } from '../api/zod-routes.ts'
import { reasonText } from '../log/lifecycle-leaf.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import type { AdvisoryRecord } from '../storage/meta/advisory-store.ts'
import { cacheControl } from './cache-control.ts'
import { moduleOf, moduleParams } from './module-params.ts'

/** As indexes are: a client may believe for a day that it has seen all there is. */
const signatureMs = 24 * 3_600_000
const detailsCharactersMax = 10_000
const affectedMax = 50
const eventsMax = 20

const scopeParams = z.object({ scope: nameLabel })
const affected = z.strictObject({
  module: moduleName,
  /** From which version on it is affected (`0`: from the first), and which one mends it. */
  events: z
    .array(
      z.union([
        z.strictObject({ introduced: z.union([z.literal('0'), moduleVersion]) }),
        z.strictObject({ fixed: moduleVersion }),
        z.strictObject({ last_affected: moduleVersion }),
      ]),
    )
    .min(1)
    .max(eventsMax),
})
const advisoryBody = z.strictObject({
  summary: reasonText,
  details: z.string().max(detailsCharactersMax).optional(),
  affected: z.array(affected).min(1).max(affectedMax),
})
const record = z.looseObject({ id: z.string() })

/** `GET /advisories/…`: what is known about modules that do harm (OSV), signed as indexes are; and how it is told. */
export function advisoryRoutes(app: App, registry: Registry): void {
  const all = {
    summary: 'Every advisory as an OSV record, one a line',
    response: { 200: media('application/x-ndjson') },
  }
  app.get('/advisories/all.ndjson', { config: { action: 'registry.read' }, schema: all }, async (_request, reply) =>
    reply
      .header('cache-control', cacheControl.index)
      .type('application/x-ndjson')
      .send(await allText(registry)),
  )
  const sig = { summary: 'The signature of the list, valid for a day', response: { 200: media('application/json') } }
  app.get('/advisories/all.sig', { config: { action: 'registry.read' }, schema: sig }, async (_request, reply) =>
    reply
      .header('cache-control', cacheControl.index)
      .send(await sign(registry, '/advisories/all.ndjson', await allText(registry), registry.clock())),
  )
  const one = {
    summary: 'Advisories about a module',
    params: moduleParams,
    response: { 200: z.object({ advisories: z.array(record) }) },
  }
  app.get(
    '/advisories/@:scope/:name.json',
    { config: { action: 'module.read' }, schema: one },
    async (request, reply) => {
      const found = await registry.meta.advisories.list({ module: moduleOf(request.params) })
      return reply.header('cache-control', cacheControl.index).send({ advisories: found.map((row) => row.record) })
    },
  )

  const config = { action: 'advisory.write' } as const
  app.post(
    '/api/v1/scopes/@:scope/advisories',
    {
      config,
      schema: { summary: 'Warns of versions', params: scopeParams, body: advisoryBody, response: { 201: record } },
    },
    async (request, reply) => {
      const scope = `@${request.params.scope}`
      const now = registry.clock().toISOString()
      const body = wantOwn(scope, request.body)
      const written = await registry.meta.advisories.write(scope, told(request, registry, now), (_found, number) => ({
        schema_version: '1.7.0',
        id: `INGOT-${now.slice(0, 4)}-${number}`,
        published: now,
        modified: now,
        ...content(body),
      }))
      return reply.code(201).send(written)
    },
  )
  const params = scopeParams.extend({ id: z.string().max(100) })
  app.put(
    '/api/v1/scopes/@:scope/advisories/:id',
    { config, schema: { summary: 'Changes an advisory', params, body: advisoryBody, response: { 200: record } } },
    async (request, reply) => {
      const scope = `@${request.params.scope}`
      const now = registry.clock().toISOString()
      const body = wantOwn(scope, request.body)
      const change = (found?: AdvisoryRecord): AdvisoryRecord => {
        const { schema_version, id, published } = found!
        return { schema_version, id, published, modified: now, ...content(body) }
      }
      return reply.send(
        await registry.meta.advisories.write(scope, told(request, registry, now), change, request.params.id),
      )
    },
  )
  app.delete(
    '/api/v1/scopes/@:scope/advisories/:id',
    { config, schema: { summary: 'Withdraws an advisory', params, response: { 200: record } } },
    async (request, reply) => {
      const scope = `@${request.params.scope}`
      const now = registry.clock().toISOString()
      const withdraw = (found?: AdvisoryRecord): AdvisoryRecord => ({ ...found!, modified: now, withdrawn: now })
      return reply.send(
        await registry.meta.advisories.write(scope, told(request, registry, now), withdraw, request.params.id),
      )
    },
  )
}

function told(
  { principal, ip }: { principal: Parameters<typeof authorOf>[0]; ip: string },
  { url }: Registry,
  at: string,
) {
  return { author: authorOf(principal, ip), registry: url, at }
}

/** @throws Problem for modules of others. */
function wantOwn(scope: string, body: z.infer<typeof advisoryBody>): z.infer<typeof advisoryBody> {
  const other = body.affected.find(({ module }) => scopeOf(module) !== scope)
  if (!other) return body
  throw new Problem('request_invalid', `Cannot warn of "${other.module}": want modules of ${scope}`)
}

function content({ summary, details, affected: modules }: z.infer<typeof advisoryBody>) {
  return {
    summary,
    ...(details === undefined ? {} : { details }),
    affected: modules.map(({ module, events }) => ({
      package: { ecosystem: 'Ingot', name: module },
      ranges: [{ type: 'SEMVER', events: events.map((event) => ({ ...event })) }],
    })),
  }
}

/** What everyone may know. */
async function allText({ meta }: Registry): Promise<string> {
  const open = new Map<string, boolean>()
  const lines: string[] = []
  for (const { scope, record: advisory } of await meta.advisories.list()) {
    if (!open.has(scope)) open.set(scope, await mayRead(meta.scopes, anonymous, { scope }))
    if (open.get(scope)) lines.push(`${JSON.stringify(advisory)}\n`)
  }
  return lines.join('')
}

async function sign({ meta, keys }: Registry, path: string, text: string, now: Date): Promise<DsseEnvelope> {
  const statement = {
    path,
    sha256: createHash('sha256').update(text).digest('hex'),
    size: Buffer.byteLength(text),
    logSize: await meta.log.size(),
    issuedAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + signatureMs).toISOString(),
  }
  return signEnvelope(indexPayloadType, Buffer.from(canonicalJson(statement)), [keys.index])
}
