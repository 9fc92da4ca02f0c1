import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { problemDocument } from '@ingot/manifest'
import { Command } from 'commander'
import { expect, onTestFinished, test } from 'vitest'
import { registerServe } from './registry-serve.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

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

test('ingot registry serve asks the issuers of --trusted-issuers, and no others', { timeout: 60_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'ingot-serve-'))
  // It cannot be asked, which is another answer than that of an issuer that nobody trusts.
  const issuer = 'http://127.0.0.1:9'
  await writeFile(join(dir, 'issuers.json'), JSON.stringify({ issuers: [{ name: 'forge', issuer, kind: 'gitlab' }] }))
  const flags = ['--listen', '127.0.0.1:0', '--data', join(dir, 'data'), '--trusted-issuers', join(dir, 'issuers.json')]
  const server = spawn(process.execPath, [main, 'registry', 'serve', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(async () => {
    if (server.exitCode === null && server.kill()) await once(server, 'exit')
    await rm(dir, { recursive: true, force: true })
  })
  const [said] = (await once(server.stdout, 'data')) as [Buffer]
  const url = /http:\S+?(?=\/\n)/.exec(said.toString())![0]
  const refusal = async (iss: string): Promise<string> => {
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const jwt = `${encode({ alg: 'RS256', kid: 'a' })}.${encode({ iss, aud: url })}.${encode({})}`
    const body = JSON.stringify({ jwt, module: '@acme/redact', version: '1.0.0', sha512: '0'.repeat(128) })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${url}/api/v1/oidc/exchange`, { method: 'POST', headers, body })
    return problemDocument.parse(await answer.json()).code
  }
  expect([await refusal(issuer), await refusal('http://127.0.0.1:10')]).toEqual(['issuer_down', 'oidc_refused'])
})
