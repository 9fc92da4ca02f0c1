import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, type TestContext, vi } from 'vitest'
import { loadConfiguration } from '../../runtime/engine/src/control/load-configuration.ts'
import { lockConfiguration } from '../../runtime/engine/src/control/lock-configuration.ts'
import { RemoteImports } from '../../runtime/engine/src/control/imports/remote-imports.ts'
import { GitOrigin, serveGitOverHttp } from '../servers/git.ts'
import { requireServer } from '../servers/index.ts'
import { declares, git, http, nodesOf, Place, waitMs, Web } from './remote-place.ts'

const both = (repository: string, url: string) =>
  `${git(repository, 'a')}${http(url, 'b').replaceAll('lib', 'web').replace('/web/', '/lib/')}`

async function locked(context: TestContext): Promise<{ place: Place; origin: GitOrigin; web: Web }> {
  requireServer('git', context)
  const origin = GitOrigin.make({ 'lib.alloy': declares('a') })
  const web = await Web.start(declares('b'))
  const place = new Place(both(origin.path, web.url))
  return { place, origin, web }
}

test('lockConfiguration() pins commits and content, keeps modules, and forgets what is no longer imported', async (context) => {
  const { place, origin, web } = await locked(context)
  const module = {
    from: 'main',
    range: '^1.0.0',
    integrity: 'sha512-x',
    manifest: 'sha256-x',
    caps: 'sha256-x',
    capSummary: [],
  }
  const before = {
    lockfileVersion: 1,
    registries: {},
    imports: { 'main.alloy#m': '@a/m@1.0.0' },
    modules: { '@a/m@1.0.0': module },
  }
  const lockPath = join(place.dir, 'ingot.lock')
  writeFileSync(lockPath, JSON.stringify(before))
  const { pinned } = await lockConfiguration(place.input())
  expect(pinned).toMatchObject([{ isNew: true }, { isNew: true }])
  const lock = JSON.parse(readFileSync(lockPath, 'utf8'))
  expect(lock).toMatchObject(before)
  expect(lock.sources).toMatchObject({
    'main.alloy#import.git.lib': { kind: 'git', revision: 'main', commit: origin.git('rev-parse', 'HEAD') },
    'main.alloy#import.http.web': { kind: 'http', url: web.url, integrity: expect.stringMatching(/^sha256-/) },
  })
  const text = readFileSync(lockPath, 'utf8')
  await lockConfiguration(place.input())
  expect(readFileSync(lockPath, 'utf8')).toBe(text)
  place.write(git(origin.path, 'a'))
  await lockConfiguration(place.input())
  expect(Object.keys(JSON.parse(readFileSync(lockPath, 'utf8')).sources)).toEqual(['main.alloy#import.git.lib'])
})

test('--frozen refuses what is not pinned, without asking for it', async (context) => {
  const { place, web } = await locked(context)
  const { errors, printed, lockDisagrees } = await place.check({ frozen: true })
  expect({ errors, lockDisagrees }).toEqual({ errors: 2, lockDisagrees: true })
  expect(printed).toContain('Cannot load import.http "web": ingot.lock does not pin it')
  expect(printed).toContain(`hint: run "ingot module lock ${place.configPath}" and review the change`)
  expect(web.requests).toEqual([])
})

test('--frozen refuses what has moved, which is a warning otherwise', async (context) => {
  const { place, origin, web } = await locked(context)
  await lockConfiguration(place.input())
  expect(await place.check({ frozen: true })).toMatchObject({ errors: 0, lockDisagrees: false })
  const was = origin.git('rev-parse', 'HEAD')
  const now = origin.commit({ 'lib.alloy': declares('a') + declares('new') })
  web.answer = Web.text(`${declares('b')}\n`)
  const { errors, printed, lockDisagrees } = await place.check({ frozen: true })
  expect({ errors, lockDisagrees }).toEqual({ errors: 2, lockDisagrees: true })
  expect(printed).toContain(`ingot.lock pins "main" to the commit ${was}, and it was found at ${now}`)
  expect(printed).toMatch(/ingot\.lock pins the content sha256-\S+, and sha256-\S+ was found/)
  const thawed = await place.check()
  expect(thawed).toMatchObject({ errors: 0, lockDisagrees: false })
  expect(thawed.printed).toContain('warning[lock-mismatch]: Should not load import.git "lib"')
  await lockConfiguration(place.input())
  expect(await place.check({ frozen: true })).toMatchObject({ errors: 0 })
})

