import { Command } from 'commander'
import { expect, test } from 'vitest'
import { registerServe } from './registry-serve.ts'

test.each(['nonsense', '10.0.0.0/33', '127.0.0.1,', '::1/129', 'proxy.example'])(
  'ingot registry serve does not trust the proxies "%s"',
  async (proxies) => {
    const program = new Command().exitOverride()
    registerServe(program)
    const run = program.parseAsync(['serve', '--trust-proxy', proxies], { from: 'user' })
    await expect(run).rejects.toThrow('want an address or a network, such as "10.1.0.0/16"')
  },
)

test('ingot registry serve tells what is wrong with --trusted-issuers, and starts nothing', async () => {
  const program = new Command().exitOverride()
  registerServe(program)
  const run = program.parseAsync(['serve', '--trusted-issuers', 'none.json'], { from: 'user' })
  await expect(run).rejects.toThrow('Cannot use --trusted-issuers "none.json": ENOENT')
})
