import { readdirSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { GitOrigin, serveGitOverHttp } from '../servers/git.ts'
import { requireServer } from '../servers/index.ts'
import { type Answer, declares, git, http, nodesOf, Place, waitMs, Web } from './remote-place.ts'

test('import.http brings what the server has, with the given method, headers, body and credentials', async () => {
  const web = await Web.start((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () =>
      response.end(declares(`${request.method!.toLowerCase()}_${Buffer.concat(pieces).toString()}`)),
    )
  })
  const more = `method = "POST"
  body = "given"
  headers = { "X-Tenant" = "one" }
  client {
    bearer_token = "t0ken"
  }`
  const place = new Place(http(web.url, 'post_given', more))
  expect(await place.check()).toMatchObject({ errors: 0 })
  expect(web.requests[0]!.headers).toMatchObject({ 'x-tenant': 'one', authorization: 'Bearer t0ken' })
})

test.for([
  ['a status that is no success', Web.text('nothing', 404), 'the server answered with status 404, want 200'],
  [
    'a connection that breaks',
    (_: unknown, response: ServerResponse) => response.destroy(),
    'Cannot GET http://127.0.0.1',
  ],
  ['an answer that does not come', () => undefined, 'no answer within 200 ms'],
  [
    'more than a configuration has',
    Web.text('x'.repeat(16 * 2 ** 20 + 1)),
    'the response has more than 16777216 bytes',
  ],
  [
    'bytes that are no text',
    (_: unknown, response: ServerResponse) => response.end(Buffer.from([0xff, 0xfe, 0xfd])),
    'invalid-encoding',
  ],
  ['text that does not parse', Web.text('declare "a" {'), 'unclosed-block'],
  ['a component at the top', Web.text('local.file "a" { filename = "x" }'), 'misplaced-block'],
  ['an import.file', Web.text('import.file "a" { filename = "x" }'), 'misplaced-block'],
] as [string, Answer, string][])('import.http is an error for %s', async ([, answer, said]) => {
  const web = await Web.start(answer)
  const more = 'poll_timeout = "200ms"\nclient {\n bearer_token = "t0ken"\n}'
  const place = new Place(http(`${web.url}?key=k3y`, 'a', more))
  const { errors, printed } = await place.check()
  expect(errors).toBeGreaterThan(0)
  expect(printed).toContain(said)
  expect(printed.replaceAll(/^.*\|.*$/gm, '')).not.toMatch(/t0ken|k3y/)
})

test('import.http follows a redirect, unless it is told not to', async () => {
  const web = await Web.start((request, response) =>
    request.url === '/there' ? response.end(declares('a')) : response.writeHead(302, { location: '/there' }).end(),
  )
  expect(await new Place(http(web.url, 'a')).check()).toMatchObject({ errors: 0 })
  const { printed } = await new Place(http(web.url, 'a', 'client {\n follow_redirects = false\n}')).check()
  expect(printed).toContain('the server answered with status 302')
})

test('import.http notices other content, and keeps the last good one while the server fails', async () => {
  const web = await Web.start(declares('one'))
  const place = new Place(http(web.url, 'one'))
  const running = place.running()
  expect((await running.load()).errors).toBe(0)
  expect(running.health).toEqual(['import.http.lib healthy'])
  web.answer = Web.text('down', 500)
  await vi.waitFor(() => expect(running.health).toEqual(['import.http.lib unhealthy']), waitMs)
  const again = await running.load()
  expect(again.errors).toBe(0)
  expect(nodesOf(again)).toEqual(['lib.one.x'])
  expect(running.changed).toEqual([])
  expect(running.log.join()).toContain('the server answered with status 500')
  web.answer = Web.text(declares('one') + declares('two'))
  await vi.waitFor(() => expect(running.changed).toContain('import.http.lib'), waitMs)
  place.write(http(web.url, 'two'))
  const changed = await running.load()
  expect(nodesOf(changed)).toEqual(['lib.two.x'])
  expect(running.health).toEqual(['import.http.lib healthy'])
})

