import { Secret } from '@ingot/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SandboxFixture } from './testing/sandbox-fixture.ts'

let fixture: SandboxFixture
beforeAll(async () => {
  fixture = await SandboxFixture.open()
})
afterAll(() => fixture.close())

const code = `export default {
  name: 'test',
  arguments: { parse: (value) => value },
  async run({ args, env, setExports, receive }) {
    receive('receiver', async () => ({ status: 'delivered' }))
    const { body } = await env.http.request({ url: 'x', headers: { authorization: args.password } })
    setExports({ passed: { on: args.password }, seen: args.password.reveal(), sent: env.text.decode(body) })
  },
}`

async function exportsOf(trusted: boolean): Promise<Record<string, unknown>> {
  const request = async ({ headers }: { headers: { authorization: Secret } }) => ({
    status: 200,
    headers: {},
    body: Buffer.from(headers.authorization.reveal()),
  })
  const component = fixture.make(code, { trusted, capabilities: ['http.request'], env: { http: { request } } })
  const exported = new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (!component.exports['seen']) return
      clearInterval(timer)
      resolve()
    }, 5)
  })
  await component.instance.start({ value: { password: 'open sesame' }, outputs: [], secrets: [['password']] }, () => {})
  await exported
  return component.exports
}

test('a component that nobody vouches for sends and exports a secret without knowing it', async () => {
  const { passed, seen, sent } = await exportsOf(false)
  expect(seen).not.toContain('sesame')
  expect(sent).toBe('open sesame')
  expect((passed as { on: Secret }).on).toBeInstanceOf(Secret)
  expect((passed as { on: Secret }).on.reveal()).toBe('open sesame')
})

test('a trusted component knows its secrets in a runner as in a lane', async () => {
  const { passed, seen, sent } = await exportsOf(true)
  expect([seen, sent]).toEqual(['open sesame', 'open sesame'])
  expect((passed as { on: Secret }).on.reveal()).toBe('open sesame')
})
