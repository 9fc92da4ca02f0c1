import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, openRegistry } from '@ingot/registry-server'

/** The OpenAPI document of a registry, as the registry itself serves it, to be read and compared line by line. */
export async function registryApi(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ingot-registry-api-'))
  try {
    const registry = await openRegistry({ dataDir, url: 'https://registry.example.com' })
    try {
      const answer = await createServer(registry).inject('/api/v1/openapi.json')
      return `${JSON.stringify(answer.json(), null, 2)}\n`
    } finally {
      await registry.close()
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}
