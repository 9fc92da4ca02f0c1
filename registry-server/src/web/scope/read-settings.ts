import { proofDescription, scopeMember, scopePolicy } from '@ingot/manifest'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { publisherList } from '../../routes/trusted-publishers.ts'
import { askApi } from '../forms/ask-api.ts'
import type { SettingsContent } from './settings-page.ts'

/** What the settings of a scope show, as the API tells whoever asks. */
export async function readSettings(request: FastifyRequest, scope: string): Promise<SettingsContent> {
  const path = `/api/v1/scopes/@${scope}`
  const get = async (part: string): Promise<unknown> => (await askApi(request, 'GET', `${path}${part}`)).body
  const [described, members, trusted, proofs] = await Promise.all(
    ['', '/members', '/trusted-publishers', '/proofs'].map(get),
  )
  return {
    name: `@${scope}`,
    policy: z.object({ policy: scopePolicy }).parse(described).policy,
    members: z.object({ members: z.array(scopeMember) }).parse(members).members,
    proofs: z.object({ proofs: z.array(proofDescription) }).parse(proofs).proofs,
    ...publisherList.parse(trusted),
  }
}
