/** A registry in a process of its own, to be killed: prints its port. */
import type { AddressInfo } from 'node:net'
import { openRegistry } from '../registry.ts'
import { createServer } from '../server.ts'

const registry = await openRegistry({ dataDir: process.argv[2]!, url: 'http://registry.test' })
const app = createServer(registry)
await app.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`${(app.server.address() as AddressInfo).port}\n`)
