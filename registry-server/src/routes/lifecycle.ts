import { moduleName, moduleTag, moduleVersion } from '@ingot/manifest'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ActionName } from '../access/actions.ts'
import { authorOf, userOf } from '../access/principal.ts'
import type { App } from '../api/zod-routes.ts'
import { applyChange, type ChangeResult } from '../lifecycle/apply-change.ts'
import { wantDeletable } from '../lifecycle/want-deletable.ts'
import { takeLimit } from '../limits/limits.ts'
import { reasonText, type LifecycleChange } from '../log/lifecycle-leaf.ts'
import type { Registry } from '../registry.ts'
import { moduleOf, moduleParams, versionParams } from './module-params.ts'

/** Of owners who want a quarantine, or its end; where a scope has fewer, all of them. */
const ownersWanted = 2
/** Bytes that are gone do not come back. */
const tombstonePeople = 2

const reasonBody = z.strictObject({ reason: reasonText })
const deprecateBody = z.strictObject({
  /** `null`: it is not deprecated any more. */
  reason: reasonText.nullable(),
  successor: z.union([moduleName, moduleVersion]).nullable().default(null),
})
const tagParams = moduleParams.extend({ tag: moduleTag })
const tagBody = z.strictObject({ version: moduleVersion })

const answer = z.object({
  /** False: it was so already, or more people must want it. */
  changed: z.boolean(),
  /** Where the event is in the log. */
  log: z.int().optional(),
  waiting: z.object({ agreed: z.array(z.string()), wanted: z.int() }).optional(),
})
const response = { 200: answer, 202: answer }

type Params = z.infer<typeof versionParams>
type Change = (
  about: { module: string; version: string },
  reason: string,
  authority: 'staff' | 'owners',
) => LifecycleChange

/** `POST /api/v1/modules/@s/n/versions/<v>/yank` and what else happens to a version after its publish (registry.md §2.6). */
export function lifecycleRoutes(app: App, registry: Registry): void {
  const run = async (
    request: FastifyRequest,
    reply: FastifyReply,
    change: LifecycleChange,
    people = 1,
  ): Promise<ChangeResult> => {
    await takeLimit(registry, 'change', request.principal, reply)
    const author = authorOf(request.principal, request.ip)
    return applyChange(registry, change, author, { people, staff: isStaff(request) })
  }

  const reasoned = (
    verb: LifecycleChange['type'],
    {
      summary,
      action,
      change,
      people,
    }: {
      summary: string
      action: ActionName
      change: Change
      people?: (request: FastifyRequest) => Promise<number>
    },
  ): void => {
    const schema = { summary, params: versionParams, body: reasonBody, response }
    app.post(
      `/api/v1/modules/@:scope/:name/versions/:version/${verb}`,
      { config: { action }, schema },
      async (request, reply) => {
        const params: Params = request.params
        const about = { module: moduleOf(params), version: params.version }
        const authority = isStaff(request) ? 'staff' : 'owners'
        const result = await run(request, reply, change(about, request.body.reason, authority), await people?.(request))
        return reply.code(result.waiting ? 202 : 200).send(result)
      },
    )
  }

  /** Staff decides alone; owners together. */
  const people = async (request: FastifyRequest): Promise<number> => {
    if (isStaff(request)) return 1
    const { scope } = request.params as Params
    const members = await registry.meta.scopes.members(`@${scope}`)
    const owners = members.filter(({ role, acceptedAt }) => role === 'owner' && acceptedAt !== null)
    return Math.min(ownersWanted, Math.max(1, owners.length))
  }
  reasoned('yank', {
    summary: 'Hides a version from new resolution; who has pinned it still gets it',
    action: 'version.yank',
    change: (about, reason) => ({ type: 'yank', ...about, reason }),
  })
  reasoned('unyank', {
    summary: 'Takes a yank back',
    action: 'version.yank',
    change: (about, reason) => ({ type: 'unyank', ...about, reason }),
  })
  reasoned('quarantine', {
    summary: 'Hands a version out to nobody who does not insist: staff at once, owners of the scope together',
    action: 'version.quarantine',
    change: (about, reason, authority) => ({ type: 'quarantine', ...about, reason, authority }),
    people,
  })
  reasoned('release', {
    summary: 'Ends a quarantine: staff, or owners together if it was theirs',
    action: 'version.quarantine',
    change: (about, reason) => ({ type: 'release', ...about, reason }),
    people,
  })
  reasoned('tombstone', {
    summary:
      'Removes the bytes of a version for good, once two of staff want it; its digest and its place in the log stay',
    action: 'version.tombstone',
    change: (about, reason) => ({ type: 'tombstone', ...about, reason }),
    people: async () => tombstonePeople,
  })

  app.delete(
    '/api/v1/modules/@:scope/:name/versions/:version',
    {
      config: { action: 'version.delete' },
      schema: {
        summary: 'Deletes a version that is young, hardly used and not wanted by any other module',
        params: versionParams,
        response,
      },
    },
    async (request, reply) => {
      const about = { module: moduleOf(request.params), version: request.params.version }
      await wantDeletable(registry, about, registry.clock())
      return reply.send(
        await run(request, reply, { type: 'tombstone', ...about, reason: 'deleted by an owner of its scope' }),
      )
    },
  )

  const deprecate = async (
    request: FastifyRequest,
    reply: FastifyReply,
    module: string,
    version: string | null,
  ): Promise<ChangeResult> => {
    const { reason, successor } = request.body as z.infer<typeof deprecateBody>
    return run(request, reply, { type: 'deprecate', module, version, message: reason, successor })
  }
  app.post(
    '/api/v1/modules/@:scope/:name/versions/:version/deprecate',
    {
      config: { action: 'version.yank' },
      schema: {
        summary: 'Warns whoever uses a version; without a reason no longer',
        params: versionParams,
        body: deprecateBody,
        response,
      },
    },
    async (request, reply) =>
      reply.send(await deprecate(request, reply, moduleOf(request.params), request.params.version)),
  )
  app.post(
    '/api/v1/modules/@:scope/:name/deprecate',
    {
      config: { action: 'version.yank' },
      schema: {
        summary: 'Warns whoever uses a module; without a reason no longer',
        params: moduleParams,
        body: deprecateBody,
        response,
      },
    },
    async (request, reply) => reply.send(await deprecate(request, reply, moduleOf(request.params), null)),
  )

  app.put(
    '/api/v1/modules/@:scope/:name/tags/:tag',
    { config: { action: 'tag.write' }, schema: { summary: 'Sets a tag', params: tagParams, body: tagBody, response } },
    async (request, reply) => {
      const { tag } = request.params
      const change = { type: 'tag', module: moduleOf(request.params), tag, version: request.body.version } as const
      return reply.send(await run(request, reply, change))
    },
  )
  app.delete(
    '/api/v1/modules/@:scope/:name/tags/:tag',
    { config: { action: 'tag.write' }, schema: { summary: 'Removes a tag', params: tagParams, response } },
    async (request, reply) =>
      reply.send(
        await run(request, reply, {
          type: 'tag',
          module: moduleOf(request.params),
          tag: request.params.tag,
          version: null,
        }),
      ),
  )
}

function isStaff({ principal }: FastifyRequest): boolean {
  return userOf(principal)?.staff === true
}
