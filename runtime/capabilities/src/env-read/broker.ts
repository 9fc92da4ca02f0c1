import type { Variables } from '@ingot/sdk'
import type { Access } from '../access/access.ts'
import type { Designation } from '../access/designation.ts'
import { variableAllowed } from './policy.ts'

export function createVariables(access: Access, allowed: () => Designation, environment: NodeJS.ProcessEnv): Variables {
  return {
    get(name) {
      if (!access.trusted && !variableAllowed(allowed(), name))
        throw access.denied('env.read', name, 'no grant names it')
      access.used('env.read')
      return Object.hasOwn(environment, name) ? environment[name] : undefined
    },
  }
}
