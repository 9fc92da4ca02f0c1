import { nameLabel, stageAnswer, stageApproval, type StageAnswer } from '@ingot/manifest'
import { z } from 'zod'
import { media, nothing, type App } from '../api/zod-routes.ts'
import { approveStage, rejectStage } from '../publish/decide-stage.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import type { StageRecord } from '../storage/meta/stage-store.ts'
import { cacheControl } from './cache-control.ts'
import { moduleOf, moduleParams } from './module-params.ts'

const stageParams = moduleParams.extend({ id: z.uuid() })

/** Versions that wait for people: what they are, and what people decide about them (registry.md §2.5). */
export function stageRoutes(app: App, registry: Registry): void {
  app.get(
    '/api/v1/scopes/@:scope/stages',
    {
      config: { action: 'stage.read' },
      schema: {
        summary: 'Versions of a scope that wait for people',
        params: z.object({ scope: nameLabel }),
        response: { 200: z.object({ stages: z.array(stageAnswer) }) },
      },
    },
    async (request, reply) => {
      const stages = await registry.meta.stages.open(`@${request.params.scope}`)
      return reply.header('cache-control', cacheControl.events).send({ stages: stages.map(shown) })
    },
  )
  const path = '/api/v1/modules/@:scope/:name/stages/:id'
  app.get(
    path,
    {
      config: { action: 'stage.read' },
      schema: { summary: 'A version that waits for people', params: stageParams, response: { 200: stageAnswer } },
    },
    async (request, reply) => {
      const stage = await registry.meta.stages.find(request.params.id)
      if (stage?.module !== moduleOf(request.params)) throw new Problem('not_found', 'Cannot find the stage')
      return reply.header('cache-control', cacheControl.events).send(shown(stage))
    },
  )
  app.post(
    `${path}/approve`,
    {
      config: { action: 'stage.decide' },
      schema: {
        summary: 'Approves a version that waits; with enough approvals it is published',
        params: stageParams,
        body: z.strictObject({ sha512: z.string().regex(/^[0-9a-f]{128}$/) }),
        response: { 201: media('application/json'), 202: stageApproval },
      },
    },
    async (request, reply) => {
      const { principal, ip } = request
      const { sha512 } = request.body
      const decision = { module: moduleOf(request.params), id: request.params.id, sha512, principal, ip }
      const result = await approveStage(registry, decision)
      if (result.published) return reply.code(201).type('application/json').send(result.bundle)
      return reply.code(202).send({ approvals: result.approvals, wanted: result.wanted })
    },
  )
  app.delete(
    path,
    {
      config: { action: 'stage.decide' },
      schema: { summary: 'Rejects a version that waits', params: stageParams, response: { 204: nothing } },
    },
    async (request, reply) => {
      const { principal, ip } = request
      await rejectStage(registry, { module: moduleOf(request.params), id: request.params.id, principal, ip })
      return reply.code(204).send()
    },
  )
}

function shown({ publisher: _, userId: __, approvals, ...stage }: StageRecord): StageAnswer {
  return {
    ...stage,
    reasons: [...stage.reasons],
    approvals: approvals.map(({ user, method, at }) => ({ user, method, at })),
  }
}
