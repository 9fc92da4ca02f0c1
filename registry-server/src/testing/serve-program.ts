/** A registry in a process of its own: takes its storage as JSON, prints its port, ends when its standard input does. */
import type { AddressInfo } from 'node:net'
import { openRegistry, type RegistryOptions } from '../registry.ts'
import { createServer } from '../server.ts'

const storage = JSON.parse(process.argv[2]!) as Omit<RegistryOptions, 'url'>
const registry = await openRegistry({ ...storage, url: 'http://registry.test' })
const app = createServer(registry, { onError: (error) => console.error(error) })
await app.listen({ host: '127.0.0.1', port: 0 })
process.stdin.resume().once('end', () => process.exit())
process.stdout.write(`${(app.server.address() as AddressInfo).port}\n`)
