import { indexHead, indexLine } from '@ingot/manifest'
import { z } from 'zod'
import type { RegistryApi } from '../account/registry-api.ts'

const answer = z.object({ head: indexHead, versions: z.array(indexLine) })

/** What a registry lists of a module, to be shown: what is pinned is chosen by what is verified. */
export function readIndex(api: RegistryApi, module: string): Promise<z.infer<typeof answer>> {
  return api.json(answer, 'GET', `/modules/${module}`)
}
