import { proofDescription, type ProofDescription } from '@ingot/manifest'
import { z } from 'zod'
import { nothing, type App } from '../../api/zod-routes.ts'
import { takeLimit } from '../../limits/limits.ts'
import { Problem } from '../../problem.ts'
import { canonicalValue, instruction } from '../../proofs/claim.ts'
import type { Registry } from '../../registry.ts'
import type { ProofRecord } from '../../storage/meta/proof-store.ts'
import { scopeParams } from '../module-params.ts'
import { scopeAuthor } from './scope-author.ts'

const proofParams = scopeParams.extend({ id: z.uuid() })

/** What proves who stands behind a scope (registry.md §2.7): a record of a domain, a file of a repository. */
export function proofRoutes(app: App, registry: Registry): void {
  const { proofs } = registry.meta
  const path = '/api/v1/scopes/@:scope/proofs'
  const config = { action: 'scope.prove' } as const

  const list = {
    summary: 'What is claimed of a scope, and what proves it',
    params: scopeParams,
    response: { 200: z.object({ proofs: z.array(proofDescription) }) },
  }
  app.get(path, { config, schema: list }, async ({ params }) => ({
    proofs: (await proofs.ofScope(`@${params.scope}`)).map(describe),
  }))

  const claim = {
    summary: 'Claims a domain or a repository, and tells what to put there',
    params: scopeParams,
    body: z.strictObject({ kind: z.enum(['dns', 'repository']), value: z.string().min(1).max(500) }),
    response: { 201: proofDescription },
  }
  app.post(path, { config, schema: claim }, async (request, reply) => {
    const { kind, value } = request.body
    const scope = `@${request.params.scope}`
    const made = await proofs.claim(scope, kind, canonicalValue(kind, value), scopeAuthor(registry, request))
    if (!made) throw new Problem('quota', `Cannot prove more of ${scope}: it has as many proofs as it may have`)
    return reply.code(201).send(describe(made))
  })

  const check = { summary: 'Looks for it now', params: proofParams, response: { 200: proofDescription } }
  app.post(`${path}/:id/check`, { config, schema: check }, async (request, reply) => {
    const { scope, id } = request.params
    const proof = await proofs.find(`@${scope}`, id)
    if (!proof) throw missing()
    await takeLimit(registry, 'change', request.principal, reply)
    const checked = await registry.proofs.check(proof, scopeAuthor(registry, request))
    if (!checked) throw missing()
    return reply.send(describe(checked))
  })

  const remove = { summary: 'Claims it no longer', params: proofParams, response: { 204: nothing } }
  app.delete(`${path}/:id`, { config, schema: remove }, async (request, reply) => {
    const { scope, id } = request.params
    if (!(await proofs.remove(`@${scope}`, id, scopeAuthor(registry, request)))) throw missing()
    return reply.code(204).send()
  })
}

function describe(proof: ProofRecord): ProofDescription {
  const { scope: _, challenge: __, ...shown } = proof
  return { ...shown, ...instruction(proof) }
}

function missing(): Problem {
  return new Problem('not_found', 'Cannot find the proof')
}