test('--frozen refuses a configuration that names something else than what is pinned', async (context) => {
  const { place, origin, web } = await locked(context)
  await lockConfiguration(place.input())
  origin.git('tag', 'v1')
  place.write(both(origin.path, web.url).replace('pull_frequency', 'revision = "v1"\n  pull_frequency'))
  const { errors, printed } = await place.check({ frozen: true })
  expect(errors).toBe(1)
  expect(printed).toContain(`at "main", and the configuration names "lib.alloy" of "file://${origin.path}" at "v1"`)
})

test('a frozen collector starts from what is pinned while nobody answers', async (context) => {
  requireServer('git', context)
  const origin = GitOrigin.make({ 'lib.alloy': declares('a') })
  const server = await serveGitOverHttp(origin)
  const web = await Web.start(declares('b'))
  const place = new Place(both(server.url, web.url))
  await lockConfiguration(place.input())
  await web.stop()
  await server.stop()
  const running = place.running(true)
  const loaded = await running.load()
  expect(loaded).toMatchObject({ errors: 0 })
  expect(running.health).toEqual(['import.git.lib unhealthy', 'import.http.web unhealthy'])
  // As `ingot validate` does, frozen or not.
  expect(await place.check()).toMatchObject({ errors: 0 })
  rmSync(join(place.dir, 'ingot.lock'))
  expect(await place.check()).toMatchObject({ errors: 2 })
})

test('a frozen collector does not follow what moves', async (context) => {
  const { place, origin, web } = await locked(context)
  await lockConfiguration(place.input())
  const running = place.running(true)
  expect((await running.load()).errors).toBe(0)
  origin.git('commit', '--quiet', '--amend', '--message=forced')
  origin.commit({ 'lib.alloy': declares('a') + declares('moved') })
  web.answer = Web.text(declares('b') + declares('moved'))
  await vi.waitFor(
    () => expect(running.health).toEqual(['import.git.lib unhealthy', 'import.http.web unhealthy']),
    waitMs,
  )
  expect(running.log.filter((line) => line.includes('not updated: ingot.lock pins'))).toHaveLength(2)
  expect(running.changed).toEqual([])
  const loaded = await running.load()
  expect(loaded.errors).toBe(0)
  expect(nodesOf(loaded)).toEqual(['lib.a.x'])
  await lockConfiguration(place.input())
  expect((await running.load()).errors).toBe(0)
  expect(running.health).toEqual(['import.git.lib healthy', 'import.http.web healthy'])
})

test('without the network nobody is asked, and what was fetched earlier is used', async (context) => {
  const { place, web } = await locked(context)
  const offline = async () => {
    const remotes = new RemoteImports({ cacheDir: join(place.dir, 'cache'), offline: true })
    const more = {
      storageDir: '',
      lanes: 1,
      lanesStarted: false,
      sandboxAll: false,
      liveExports: () => undefined,
      remotes,
    }
    return loadConfiguration({ ...place.input(), ...more })
  }
  expect(await offline()).toMatchObject({ errors: 0 })
  expect(web.requests).toEqual([])
  await place.check()
  place.write(`${readFileSync(place.configPath, 'utf8')}lib.unknown "u" { }\nweb.unknown "u" { }\n`)
  const { errors, printed } = await offline()
  expect({ errors, requests: web.requests.length }).toEqual({ errors: 2, requests: 1 })
  expect(printed.match(/unknown-component/g)).toHaveLength(2)
})