test('module_path in what a web server brings is the address without its last part', async () => {
  const web = await Web.start('declare "a" {\n local.file "f" {\n filename = module_path\n }\n}')
  const url = `${web.url.replace('//', '//user:pa55@')}?key=k3y`
  const { validated } = await new Place(http(url, 'a')).running().load()
  const { frames } = validated
  expect(frames.get('lib.a.x/local.file.f')?.value).toMatchObject({ filename: web.url.replace('shared.alloy', '') })
})

test('import.http is asked once, however often the configuration is loaded', async () => {
  const web = await Web.start(declares('one'))
  const place = new Place(http(web.url, 'one').replace('20ms', '1h'))
  const running = place.running()
  for (let i = 0; i < 3; i++) await running.load()
  expect(web.requests).toHaveLength(1)
})

test('import.git follows a branch, and nested imports are read from its work tree', async (context) => {
  requireServer('git', context)
  const inner = 'import.file "inner" {\n filename = file.path_join(module_path, "parts/inner.alloy")\n}\n'
  const origin = GitOrigin.make({
    'lib.alloy': `${inner}declare "a" {\n inner.b "y" { }\n}\n`,
    'parts/inner.alloy': declares('b'),
  })
  const place = new Place(git(origin.path, 'a'))
  const running = place.running()
  expect(nodesOf(await running.load())).toEqual(['lib.a.x', 'lib.a.x/inner.b.y'])
  expect(readdirSync(join(place.dir, 'data', 'import.git.lib'))).toContain('repo')
  origin.commit({ 'lib.alloy': `${inner}declare "a" {\n inner.c "z" { }\n}\n`, 'parts/inner.alloy': declares('c') })
  await vi.waitFor(() => expect(running.changed).toContain('import.git.lib'), waitMs)
  expect(nodesOf(await running.load())).toEqual(['lib.a.x', 'lib.a.x/inner.c.z'])
})

test('import.git starts from its last good clone when the repository is gone, and recovers', async (context) => {
  requireServer('git', context)
  const origin = GitOrigin.make({ 'lib.alloy': declares('a') })
  const server = await serveGitOverHttp(origin)
  const place = new Place(git(server.url, 'a'))
  const first = place.running()
  expect((await first.load()).errors).toBe(0)
  await server.stop()
  await vi.waitFor(() => expect(first.health).toEqual(['import.git.lib unhealthy']), waitMs)
  await first.remotes.close()
  const second = place.running()
  const loaded = await second.load()
  expect(loaded).toMatchObject({ errors: 0 })
  expect(loaded.printed).toContain('warning[failed-import]')
  expect(second.health).toEqual(['import.git.lib unhealthy'])
  await serveGitOverHttp(origin, { port: server.port })
  await vi.waitFor(() => expect(second.health).toEqual(['import.git.lib healthy']), waitMs)
  expect(second.changed).toEqual([])
})

test('import.git without a clone is an error when the repository is gone', async (context) => {
  requireServer('git', context)
  const place = new Place(git(join(tmpdir(), 'ingot-nowhere'), 'a'))
  const { errors, printed } = await place.running().load()
  expect(errors).toBe(1)
  expect(printed).toContain('error[failed-import]: Cannot load import.git "lib"')
})

test('a configuration that does not hold leaves the imports of the one that runs alone', async (context) => {
  requireServer('git', context)
  const web = await Web.start(declares('one'))
  const place = new Place(http(web.url, 'one'))
  const running = place.running()
  await running.load()
  place.write(http(`${web.url}?other`, 'unknown'))
  const loaded = await running.load()
  expect(loaded.configuration).toBeUndefined()
  web.answer = Web.text(declares('one') + declares('more'))
  await vi.waitFor(() => expect(running.changed).toContain('import.http.lib'), waitMs)
})
