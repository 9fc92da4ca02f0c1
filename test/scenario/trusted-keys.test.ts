/** Keys of `ingot { trust { … } }`: whose modules run in lanes. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Collector } from '../servers/ingot.ts'
import { TestRegistry } from '../servers/registry.ts'
import {
  fileSource,
  lokiWrite,
  LogWriter,
  startIngot,
  startReceiver,
  temporaryDir,
  untilArrived,
  untilBalanced,
} from './log-pipeline.ts'

interface RootDocument {
  readonly keys: Readonly<Record<string, { readonly spki: string }>>
  readonly roles: { readonly publish: { readonly keyids: readonly string[] } }
}

test(
  'a module runs in a lane when a trusted key has signed it, in a runner otherwise',
  { timeout: 90_000 },
  async () => {
    const dir = temporaryDir()
    const registry = await TestRegistry.start(join(dir, 'registry'))
    await registry.publish(fileURLToPath(new URL('testdata/moody-module', import.meta.url)))
    await registry.pin(dir, '@acme/moody', 'moody')
    const { payload } = (await (await fetch(`${registry.url}/keys/root.json`)).json()) as { payload: string }
    const root = JSON.parse(Buffer.from(payload, 'base64').toString()) as RootDocument
    const key = `ed25519:${root.keys[root.roles.publish.keyids[0]!]!.spki}`
    const { receiver, pushUrl } = await startReceiver()
    const writer = new LogWriter(dir, 'app')
    const config = (trust: string): string => `
    ${trust}
    ${registry.block('@acme')}
    import.module "moody" {
      module  = "@acme/moody"
      version = "^1.0.0"
    }
    ${fileSource('app', writer.path, '[moody.pass.one.receiver]')}
    moody.pass "one" { forward_to = [loki.write.out.receiver] }
    ${lokiWrite('out', pushUrl)}`
    const room = async (collector: Collector): Promise<string> =>
      /in (lane|a runner|runner)/.exec(await (await collector.get('/component/moody.pass.one')).text())?.[1] ??
      'unknown'
    const trusting = config(`ingot { trust { keys = ["${key}"] } }`)

    const collector = await startIngot({ config: config(''), dir, flags: ['--lanes=2'] })
    expect(await room(collector)).not.toBe('lane')
    writer.write(100)
    await untilArrived(receiver, [writer], 'lines through the runner')
    // Trust may come with a reload: the component moves.
    collector.writeConfig(trusting)
    expect((await collector.reload()).text).toContain('0 updated, 1 started, 0 stopped, 3 untouched')
    expect(await room(collector)).toBe('lane')
    writer.write(100)
    await untilArrived(receiver, [writer], 'lines through the lane')
    await untilBalanced(collector)
    await collector.stop()

    // The statement is kept: the registry is not needed to start.
    await registry.stop()
    const next = await startIngot({ config: trusting, dir, flags: ['--lanes=2'] })
    expect(await room(next)).toBe('lane')
    next.writeConfig(config('ingot { trust { keys = ["ed25519:bm8gc3VjaCBrZXk="] } }'))
    const { status, text } = await next.reload()
    expect(status).toBe(400)
    expect(text).toContain('Cannot read the public key')
    expect(await room(next)).toBe('lane')
  },
)
