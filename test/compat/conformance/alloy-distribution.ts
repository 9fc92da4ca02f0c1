import { readFileSync } from 'node:fs'
import { plannedComponentsFile, readPlannedComponents } from '@ingot/check'
import type { Distribution, LoadedComponent } from '@ingot/loader'

/**
 * A distribution that has every component of Alloy, as the facts describe them: what a configuration means does not
 * depend on which components are there already. Nothing of it can run.
 */
export function alloyDistribution(): Distribution {
  const planned = readPlannedComponents(readFileSync(plannedComponentsFile, 'utf8'))
  const loaded = new Map([...planned.names].map((name) => [name, loadedComponent(name)]))
  function loadedComponent(name: string): LoadedComponent {
    const { arguments: args, exports, ...level } = planned.manifest(name)!
    const rest = {
      summary: '',
      capabilities: {},
      scaling: 'single',
      tags: [],
      entry: 'absent.mjs',
      sha256: '',
    } as const
    const component = { name, ...level, arguments: args, exports, ...rest, tags: [] }
    return {
      name,
      module: '@ingot/alloy',
      version: '1.18.0',
      component,
      bundlePath: '',
      sha256: '',
      kind: 'portable',
      trusted: true,
    }
  }
  return {
    lock: { lockfileVersion: 1, modules: {} } as unknown as Distribution['lock'],
    keyId: '',
    lookup: (name) => loaded.get(name),
    components: () => [...loaded.values()],
  }
}
